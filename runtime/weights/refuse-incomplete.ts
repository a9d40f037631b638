import { counted, formatCount } from '../../text/count.js';
import { alignedLines } from '../../text/table.js';
import { groupBy } from '../data/group-by.js';
import { UserError } from '../errors/user-error.js';
import { sizeOf } from '../files/tensor-types.js';
import type { ImportPlan, ImportTarget, ImportTensor } from './plan-import.js';
import { shapeOfSource, showShape, showSource, trimmedShape, type WeightSource } from './weight-source.js';

/** Equal up to leading and trailing axes of size 1: [24, 96, 1] for [24, 96], [1] for []. */
function sameUpToOnes(a: readonly number[], b: readonly number[]): boolean {
  const ones = (shape: readonly number[]): boolean => shape.every((size) => size === 1);
  return trimmedShape(a) === trimmedShape(b) && ones(a) === ones(b);
}

/** What prevents an import. */
interface Problems {
  /** Weights whose tensor is not in the file. */
  readonly missing: readonly string[];
  /** Weights whose tensor has another shape, or whose source gives none. */
  readonly misshapen: ReadonlyMap<string, string>;
  /** Tensors that are not used, or not wholly. */
  readonly unused: readonly string[];
  /** Tensors that several weights use. */
  readonly shared: readonly string[];
}

function problemsOf({ weights }: ImportTarget, { sources, tensors }: ImportPlan): Problems {
  const missing: string[] = [];
  const misshapen = new Map<string, string>();
  for (const { id, shape } of weights) {
    const source = sources.get(id);
    if (source === undefined) continue;
    const shapes = source.names.flatMap((name) => (tensors.has(name) ? [tensors.get(name)!.shape] : []));
    if (shapes.length < source.names.length) missing.push(id);
    else {
      const given = shapeOfSource(source, shapes);
      if ('problem' in given) misshapen.set(id, given.problem);
      else if (!fitsShape(given.shape, shape, source)) misshapen.set(id, showShape(given.shape));
    }
  }
  return { missing, misshapen, ...usesOf(sources, tensors) };
}

/** A source with a `reshape` gives its values in the shape of the weight. */
function fitsShape(given: readonly number[], shape: readonly number[], { reshape }: WeightSource): boolean {
  return reshape === undefined ? sameUpToOnes(given, shape) : sizeOf(given) === sizeOf(shape);
}

/** Tensors that are not used, and those that are used more than once: each part must be used exactly once. */
function usesOf(
  sources: ReadonlyMap<string, WeightSource>,
  tensors: ReadonlyMap<string, ImportTensor>,
): Pick<Problems, 'unused' | 'shared'> {
  const uses = groupBy(
    [...sources.values()].flatMap(({ names, part }) => names.map((name) => ({ name, part }))),
    ({ name }) => name,
  );
  const unused: string[] = [];
  const shared: string[] = [];
  for (const name of tensors.keys()) {
    const parts = (uses.get(name) ?? []).map(({ part }) => part);
    if (parts.length === 0) unused.push(name);
    const of = parts[0]?.of ?? 1;
    const numbers = new Set(parts.map((part) => part?.number ?? 1));
    if (parts.some((part) => (part?.of ?? 1) !== of) || numbers.size < parts.length) shared.push(name);
    else if (parts.length > 0 && numbers.size < of) unused.push(name);
  }
  return { unused, shared };
}

/** Rows of each list in a message. */
const mostRows = 20;

/** A list with a heading, its columns aligned; empty if it has no rows. */
function listing(heading: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, mostRows);
  const lines = alignedLines(shown).map((line) => `    ${line}`);
  const rest = rows.length - shown.length;
  return [`  ${heading}:`, ...lines, ...(rest > 0 ? [`    and ${formatCount(rest)} more`] : [])];
}

