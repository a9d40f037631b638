/** The cards of a network and the edges between them. */
import { costs, type OpCost } from '../../ir/cost.js';
import type { ModelInput, ModelOutput, Network } from '../../ir/ir.js';
import { patchValues } from '../../ir/patch.js';
import { jumps } from '../../ir/receptive-field.js';
import { printable } from '../printable.js';
import type { Card, Edge } from './figure.js';
import { fontSize } from './measures.js';
import { compact, rowsOf } from './rows.js';
import { piecesOf, type Piece } from './stages.js';
import { counted } from '../../../text/count.js';
import { textWidth } from '../../../text/text-width.js';

/** A card before its rows are grouped. */
export type OpenCard = Omit<Card, 'groups' | 'form'> & { readonly rows: ReturnType<typeof rowsOf> };

/** The cards of a network at a legal patch, inputs first and outputs last, and the edges between them. */
export function cardsOf(
  network: Network,
  patch: readonly number[],
): { readonly cards: readonly OpenCard[]; readonly edges: readonly Edge[] } {
  const known = new Map(costs(network, patchValues(network, patch)).map((cost) => [cost.op.id, cost]));
  const pieces = piecesOf(network);
  const levels = levelsOf(network, patch);
  const cards = [
    ...network.inputs.map((input) =>
      input.kind === 'image' ? inputCard(input, known) : identifierCard(network, input),
    ),
    ...pieces.map((piece) => pieceCard(network, piece, known, { levels, rank: patch.length })),
    ...network.outputs.map(outputCard),
  ];
  return { cards, edges: edgesOf(network, cards) };
}

const unmarked = { mark: undefined, was: undefined, moreParams: 0 } as const;

function inputCard(input: Extract<ModelInput, { kind: 'image' }>, known: ReadonlyMap<string, OpCost>): OpenCard {
  return {
    ...unmarked,
    id: input.name,
    stage: 'input',
    role: 'input',
    title: printable(input.name),
    shape: shapeText(known.get(input.name)?.output ?? []),
    extent: sizesText((known.get(input.name)?.output ?? []).slice(1)),
    params: 0,
    rows: listRows(input.channels),
    ops: [input.name],
    level: 0,
  };
}

/** An identifier has no edges: the rows that read it are tagged. */
function identifierCard(network: Network, input: Extract<ModelInput, { kind: 'identifier' }>): OpenCard {
  const isRead = network.ops.some(({ operands }) => operands.some(({ op }) => op === input.name));
  return {
    ...unmarked,
    id: input.name,
    stage: 'input',
    role: 'identifier',
    title: printable(input.name),
    shape: `identifier, ${counted(input.count, 'value')}`,
    extent: '',
    params: 0,
    rows: isRead ? [] : listRows(['not used']),
    ops: [input.name],
    level: 0,
  };
}

/** An id that no operation can have, because an output may have the name of the stage that computes it. */
function outputId({ name }: Pick<ModelOutput, 'name'>): string {
  return `\u0000${name}`;
}

function outputCard(output: ModelOutput): OpenCard {
  return {
    ...unmarked,
    id: outputId(output),
    stage: 'output',
    role: 'output',
    title: printable(output.name),
    shape: `${output.labels.length} ${output.kind}, ${output.kind === 'classes' ? 'softmax' : 'sigmoid'}`,
    extent: '',
    params: 0,
    rows: listRows(output.labels.map(({ name }) => name)),
    ops: [],
    level: 0,
  };
}

const mostRows = 4;

/** Lists names in rows of limited width; a long list is shortened and counted. */
function listRows(names: readonly string[]): OpenCard['rows'] {
  const lines: string[] = [];
  for (const name of names.map(printable)) {
    const last = lines.at(-1);
    const joined = last === undefined ? name : `${last}, ${name}`;
    if (last !== undefined && textWidth(joined, fontSize.row) <= widestList) lines[lines.length - 1] = joined;
    else lines.push(name);
  }
  const shown = lines.length > mostRows ? [...lines.slice(0, mostRows - 1), `… ${names.length} in total`] : lines;
  return shown.map((text) => ({
    kind: 'other',
    text,
    branch: undefined,
    ops: [],
    mark: undefined,
    was: undefined,
    reads: [],
  }));
}

