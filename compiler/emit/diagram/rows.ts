/** The layers of a card as rows: related layers share a row, and repeated rows are shown once. */
import type { Network, Op } from '../../ir/ir.js';
import { innermost, moduleTree, type ModulePart } from '../../ir/modules.js';
import { isWidthShown, layersOf, moduleLabel, widthOf, type Layer } from '../layers/layers.js';
import { printable } from '../printable.js';
import type { Row, RowGroup } from './figure.js';
import { fontSize } from './measures.js';
import { textWidth } from '../../../text/text-width.js';

/** Widest row, in pixels of text, before a norm or an activation gets a row of its own. */
const widestRow = 216;

/** A row that may still be extended. */
interface OpenRow {
  readonly layers: Layer[];
  text: string;
  readonly branch: string | undefined;
}

/** The rows of the operations of one card, in the order they run. */
export function rowsOf(network: Network, ops: readonly Op[]): readonly Row[] {
  const root = innermost(moduleTree(network, ops));
  const width = ops.findLast((op) => op.batched && op.shape.length > 0)?.shape[0]?.size;
  const channels = width?.kind === 'constant' ? width.value : undefined;
  const rows: OpenRow[] = [];
  let previous: Layer | undefined;
  const layers = layersOf(root);
  for (const layer of layers) {
    const text = layerText(layer, channels);
    const row = rows.at(-1);
    const goesOn = previous !== undefined && reads(layer, previous);
    const isShared = layer.kind === 'norm' && previous !== undefined && readersOf(previous, layers) > 1;
    if (row !== undefined && previous !== undefined && goesOn && !isShared && joins(row, layer, text)) {
      row.layers.push(layer);
      row.text = `${row.text} · ${text}`;
    } else {
      const branch = rows.length === 0 || goesOn ? undefined : branchOf(root, layer);
      rows.push({ layers: [layer], text, branch });
    }
    previous = layer;
  }
  const readers = identifierReaders(network);
  return rows.map((row) => closeRow(row, readers));
}

function closeRow({ layers, text, branch }: OpenRow, readers: ReadonlyMap<string, string>): Row {
  const main = layers.find(({ kind }) => !isSuffix(kind)) ?? layers[0];
  const ops = layers.flatMap((layer) => layer.ops);
  const read = ops.flatMap((op) => op.operands.flatMap((operand) => readers.get(operand.op) ?? []));
  return {
    kind: main?.kind ?? 'other',
    text,
    branch,
    ops: ops.map((op) => op.id),
    mark: undefined,
    was: undefined,
    reads: [...new Set(read)].map(printable),
  };
}

/** The identifier that an operation's value depends on directly: its own name, or that of the table row it selects. */
function identifierReaders({ inputs, ops }: Network): ReadonlyMap<string, string> {
  const names = new Map(inputs.flatMap(({ kind, name }) => (kind === 'identifier' ? [[name, name] as const] : [])));
  for (const op of ops) {
    const read = op.kind === 'pick' ? op.operands.find((operand) => names.has(operand.op)) : undefined;
    const name = read === undefined ? undefined : names.get(read.op);
    if (name !== undefined) names.set(op.id, name);
  }
  return names;
}

function isSuffix(kind: Layer['kind']): boolean {
  return kind === 'norm' || kind === 'activation' || kind === 'dropout';
}

/**
 * Whether a layer joins the row: norms, activations and dropout follow a layer, a norm precedes one, a residual sum
 * ends a row.
 */
function joins(row: OpenRow, layer: Layer, text: string): boolean {
  if (textWidth(`${row.text} · ${text}`, fontSize.row) > widestRow) return false;
  if (isSuffix(layer.kind)) return true;
  const waits = row.layers.every(({ kind }) => kind === 'norm');
  if (layer.kind !== 'join') return waits;
  return layer.label === 'add' && row.branch === undefined && isResidual(row, layer);
}

