import { forward } from './forward.js';
import { readInputs, type GivenBatch } from './read-inputs.js';
import { UserError } from '../errors/user-error.js';
import { readSafetensors, writeSafetensors, type HostTensor } from '../files/safetensors.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { createOptimizer } from '../training/optimizer.js';
import { evaluateLoss, gradients, trainStep, type StepBatch, type StepProtocol } from '../training/step.js';

export interface ApplyOptions {
  /** Writes the gradient of the loss for every weight, under its id. */
  readonly gradients?: boolean;
  /**
   * Trains that many steps on the batch, without dropout, at the optimiser's learning rate (the schedule is ignored).
   */
  readonly steps?: number;
}

export interface ApplyResult {
  /**
   * The outputs (see `forward`); with `gradients`, one tensor per weight, named by its id, in PyTorch's axis order; with `steps`, `losses` `[steps + 1]`
   * (before the first step and after each) and `gradient_norm` `[steps]` (before clipping).
   */
  readonly tensors: Map<string, HostTensor>;
  /** Tensors of the input that are neither inputs of the network nor `target`. */
  readonly ignored: readonly string[];
}

function notFinite(step: number): UserError {
  return new UserError(
    'UNET6050',
    `The loss or its gradient is not finite at step ${step}.`,
    'Check the inputs and the weights for NaN or infinite values.',
  );
}

async function trainSteps(
  network: TrainableNetwork,
  batch: StepBatch,
  protocol: StepProtocol,
  steps: number,
): Promise<Map<string, HostTensor>> {
  const optimizer = createOptimizer(protocol.optimizer);
  const losses: number[] = [];
  const norms: number[] = [];
  try {
    for (let step = 1; step <= steps; step++) {
      const result = await trainStep(network, optimizer, batch, protocol, protocol.optimizer.lr);
      if (!result.updated) throw notFinite(step);
      losses.push(result.loss);
      norms.push(result.gradientNorm);
    }
  } finally {
    optimizer.dispose();
  }
  losses.push((await evaluateLoss(network, batch, protocol)).loss);
  return new Map([
    ['losses', { shape: [losses.length], data: Float32Array.from(losses) }],
    ['gradient_norm', { shape: [norms.length], data: Float32Array.from(norms) }],
  ]);
}

function withTarget(batch: GivenBatch): StepBatch {
  if (batch.target !== undefined) return { ...batch, target: batch.target };
  throw new UserError(
    'UNET6061',
    'The input file does not contain the tensor `target`, which gradients and training steps require.',
    'The target must have one label value per voxel: [N, ...spatial].',
  );
}

/**
 * Runs a network on given tensors without dropout and returns its outputs and, if requested, its gradients and the
 * losses of a few training steps. The steps change the network's weights.
 * @param tensors named as the spec's inputs, and `target` (see `readInputs`)
 * @throws UserError UNET6061 for tensors that are missing or have the wrong shape, UNET6062 for a target that does not
 * fit the output, UNET6050 if the loss is not finite
 */
export async function apply(
  network: TrainableNetwork,
  protocol: StepProtocol,
  tensors: ReadonlyMap<string, HostTensor>,
  options: ApplyOptions = {},
): Promise<ApplyResult> {
  const batch = readInputs(network.description, tensors);
  const { steps } = options;
  const trained = options.gradients === true || steps !== undefined ? withTarget(batch) : undefined;
  const result = await forward(network, batch);
  if (trained !== undefined && options.gradients === true) {
    for (const [id, gradient] of await gradients(network, trained, protocol)) result.set(id, gradient);
  }
  if (trained !== undefined && steps !== undefined) {
    const traces = await trainSteps(network, trained, protocol, steps);
    for (const [name, trace] of traces) result.set(name, trace);
  }
  return { tensors: result, ignored: batch.ignored };
}

/**
 * `apply` from a safetensors file into another.
 * @returns the names of tensors in the input that were ignored
 * @throws UserError as `apply`, and UNET6051 for a malformed file, UNET6058 where the output cannot be written
 */
export async function applyFile(
  network: TrainableNetwork,
  protocol: StepProtocol,
  input: string,
  output: string,
  options: ApplyOptions = {},
): Promise<readonly string[]> {
  const { tensors } = await readSafetensors(input);
  const result = await apply(network, protocol, tensors, options);
  await writeSafetensors(output, result.tensors);
  return result.ignored;
}
