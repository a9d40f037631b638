import type { Observation, Trace } from '../compiler/evaluate/trace.js';
import { costs, type OpCost } from '../compiler/ir/cost.js';
import type { Network } from '../compiler/ir/ir.js';
import { patchValues, usualPatch } from '../compiler/ir/patch.js';
import { spatialAxes } from '../compiler/ir/receptive-field.js';
import { formatCount } from '../text/count.js';

/** The costs of every operation of a network at the default patch. */
export interface Figured {
  readonly network: Network;
  readonly patch: readonly number[];
  readonly axes: readonly string[];
  readonly byOp: ReadonlyMap<string, OpCost>;
  readonly params: number;
  readonly macs: number;
}

/** The costs of a part of a network. */
export interface PartFigures {
  readonly params: number;
  readonly macs: number;
  /** The receptive field of the part's result in voxels per spatial axis; empty if it does not depend on an image. */
  readonly receptiveField: readonly number[];
  /** Whether it sees the whole image. */
  readonly global: boolean;
}

export function figuresOf(network: Network, patch = usualPatch(network)): Figured {
  const all = costs(network, patchValues(network, patch));
  return {
    network,
    patch,
    axes: spatialAxes(network),
    byOp: new Map(all.map((cost) => [cost.op.id, cost])),
    params: all.reduce((sum, { params }) => sum + params.total, 0),
    macs: all.reduce((sum, { macs }) => sum + macs, 0),
  };
}

/** The costs of the operations created at one place; operations that no output needs cost nothing. */
export function partFigures(
  figured: Figured,
  { observation, trace }: { readonly observation: Observation; readonly trace: Trace },
): PartFigures {
  const made = trace.ops.slice(observation.first, observation.end).flatMap(({ id }) => figured.byOp.get(id) ?? []);
  const result = observation.value.kind === 'tensor' ? figured.byOp.get(observation.value.op) : undefined;
  return {
    params: made.reduce((sum, { params }) => sum + params.total, 0),
    macs: made.reduce((sum, { macs }) => sum + macs, 0),
    receptiveField: result?.receptiveField.size ?? [],
    global: result?.receptiveField.global ?? false,
  };
}

/** `1.75 G`, `12.3 M`: three digits, as in papers. */
export function formatMacs(macs: number): string {
  const units = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  const unit = units.find(([size]) => macs >= size);
  if (unit === undefined) return formatCount(macs);
  return `${(macs / unit[0]).toPrecision(3)} ${unit[1]}`;
}

/** `+1,024`, `-294,552`, `0`. */
export function signed(change: number): string {
  const sign = change > 0 ? '+' : change < 0 ? '-' : '';
  return `${sign}${formatCount(Math.abs(change))}`;
}
