import type { ImportPlan, ImportTarget } from './plan-import.js';
import type { WeightSource } from './weight-source.js';

function entryOf({ names, axis, reshape, transpose, part }: WeightSource): unknown {
  const [first, ...others] = names;
  const isPlain = others.length === 0 && reshape === undefined && transpose === undefined && part === undefined;
  if (isPlain) return first;
  return {
    from: others.length === 0 ? first : names,
    ...(axis === 0 ? {} : { axis }),
    ...(reshape === undefined ? {} : { reshape }),
    ...(transpose === undefined ? {} : { transpose }),
    ...(part === undefined ? {} : { part: `${part.number}/${part.of}` }),
  };
}

/**
 * A map of names as far as it is known, as the text of a JSON file: for each weight its source, or its shape and the
 * names that it could have, the likeliest first. `$unmatched` lists the tensors that no entry uses, with their shapes.
 */
export function draftMap({ weights }: ImportTarget, { sources, open, tensors }: ImportPlan): string {
  const isThere = (source: WeightSource | undefined): source is WeightSource =>
    source?.names.every((name) => tensors.has(name)) === true;
  const entries = weights.map(({ id, shape }) => {
    const source = sources.get(id);
    return [id, isThere(source) ? entryOf(source) : { shape, candidates: open.get(id) ?? [] }] as const;
  });
  const used = new Set([...sources.values()].flatMap(({ names }) => names));
  const unmatched = [...tensors].filter(([name]) => !used.has(name)).map(([name, { shape }]) => [name, shape] as const);
  const lines = [
    ...entries.map(([id, entry]) => `  ${JSON.stringify(id)}: ${oneLine(entry)}`),
    ...(unmatched.length === 0 ? [] : [`  "$unmatched": ${inLines(unmatched)}`]),
  ];
  return `{\n${lines.join(',\n')}\n}\n`;
}

function oneLine(value: unknown): string {
  return JSON.stringify(value, undefined, 1).replace(/\n */g, ' ');
}

function inLines(entries: readonly (readonly [string, unknown])[]): string {
  return `{\n${entries.map(([key, value]) => `    ${JSON.stringify(key)}: ${oneLine(value)}`).join(',\n')}\n  }`;
}