/** Whether the other operand of a sum was computed before the row. */
function isResidual(row: OpenRow, layer: Layer): boolean {
  const inside = new Set(row.layers.flatMap(({ ops }) => ops.map((op) => op.id)));
  const starts = new Set(row.layers[0]?.ops.flatMap((op) => op.operands.map((operand) => operand.op)));
  const others = layer.ops.flatMap((op) => op.operands.map((operand) => operand.op)).filter((id) => !inside.has(id));
  return others.length > 0 && others.every((id) => starts.has(id));
}

/** The number of other layers that read a layer; a norm of what several read begins its own branch. */
function readersOf(layer: Layer, layers: readonly Layer[]): number {
  return layers.filter((each) => each !== layer && reads(each, layer)).length;
}

function reads(layer: Layer, previous: Layer): boolean {
  const made = new Set(previous.ops.map((op) => op.id));
  return layer.ops.some((op) => op.operands.some((operand) => made.has(operand.op)));
}

/** The name of the `let` that a layer belongs to, as `side`; undefined if the layer has a name of its own. */
function branchOf(root: ModulePart, { kind, within }: Layer): string | undefined {
  if (kind === 'gate' || kind === 'attention' || kind === 'join') return undefined;
  return within === undefined || within.id === root.id ? undefined : moduleLabel(within);
}

function layerText(layer: Layer, channels: number | undefined): string {
  const width = isWidthShown(layer) ? widthOf(layer) : undefined;
  const label = compact(layer.label);
  return width === undefined || width === channels ? label : `${label} → ${width}`;
}

/** Shortens `3×3×3` to `3³`. */
export function compact(label: string): string {
  return label.replace(/\b(\d+)×\1×\1(?![×\d])/g, '$1³').replace(/\b(\d+)×\1(?![×\d])/g, '$1²');
}

/** Groups repeated rows: the longest run of equal rows, or of equal sequences of rows, first. */
export function groupRows(rows: readonly Row[]): readonly RowGroup[] {
  const keys = rows.map((row) => JSON.stringify([row.kind, row.text, row.branch, row.mark, row.reads]));
  const groups: RowGroup[] = [];
  let loose: Row[] = [];
  const closeLoose = (): void => {
    if (loose.length > 0) groups.push({ times: 1, rows: loose });
    loose = [];
  };
  for (let index = 0; index < rows.length;) {
    const { period, times } = longestRepeat(keys, index);
    if (times > 1 && !startsLater(rows, keys, { index, period, times })) {
      closeLoose();
      const repeated = Array.from({ length: times }, (_, time) =>
        rows.slice(index + time * period, index + (time + 1) * period),
      );
      groups.push({ times, rows: mergeRows(repeated) });
      index += times * period;
      continue;
    }
    const row = rows[index];
    if (row !== undefined) loose.push(row);
    index++;
  }
  closeLoose();
  return groups;
}

/** Whether the repetition should begin at a later row: after a sum, where one block ends and the next begins. */
function startsLater(
  rows: readonly Row[],
  keys: readonly string[],
  { index, period, times }: { readonly index: number; readonly period: number; readonly times: number },
): boolean {
  for (let shift = 1; shift < period; shift++) {
    const later = longestRepeat(keys, index + shift);
    const isSame = later.period === period && later.times === times;
    if (isSame && rows[index + shift - 1]?.kind === 'join') return true;
  }
  return false;
}

/** Merges equal sequences of rows into one, with the operations of all. */
function mergeRows(repeated: readonly (readonly Row[])[]): readonly Row[] {
  const [first = []] = repeated;
  return first.map((row, index) => ({ ...row, ops: repeated.flatMap((rows) => rows[index]?.ops ?? []) }));
}

/** Returns the shortest sequence from `start` whose repetition covers the most rows. */
function longestRepeat(keys: readonly string[], start: number): { readonly period: number; readonly times: number } {
  let best = { period: 1, times: 1 };
  for (let period = 1; start + 2 * period <= keys.length; period++) {
    let end = start + period;
    while (end < keys.length && keys[end] === keys[end - period]) end++;
    const times = Math.floor((end - start) / period);
    if (times > 1 && times * period > best.times * best.period) best = { period, times };
  }
  return best;
}
