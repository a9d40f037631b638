/** Determines which operations an engine has kernels and gradients for, by running each once. */
import * as tf from '@tensorflow/tfjs';
import { hasOwnKernel } from '../ops/kernel.js';
import { reasonOf } from '../engine/reason.js';
import { caseName, logicalOperation, operandValues, type OpCase } from './op-case.js';
import { recordKernels } from './record-kernels.js';

/** How an engine handles one case of an operation. */
export interface Capability {
  readonly op: string;
  readonly case: string;
  /** Names of all kernels that were requested, forward and backward. */
  readonly kernels: readonly string[];
  /**
   * The implementation: a coarse kernel of the engine's own, our formulation of a coarse kernel (`UnetConv`), or only
   * stock kernels of tfjs.
   */
  readonly by: 'own' | 'formulation' | 'stock';
  /** The reason why it has no kernel or no gradient; absent if it has both. */
  readonly missing?: { readonly part: 'kernel' | 'gradient'; readonly reason: string };
  readonly differentiable: boolean;
}

/** Determines how the current engine handles a case, by running it to completion. */
export async function capabilityOf(given: OpCase): Promise<Capability> {
  const { op, differentiable = true } = given;
  const inputs = (await operandValues(given)).map((values, i) => tf.tensor(values, [...given.operands[i]!.shape]));
  const f = logicalOperation(given);
  const forward = await attempt(() => f(...inputs));
  const backward =
    differentiable && forward.reason === undefined
      ? await attempt(() => tf.grads((...xs: tf.Tensor[]) => tf.sum(f(...xs)))(inputs))
      : undefined;
  tf.dispose(inputs);
  const kernels = [...new Set([...forward.kernels, ...(backward?.kernels ?? [])])];
  const missing =
    forward.reason !== undefined
      ? ({ part: 'kernel', reason: forward.reason } as const)
      : backward?.reason !== undefined
        ? ({ part: 'gradient', reason: backward.reason } as const)
        : undefined;
  return {
    op,
    case: caseName(given),
    kernels,
    by: by(kernels),
    differentiable,
    ...(missing === undefined ? {} : { missing }),
  };
}

function by(kernels: readonly string[]): Capability['by'] {
  const coarse = kernels.filter((name) => name.startsWith('Unet'));
  if (coarse.length === 0) return 'stock';
  return coarse.every(hasOwnKernel) ? 'own' : 'formulation';
}

/** Runs a case and reads the result, so that errors of a GPU are reported, then frees it. */
async function attempt(
  run: () => tf.Tensor | tf.Tensor[],
): Promise<{ readonly kernels: readonly string[]; readonly reason?: string }> {
  const stop = recordKernels();
  try {
    const result = run();
    for (const tensor of [result].flat()) await tensor.data();
    tf.dispose(result);
    return { kernels: stop() };
  } catch (error) {
    return { kernels: stop(), reason: reasonOf(error) };
  }
}