const widestList = 150;

function pieceCard(
  network: Network,
  piece: Piece,
  known: ReadonlyMap<string, OpCost>,
  { levels, rank }: { readonly levels: Levels; readonly rank: number },
): OpenCard {
  const made = piece.ops.map((op) => known.get(op.id)).filter((cost) => cost !== undefined);
  const last = made.findLast(({ op }) => op.batched && op.shape.length > 0);
  const output = last?.output ?? [];
  return {
    ...unmarked,
    id: piece.id,
    stage: piece.stage,
    role: 'stage',
    title: titleOf(piece.id),
    shape: shapeText(output),
    extent: output.length === rank + 1 ? sizesText(output.slice(1)) : '',
    params: made.reduce((sum, { params }) => sum + params.total, 0),
    rows: rowsOf(network, piece.ops),
    ops: piece.ops.map((op) => op.id),
    level: last === undefined ? 0 : levels(last.op.id, output.slice(1)),
  };
}

/** The level of resolution of an operation whose output has these sizes. */
type Levels = (id: string, sizes: readonly number[]) => number;

/**
 * Levels by the distance between neighbours, because unpadded convolutions leave fewer positions at the same
 * resolution; by the number of positions for tokens, whose axes are not those of the image.
 */
function levelsOf(network: Network, patch: readonly number[]): Levels {
  const distances = jumps(network, patchValues(network, patch));
  const rank = Math.max(1, patch.length);
  return (id, sizes) => {
    const known = distances.get(id)?.filter((distance) => distance !== undefined) ?? [];
    const isImage = sizes.length === rank && known.length === rank;
    const volume = isImage ? product(known) : product(patch) / Math.max(1, product(sizes));
    return Math.max(0, Math.round(Math.log2(volume) / rank));
  };
}

/** `96 × 16³`. */
function shapeText([channels, ...sizes]: readonly number[]): string {
  if (channels === undefined) return '';
  return [String(channels), ...(sizes.length === 0 ? [] : [sizesText(sizes)])].join(' × ');
}

function sizesText(sizes: readonly number[]): string {
  return compact(sizes.join('×')).replaceAll('×', ' × ');
}

/** Returns an id as a title: `level 2` for `encoder.level2`, `x[0, 1]` for `x.0.1`. */
export function titleOf(id: string): string {
  const [first = '', ...rest] = id.split('.');
  const part = /^(level|down|up|fuse)(\d+)$/.exec(rest.join('.'));
  if ((first === 'encoder' || first === 'decoder') && part !== null) return `${part[1]} ${part[2]}`;
  if (first === 'encoder' && rest.length === 1) return printable(rest[0] ?? '');
  if (rest.length > 0 && rest.every((each) => /^\d+$/.test(each))) return `${printable(first)}[${rest.join(', ')}]`;
  return printable([first, ...rest].join(' ').replaceAll('_', ' '));
}

function edgesOf(network: Network, cards: readonly OpenCard[]): readonly Edge[] {
  const owners = new Map(cards.flatMap((card) => card.ops.map((id) => [id, card.id] as const)));
  const edges = new Map<string, Edge>();
  const join = (from: string | undefined, to: string | undefined): void => {
    if (from !== undefined && to !== undefined && from !== to) edges.set(JSON.stringify([from, to]), { from, to });
  };
  for (const op of network.ops) {
    for (const operand of op.operands) {
      if (operand.batched && operand.shape.length > 0) join(owners.get(operand.op), owners.get(op.id));
    }
  }
  for (const output of network.outputs) join(owners.get(output.op), outputId(output));
  return [...edges.values()];
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((result, each) => result * each, 1);
}