/** Both sides of an import that cannot be completed: the weights without a tensor, and the tensors without a weight. */
function bothSides({ weights }: ImportTarget, plan: ImportPlan, problems: Problems): string[] {
  const { sources, open, tensors } = plan;
  const { missing, misshapen, unused, shared } = problems;
  const shapes = new Map(weights.map(({ id, shape }) => [id, showShape(shape)]));
  const mappedTo = (id: string): string => {
    const source = sources.get(id)!;
    return source.names.length === 1 && source.names[0] === id ? '' : `mapped to ${showSource(source)}`;
  };
  const none = weights.filter(({ id }) => !sources.has(id) && (open.get(id) ?? []).length === 0).map(({ id }) => id);
  const choices = [...open].filter(([, candidates]) => candidates.length > 0);
  const candidateNames = new Set(choices.flatMap(([, candidates]) => candidates));
  return [
    ...listing('Weights of the network that are missing in the file', [
      ...missing.map((id) => [id, shapes.get(id)!, mappedTo(id)]),
      ...none.map((id) => [id, shapes.get(id)!, 'no tensor has this shape']),
    ]),
    ...listing(
      'Weights whose tensor has another shape',
      [...misshapen].map(([id, given]) => [
        id,
        shapes.get(id)!,
        `${showSource(sources.get(id)!)} ${given}`,
        rankNote(shapes.get(id)!, given),
      ]),
    ),
    ...listing(
      'Weights of the network that could be several tensors',
      choices.map(([id, candidates]) => [id, shapes.get(id)!, firstOf(4, candidates)]),
    ),
    ...listing(
      'Tensors of the file that are not used',
      unused
        .filter((name) => !candidateNames.has(name))
        .map((name) => [name, showShape(tensors.get(name)!.shape), partNote(name, sources)]),
    ),
    ...listing(
      'Tensors of the file that several weights use',
      shared.map((name) => [name, showShape(tensors.get(name)!.shape)]),
    ),
    ...listing(
      'Ids in the map that the network does not have',
      plan.unknown.map((id) => [id]),
    ),
  ];
}

/** A shape of another rank shows that the network has other axes. */
function rankNote(expected: string, given: string): string {
  const rank = (shape: string): number => shape.split(',').length;
  const isShape = given.startsWith('[') && given.endsWith(']');
  return isShape && rank(expected) !== rank(given) ? `(${rank(given)} axes, expected ${rank(expected)})` : '';
}

function partNote(name: string, sources: ReadonlyMap<string, WeightSource>): string {
  return [...sources.values()].some(({ names }) => names.includes(name)) ? 'only parts of it are used' : '';
}

function firstOf(most: number, names: readonly string[]): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} or ${formatCount(names.length - most)} more` : shown;
}

const isStatistic = (id: string): boolean => /(^|\.)running_(mean|var)$/.test(id);

/**
 * Refuses an import that would leave a weight at its initial value, or a tensor unused.
 * @throws UserError UNET6052 (does not fit), UNET6053 (several tensors fit); both list both sides
 */
export function refuseIncomplete(target: ImportTarget, plan: ImportPlan, source: string): void {
  const problems = problemsOf(target, plan);
  const lines = bothSides(target, plan, problems);
  if (lines.length === 0) return;
  const { weights, name } = target;
  const open = [...plan.open.values()].filter((candidates) => candidates.length > 0).length;
  const fits = weights.length - problems.missing.length - problems.misshapen.size - plan.open.size;
  const summary = `${formatCount(fits)} of ${counted(weights.length, 'weight')} of the network have a tensor among ${formatCount(plan.tensors.size)} in the file`;
  const list = lines.join('\n');
  if (open > 0) {
    throw new UserError(
      'UNET6053',
      `The weights in \`${source}\` cannot be matched with those of the network \`${name}\` without a choice: ${summary}.\n${list}`,
      'Write a draft with `--write-map names.json`, choose a name where it lists candidates, and pass it with `--map names.json`.',
    );
  }
  const statistics = problems.missing.filter(isStatistic);
  throw new UserError(
    'UNET6052',
    `The weights in \`${source}\` do not fit the network \`${name}\`: ${summary}.\n${list}`,
    statistics.length > 0 && statistics.length === problems.missing.length
      ? 'The file lacks the running statistics of batch norms, which a network needs to predict. Save the whole `state_dict()`, which contains buffers, not just parameters.'
      : 'Map the names with `--map` (`--write-map` drafts a map), leave tensors out with `--ignore`, and check knobs such as the width, which determine the shapes.',
  );
}
