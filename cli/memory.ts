import { freemem } from 'node:os';
import { nearestLegal } from '../compiler/ir/legal-sizes.js';
import type { Network } from '../compiler/ir/ir.js';
import { patchValues } from '../compiler/ir/patch.js';
import { spatialAxes } from '../compiler/ir/receptive-field.js';
import { trainingMemory } from '../compiler/ir/training-memory.js';
import type { EngineName } from '../contract/engines.js';
import { tellMessage } from './message.js';

/** Returns the bytes that this process can still allocate: the free memory, or less if a container sets a limit. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  // 0, or a number larger than any machine's memory, means that there is no limit.
  const limited = limit > 0 && limit < 2 ** 50 ? limit - process.memoryUsage().rss : Infinity;
  return Math.min(freemem(), limited);
}

/** Warns if training will not fit into memory, with the largest patch that would. */
export function warnOfMemory(network: Network, patch: readonly number[], engine: EngineName, cases: number): void {
  const available = availableMemory();
  const needed = bytesAt(network, patch, engine, cases);
  if (needed <= available) return;
  const fitting = largestFitting(network, patch, engine, cases, available);
  const remedy =
    fitting === undefined
      ? 'No patch of this network would fit; use a narrower network'
      : `The largest patch that would fit is ${fitting.join(',')} (--patch)`;
  tellMessage({
    severity: 'warning',
    text: `Training needs about ${gibibytes(needed)} GiB on ${engine}, but only ${gibibytes(available)} GiB are free.`,
    help: `${remedy}.`,
  });
}

function bytesAt(network: Network, patch: readonly number[], engine: EngineName, cases: number): number {
  return trainingMemory(network, patchValues(network, patch), engine, cases).total;
}

/** Reduces the largest axis of the patch to the next legal size until it fits. */
export function largestFitting(
  network: Network,
  patch: readonly number[],
  engine: EngineName,
  cases: number,
  available: number,
): readonly number[] | undefined {
  const axes = spatialAxes(network);
  let current: readonly number[] = patch;
  for (;;) {
    const smaller = axes.map((axis, index) => smallerSize(network, axis, current[index]!));
    const places = [...axes.keys()].filter((index) => smaller[index] !== undefined);
    if (places.length === 0) return undefined;
    const largest = places.reduce((best, index) => (current[index]! > current[best]! ? index : best));
    current = current.map((size, index) => (index === largest ? smaller[index]! : size));
    if (bytesAt(network, current, engine, cases) <= available) return current;
  }
}

/** Returns the next smaller legal size of an axis; undefined if there is none or the input fixes the size. */
function smallerSize(network: Network, axis: string, size: number): number | undefined {
  const fixed = network.inputs.some(
    (input) => input.kind === 'image' && input.axes.some((each) => each.name === axis && each.size !== undefined),
  );
  if (fixed) return undefined;
  const rule = network.legal.find((each) => each.axis === axis);
  if (rule === undefined) return size > 1 ? size - 1 : undefined;
  return nearestLegal(rule, size - 1).below;
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
