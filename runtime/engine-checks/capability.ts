/** Which operations an engine has kernels and gradients for, found by running each once. */
import * as tf from '@tensorflow/tfjs';
import { hasOwnKernel } from '../ops/kernel.js';
import { reasonOf } from '../engine/reason.js';
import { caseName, logicalOperation, operandValues, type OpCase } from './op-case.js';
import { recordKernels } from './record-kernels.js';

/** What an engine does with one case of an operation. */
export interface Capability {
  readonly op: string;
  readonly case: string;
  /** Names of all kernels that were asked for, forward and backward. */
  readonly kernels: readonly string[];
  /**
   * How the engine computes it: by a coarse kernel of its own, by our formulation of a coarse kernel (`UnetConv`), or by
   * stock kernels of tfjs alone.
   */
  readonly by: 'own' | 'formulation' | 'stock';
  /** Why it has no kernel for it, or no gradient; absent where it has. */
  readonly missing?: { readonly part: 'kernel' | 'gradient'; readonly reason: string };
  readonly differentiable: boolean;
}

/** Tells what the engine in use does with a case. Waits until it has done it. */
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

/** Runs it, reads the result, so that faults of a GPU come up, and frees it. */
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
