/**
 * How many values the statistics of batch norm are computed from in training: the voxels of a channel at its place in the
 * network, in all cases of the batch.
 *
 * The variance of n independent values has a relative standard error of sqrt(2 / (n - 1)), 10 % at 200 values;
 * neighbouring voxels are alike, so that of a channel is larger. Networks suffer from it: with batches of 2 images, the
 * error of a ResNet-50 with batch norm is 10.6 points above that with group norm (Wu and He 2018), partly because
 * predictions use running averages in place of what the weights were trained with (Singh and Shrivastava 2019).
 */
import type { FewValues as Warned } from '../../grammar/diagnostics/style.js';
import { patchValues } from './patch.js';
import { evaluate } from '../shape/size.js';
import type { Network, Op } from './ir.js';
import { product } from './tensor.js';

/** Below this, the standard error of a variance exceeds 10 %. */
const reliable = 200;

export interface FewValues {
  readonly op: Op;
  /** Values per channel. */
  readonly values: number;
}

/**
 * The batch norm whose statistics are computed from the fewest values, if these are too few to be reliable. Frozen ones
 * are not trained on batches.
 * @param patch sizes along the spatial axes, which must be legal
 */
export function fewBatchValues(network: Network, patch: readonly number[], cases: number): FewValues | undefined {
  const sizes = patchValues(network, patch);
  const all = network.ops.flatMap((op): FewValues[] => {
    if (op.kind !== 'batch_norm' || op.attributes.frozen) return [];
    const voxels = product(op.shape.slice(1).map(({ size }) => evaluate(size, sizes)));
    return [{ op, values: (op.batched ? cases : 1) * voxels }];
  });
  const least = Math.min(...all.map(({ values }) => values));
  return least < reliable ? all.find(({ values }) => values === least) : undefined;
}

export const fewValuesHelp =
  'Use a larger batch or patch, `group_norm` or `instance_norm`, or `batch_norm(frozen: true)` with imported statistics.';

/** The parts of the warning UNET4007. */
export function fewValuesParts(name: string, { op, values }: FewValues, cases: number): Warned {
  const error = values > 1 ? `${Math.round(100 * Math.sqrt(2 / (values - 1)))} %` : undefined;
  return { name, op: op.id, values, cases, error };
}
