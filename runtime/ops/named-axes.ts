/** Operations whose meaning depends on the names of axes. Names are logical, channels first, without the batch. */
import * as tf from '@tensorflow/tfjs';
import { toPhysicalOrder } from './layout.js';
import { joinColumns } from './join-columns.js';
import { permute } from './permute.js';

export type Names = readonly string[];

/** Stands for the batch in lists of names; no axis is called so. */
export const BATCH = '';

/** Names in the order of memory, batch included. */
export function inMemory(names: Names): string[] {
  return toPhysicalOrder([BATCH, ...names]);
}

/** `x` with the axes `from` (as they lie, batch included) rearranged to lie as `to`, which names the same axes. */
export function rearrange(x: tf.Tensor, from: Names, to: Names): tf.Tensor {
  return permute(
    x,
    to.map((name) => from.indexOf(name)),
  );
}

/** The axes of the result of joining two operands by name: those of the one with more, of the first where equal. */
export function joinedNames(left: Names, right: Names): Names {
  return right.length > left.length ? right : left;
}

/** `x` of axes `names` with size 1 on the axes of `target` that it lacks, as a tensor of axes `target` lies. */
export function broadcastable(x: tf.Tensor, names: Names, target: Names): tf.Tensor {
  const present = inMemory(target).filter((name) => name === BATCH || names.includes(name));
  const arranged = rearrange(x, inMemory(names), present);
  return arranged.reshape(
    inMemory(target).map((name) => (present.includes(name) ? arranged.shape[present.indexOf(name)]! : 1)),
  );
}

/** `merged` become one axis, first slowest, which stands where the first of them stands in `names`. */
export function merge(x: tf.Tensor, names: Names, merged: Names, into: string): tf.Tensor {
  const expanded = inMemory(mergedNames(names, merged, into)).flatMap((name) => (name === into ? merged : [name]));
  const arranged = rearrange(x, inMemory(names), expanded);
  const start = expanded.indexOf(merged[0]!);
  const size = arranged.shape.slice(start, start + merged.length).reduce((total, each) => total * each, 1);
  return arranged.reshape([...arranged.shape.slice(0, start), size, ...arranged.shape.slice(start + merged.length)]);
}

/** Names after `merge`. */
export function mergedNames(names: Names, merged: Names, into: string): string[] {
  const first = names.find((name) => merged.includes(name));
  return names.flatMap((name) => (name === first ? [into] : merged.includes(name) ? [] : [name]));
}

/** Sizes of the axes that one of `size` becomes; the one given as null is worked out. */
export function splitSizes(size: number, into: readonly (number | null)[]): number[] {
  const known = into.reduce<number>((total, each) => total * (each ?? 1), 1);
  return into.map((each) => each ?? size / known);
}

/** `axis` becomes the axes `into`, first slowest, in its place. */
export function split(
  x: tf.Tensor,
  names: Names,
  axis: string,
  into: readonly { readonly name: string; readonly size: number | null }[],
): tf.Tensor {
  const lying = inMemory(names);
  const at = lying.indexOf(axis);
  const sizes = splitSizes(
    x.shape[at]!,
    into.map(({ size }) => size),
  );
  const parts = into.map(({ name }) => name);
  const expanded = x.reshape([...x.shape.slice(0, at), ...sizes, ...x.shape.slice(at + 1)]);
  const expandedNames = lying.flatMap((name) => (name === axis ? parts : [name]));
  return rearrange(expanded, expandedNames, inMemory(splitNames(names, axis, parts)));
}

/** Names after `split`. */
export function splitNames(names: Names, axis: string, into: Names): string[] {
  return names.flatMap((name) => (name === axis ? into : [name]));
}

/** exp(x) / sum(exp(x)) over the axes `over` together. */
export function softmax(x: tf.Tensor, names: Names, over: Names): tf.Tensor {
  const lying = inMemory(names);
  const kept = lying.filter((name) => !over.includes(name));
  const arranged = rearrange(x, lying, [...kept, ...over]);
  const rows = arranged.reshape([...arranged.shape.slice(0, kept.length), -1]);
  return rearrange(tf.softmax(rows).reshape(arranged.shape), [...kept, ...over], lying);
}

/** Circular shift as numpy.roll: element i goes to i + by. */
export function roll(
  x: tf.Tensor,
  names: Names,
  shifts: readonly { readonly axis: string; readonly by: number }[],
): tf.Tensor {
  return shifts.reduce((rolled, { axis, by }) => rollAxis(rolled, inMemory(names).indexOf(axis), by), x);
}

function rollAxis(x: tf.Tensor, axis: number, by: number): tf.Tensor {
  const size = x.shape[axis]!;
  const cut = (((size - by) % size) + size) % size;
  if (cut === 0) return x;
  // Three axes are enough, and ranks above four are slow to cut.
  const outer = x.shape.slice(0, axis).reduce((total, each) => total * each, 1);
  const rows = x.reshape([outer, size, -1]);
  const head = tf.slice(rows, [0, 0, 0], [-1, cut, -1]);
  const tail = tf.slice(rows, [0, cut, 0], [-1, size - cut, -1]);
  return tf.concat([tail, head], 1).reshape(x.shape);
}

/** Joins along the first logical axis; operands after the first are brought to its order of axes. */
export function concat(operands: readonly tf.Tensor[], names: readonly Names[]): tf.Tensor {
  const target = inMemory(names[0]!);
  const arranged = operands.map((x, i) => rearrange(x, alignedNames(names[i]!, names[0]!), target));
  const cases = Math.max(...arranged.map((x) => x.shape[0]));
  const whole = arranged.map((x) => (x.shape[0] === cases ? x : tf.tile(x, [cases, ...x.shape.slice(1).map(() => 1)])));
  return concatRows(whole, target.indexOf(names[0]![0]!));
}

/** Names of an operand as it lies; its channels are the first's channels, whatever they are called. */
function alignedNames(names: Names, first: Names): string[] {
  return inMemory([first[0]!, ...names.slice(1)]);
}

/** As matrices: wasm cuts tensors of rank 5, as the gradient must, a hundred times slower. */
function concatRows(operands: readonly tf.Tensor[], axis: number): tf.Tensor {
  const shape = operands[0]!.shape;
  const size = operands.reduce((total, x) => total + x.shape[axis]!, 0);
  const outer = shape.slice(0, axis).reduce((total, each) => total * each, 1);
  const rows = operands.map((x) => x.reshape([outer, x.size / outer]));
  return joinColumns(rows).reshape([...shape.slice(0, axis), size, ...shape.slice(axis + 1)]);
}
