import type { OutputDescription } from '../../contract/model-description.js';
import type { ReportProtocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';
import { unionsIn } from './measures.js';

/** An output's kind and labels: the meaning of its label volumes. */
export type LabelScheme = Pick<OutputDescription, 'kind' | 'labels'>;

/** Maps label values to rows of a table and cells of a confusion matrix. */
export interface LabelMap {
  /** The classes or regions that have a row; `selected` has 256 entries, 1 for their values. */
  readonly rows: readonly { readonly name: string; readonly selected: Uint8Array }[];
  /** Names of the cells: the classes, or the combinations of regions, such as `whole+core`. */
  readonly cells: readonly string[];
  /** 256 entries: the cell of a value, -1 for an invalid value. */
  readonly cellOf: Int16Array;
}

/** Marks a value of the data set that the network's labels do not include (see `Matching.targets`). */
const NO_VALUE = 255;

function selection(values: readonly number[]): Uint8Array {
  const selected = new Uint8Array(256);
  for (const value of values) selected[value] = 1;
  return selected;
}

function classMap(labels: LabelScheme['labels']): LabelMap {
  const cellOf = new Int16Array(256).fill(-1);
  labels.forEach(({ values }, cell) => values.forEach((value) => (cellOf[value] = cell)));
  const rows = labels.slice(1).map(({ name, values }) => ({ name, selected: selection(values) }));
  return { rows, cells: labels.map(({ name }) => name), cellOf };
}

function regionMap(labels: LabelScheme['labels']): LabelMap {
  const cells: string[] = [];
  const cellOf = Int16Array.from({ length: 256 }, (_, value) => {
    if (value === NO_VALUE) return -1;
    const names = labels.filter((label) => label.values.includes(value)).map(({ name }) => name);
    const cell = names.length === 0 ? 'no region' : names.join('+');
    if (!cells.includes(cell)) cells.push(cell);
    return cells.indexOf(cell);
  });
  return { rows: labels.map(({ name, values }) => ({ name, selected: selection(values) })), cells, cellOf };
}

/** The rows and cells of an output. The first of exclusive classes is the background and has no row. */
export function labelMap({ kind, labels }: LabelScheme): LabelMap {
  return kind === 'classes' ? classMap(labels) : regionMap(labels);
}

/**
 * The rows of a report's unions: a value belongs to a union if it belongs to any of its classes.
 * @throws UserError UNET6180 if the output has no such class, has a class of the union's name, or has regions
 */
export function unionRows({ kind, labels }: LabelScheme, report: ReportProtocol): LabelMap['rows'] {
  return unionsIn(report).map(({ name, classes }) => {
    const values = classes.flatMap((each) => {
      const label = kind === 'classes' ? labels.find((label) => label.name === each) : undefined;
      return label === undefined ? refuseUnion(name, `the output has no class \`${each}\``) : label.values;
    });
    if (labels.some((label) => label.name === name)) refuseUnion(name, 'the output has a class of that name');
    return { name, selected: selection(values) };
  });
}

function refuseUnion(name: string, why: string): never {
  throw new UserError(
    'UNET6180',
    `The protocol’s \`report\` cannot form the union \`${name}\`: ${why}.`,
    'Change the names in `regions(...)` to those of the network’s classes.',
  );
}
