import { didYouMean, findName, listNames } from '../runtime/data/names.js';
import type { Identification } from '../runtime/data/types.js';
import type { Run } from '../runtime/run/run-folder.js';
import { UsageError } from './exit.js';

/** Splits `input=value` and trims both sides; the value may contain `=`. */
function parse(text: string): { input: string; value: string } {
  const at = text.indexOf('=');
  const [input, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at >= 0 && input !== '' && value !== '') return { input, value };
  throw new UsageError(`\`--identifier ${text}\` must have the form input=value, such as site=north.`);
}

/** Returns the index of a value among those the network was trained on. */
function indexOf({ info }: Pick<Run, 'info'>, input: string, value: string): number {
  const inputs = Object.keys(info.identifiers);
  const known = Object.hasOwn(info.identifiers, input) ? info.identifiers[input] : undefined;
  if (known === undefined) {
    const has =
      inputs.length === 0
        ? 'The run has no identifiers with known values.'
        : `Its identifiers are ${listNames(inputs)}.`;
    throw new UsageError(`\`${info.model}\` has no identifier \`${input}\`.`, didYouMean(input, inputs, has));
  }
  const { names, source } = known;
  if (source === 'hash_case') {
    throw new UsageError(`The value of \`${input}\` is a hash of the case's id, so it cannot be given.`);
  }
  const index = findName(value, names);
  if (index >= 0) return index;
  const has = names.length === 0 ? 'It has no values.' : `Its values are ${listNames(names)}.`;
  throw new UsageError(`The identifier \`${input}\` has no value \`${value}\`.`, didYouMean(value, names, has));
}

/**
 * Adds identifier values from the command line to a single image.
 * @param given each `input=value`
 * @throws UsageError for another form, an unknown input or value, or two values for one input
 */
export function giveIdentifiers(
  { inputs }: Identification,
  run: Pick<Run, 'info'>,
  id: string,
  given: readonly string[],
): Identification {
  const changed = { ...inputs };
  const seen = new Set<string>();
  for (const text of given) {
    const { input, value } = parse(text);
    const index = indexOf(run, input, value);
    if (seen.has(input)) throw new UsageError(`\`--identifier\` is given twice for \`${input}\`.`);
    seen.add(input);
    const before = changed[input];
    if (before === undefined) throw new UsageError(`\`${run.info.model}\` has no identifier \`${input}\`.`);
    changed[input] = { ...before, byCase: { [id]: index }, written: { [id]: value } };
  }
  return { inputs: changed };
}
