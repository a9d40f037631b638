import { createHash } from 'node:crypto';
import type { InputDescription, ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import type { Protocol } from '../../contract/protocol.js';
import { didYouMean, listNames } from './names.js';
import type { DataCase, Dataset, Identification, IdentifierValues } from './types.js';
import { counted } from '../../text/count.js';

type IdentifierInput = Extract<InputDescription, { kind: 'identifier' }>;

/** The network's identifier inputs, in order. */
export function identifierInputs(description: ModelDescription): IdentifierInput[] {
  return description.inputs.filter((input): input is IdentifierInput => input.kind === 'identifier');
}

function allCases(dataset: Dataset): readonly DataCase[] {
  return [...dataset.cases, ...dataset.unlabelled];
}

function byCase(dataset: Dataset, valueOf: (each: DataCase) => number): Record<string, number> {
  return Object.fromEntries(allCases(dataset).map((each) => [each.id, valueOf(each)]));
}

function checkColumn(dataset: Dataset, input: IdentifierInput, column: string): void {
  if (dataset.columns.includes(column)) return;
  const has = `Its columns are ${listNames(dataset.columns)}.`;
  throw new UserError(
    'UNET6016',
    `Data set \`${dataset.dir}\` has no column \`${column}\` in \`cases.csv\`, which the input \`${input.name}\` takes its values from.`,
    didYouMean(column, dataset.columns, has),
  );
}

function fromColumn(
  dataset: Dataset,
  input: IdentifierInput,
  column: string,
  known: readonly string[] | undefined,
): IdentifierValues {
  checkColumn(dataset, input, column);
  const valueOf = (each: DataCase): string => each.columns[column] ?? '';
  const met = [...new Set(allCases(dataset).map(valueOf))].filter((value) => value !== '').sort();
  const names = known ?? met;
  if (names.length > input.count) {
    throw new UserError(
      'UNET6027',
      `Column \`${column}\` of \`cases.csv\` has ${counted(names.length, 'value')}, but the input \`${input.name}\` accepts only ${input.count}.`,
      `Declare \`${input.name}: identifier(${names.length})\`.`,
    );
  }
  return {
    source: 'column',
    names,
    byCase: byCase(dataset, (each) => names.indexOf(valueOf(each))),
    written: Object.fromEntries(allCases(dataset).map((each) => [each.id, valueOf(each)])),
    unknown: met.filter((value) => !names.includes(value)),
  };
}

/** An identifier that no case has. */
function unsourced(dataset: Dataset): IdentifierValues {
  return { source: 'none', names: [], byCase: byCase(dataset, () => -1), written: {}, unknown: [] };
}

/**
 * The first 32 bits of the id's SHA-256, modulo `count`: the same in every process, without information about the case.
 */
function hashOf(id: string, count: number): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % count;
}

/**
 * The value of each identifier input for every case. A column's values are numbered by name over the whole data set,
 * independent of the fold; an empty cell, and an input that the protocol does not name, is -1.
 * @param known values by input as recorded by a run (`IdentifierValues.names`): a trained network keeps its numbers
 * @throws UserError UNET6016 (unknown column or input), UNET6027 (more values than the input allows)
 */
export function identifyCases(
  dataset: Dataset,
  description: ModelDescription,
  identify: Protocol['identify'],
  known: Readonly<Record<string, readonly string[]>> = {},
): Identification {
  const inputs = identifierInputs(description);
  const names = inputs.map(({ name }) => name);
  // A network without the input (a baseline under a study's common protocol) ignores the value; this is not an
  // error.
  const entries = inputs.map((input): [string, IdentifierValues] => {
    const source = identify.find((each) => each.input === input.name)?.source;
    if (source === undefined) {
      return [input.name, unsourced(dataset)];
    }
    // Without a `cases.csv` the column's values are unknown, and the case trains without them; the caller warns
    // about it. A file without the column is an error.
    if (source.kind === 'column' && dataset.columns.length === 0) return [input.name, unsourced(dataset)];
    if (source.kind === 'column') return [input.name, fromColumn(dataset, input, source.name, known[input.name])];
    const values = byCase(dataset, ({ id }) => hashOf(id, input.count));
    return [input.name, { source: 'hash_case', names: [], byCase: values, written: {}, unknown: [] }];
  });
  if (names.length > 0 && identify.length > 0 && !identify.some(({ input }) => names.includes(input))) {
    const given = identify.map(({ input }) => input);
    throw new UserError(
      'UNET6016',
      `The protocol sets the identifiers ${listNames(given)}, but the network has ${listNames(names)}.`,
      'Use the name of the input in `identify`.',
    );
  }
  return { inputs: Object.fromEntries(entries) };
}
