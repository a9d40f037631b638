/** Operations whose meaning depends on the names of axes. Names are logical, channels first, without the batch. */
import * as tf from '@tensorflow/tfjs';
import { toPhysicalOrder } from './layout.js';
import { joinColumns } from './join-columns.js';
import { permute } from './permute.js';

export type Names = readonly string[];

/** Represents the batch in lists of names; no axis has this name. */
export const BATCH = '';

/** The names in memory order, including the batch. */
export function inMemory(names: Names): string[] {
  return toPhysicalOrder([BATCH, ...names]);
}

/**
 * Rearranges `x` with axes `from` (in memory order, including the batch) to the order of `to`, which contains the same
 * axes.
 */
export function rearrange(x: tf.Tensor, from: Names, to: Names): tf.Tensor {
  return permute(
    x,
    to.map((name) => from.indexOf(name)),
  );
}

/**
 * The axes of two operands joined by name: those of the one with more axes, or of the first if both have equally many.
 */
export function joinedNames(left: Names, right: Names): Names {
  return right.length > left.length ? right : left;
}

/**
 * Brings `x` with axes `names` to the axes of `target` in memory order, with size 1 on the axes that it does not have.
 */
export function broadcastable(x: tf.Tensor, names: Names, target: Names): tf.Tensor {
  const present = inMemory(target).filter((name) => name === BATCH || names.includes(name));
  const arranged = rearrange(x, inMemory(names), present);
  return arranged.reshape(
    inMemory(target).map((name) => (present.includes(name) ? arranged.shape[present.indexOf(name)]! : 1)),
  );
}

/** Merges the axes `merged` into one, first slowest, at the position of the first of them in `names`. */
export function merge(x: tf.Tensor, names: Names, merged: Names, into: string): tf.Tensor {
  const expanded = inMemory(mergedNames(names, merged, into)).flatMap((name) => (name === into ? merged : [name]));
  const arranged = rearrange(x, inMemory(names), expanded);
  const start = expanded.indexOf(merged[0]!);
  const size = arranged.shape.slice(start, start + merged.length).reduce((total, each) => total * each, 1);
  return arranged.reshape([...arranged.shape.slice(0, start), size, ...arranged.shape.slice(start + merged.length)]);
}

/** The names after `merge`. */
export function mergedNames(names: Names, merged: Names, into: string): string[] {
  const first = names.find((name) => merged.includes(name));
  return names.flatMap((name) => (name === first ? [into] : merged.includes(name) ? [] : [name]));
}

/** Sizes of the axes that one axis of `size` is split into; the one given as null is inferred. */
export function splitSizes(size: number, into: readonly (number | null)[]): number[] {
  const known = into.reduce<number>((total, each) => total * (each ?? 1), 1);
  return into.map((each) => each ?? size / known);
}

/** Splits `axis` into the axes `into`, first slowest, at the same position. */
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

/** The names after `split`. */
function splitNames(names: Names, axis: string, into: Names): string[] {
  return names.flatMap((name) => (name === axis ? into : [name]));
}

/** exp(x) / sum(exp(x)) over the axes `over` jointly. */
export function softmax(x: tf.Tensor, names: Names, over: Names): tf.Tensor {
  const lying = inMemory(names);
  const kept = lying.filter((name) => !over.includes(name));
  const arranged = rearrange(x, lying, [...kept, ...over]);
  const rows = arranged.reshape([...arranged.shape.slice(0, kept.length), -1]);
  return rearrange(tf.softmax(rows).reshape(arranged.shape), [...kept, ...over], lying);
}

/** The positions 0, 1, ... along an axis of `x`, `[N, size]`. */
export function arange(x: tf.Tensor, names: Names, axis: string): tf.Tensor {
  const size = x.shape[inMemory(names).indexOf(axis)]!;
  const positions = Float32Array.from({ length: size }, (_, i) => i);
  return tf.tile(tf.tensor2d(positions, [1, size]), [x.shape[0], 1]);
}

/** Circular shift like numpy.roll: element i moves to i + by. */
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
  // Three axes are enough, and tensors of rank above four are slow to slice.
  const outer = x.shape.slice(0, axis).reduce((total, each) => total * each, 1);
  const rows = x.reshape([outer, size, -1]);
  const head = tf.slice(rows, [0, 0, 0], [-1, cut, -1]);
  const tail = tf.slice(rows, [0, cut, 0], [-1, size - cut, -1]);
  return tf.concat([tail, head], 1).reshape(x.shape);
}

/** Concatenates along the first logical axis; operands after the first are brought to its order of axes. */
export function concat(operands: readonly tf.Tensor[], names: readonly Names[]): tf.Tensor {
  const target = inMemory(names[0]!);
  const arranged = operands.map((x, i) => rearrange(x, alignedNames(names[i]!, names[0]!), target));
  const cases = Math.max(...arranged.map((x) => x.shape[0]));
  const whole = arranged.map((x) => (x.shape[0] === cases ? x : tf.tile(x, [cases, ...x.shape.slice(1).map(() => 1)])));
  return concatRows(whole, target.indexOf(names[0]![0]!));
}

/** The names of an operand in memory order; its channels count as the first operand's channels, whatever their name. */
function alignedNames(names: Names, first: Names): string[] {
  return inMemory([first[0]!, ...names.slice(1)]);
}

/** Concatenates as matrices: wasm slices tensors of rank 5, as the gradient must, a hundred times slower. */
function concatRows(operands: readonly tf.Tensor[], axis: number): tf.Tensor {
  const shape = operands[0]!.shape;
  const size = operands.reduce((total, x) => total + x.shape[axis]!, 0);
  const outer = shape.slice(0, axis).reduce((total, each) => total * each, 1);
  const rows = operands.map((x) => x.reshape([outer, x.size / outer]));
  return joinColumns(rows).reshape([...shape.slice(0, axis), size, ...shape.slice(axis + 1)]);
}
