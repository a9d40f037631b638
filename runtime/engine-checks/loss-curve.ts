/** A short training run on phantoms, whose losses must be the same on every engine. */
import { drawAnatomy, LABEL_OF } from '../data/phantom-anatomy.js';
import { CONTRASTS, drawContrast, SITES } from '../data/phantom-image.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { importedProtocol } from '../run/imported-protocol.js';
import type { ModelModule } from '../run/load-module.js';
import { trainableNetwork } from '../network/trainable-network.js';
import { createOptimizer } from '../training/optimizer.js';
import { trainStep, type StepBatch, type StepProtocol } from '../training/step.js';

/** The number of steps, and the largest relative difference between the losses of two engines. */
export const CURVE = { steps: 20, tolerance: 1e-4 } as const;

const size = [8, 8, 8] as const;
const seed = 1;
const cases = 4;

/** The release's loss and optimiser, at a learning rate that changes the loss by several percent in the run. */
const protocol: StepProtocol = withRate(1e-3);

function withRate(lr: number): StepProtocol {
  const released = importedProtocol(size, ['D', 'H', 'W']);
  return { ...released, optimizer: { ...released.optimizer, lr } };
}

/** A phantom head of 8^3 voxels as a batch of one case, with its contrasts normalised over the head. */
function phantomBatch(description: ModelDescription, index: number): StepBatch {
  const tissue = drawAnatomy(size, seed, index);
  const site = index % SITES.length;
  const data = new Float32Array(CONTRASTS.length * tissue.length);
  CONTRASTS.forEach((_, channel) => {
    data.set(standardized(drawContrast(tissue, size, SITES[site]!, channel, seed, index)), channel * tissue.length);
  });
  const inputs: Record<string, { data: Float32Array; shape: number[] }> = {};
  const identifiers: Record<string, Int32Array> = {};
  for (const input of description.inputs) {
    if (input.kind === 'image') inputs[input.name] = { data, shape: [1, CONTRASTS.length, ...size] };
    else identifiers[input.name] = Int32Array.of(site);
  }
  return {
    inputs,
    identifiers,
    target: { data: Uint8Array.from(tissue, (each) => LABEL_OF[each]!), shape: [1, ...size] },
  };
}

/** Zero mean and unit deviation over the voxels that are not 0, which stay 0. */
function standardized(values: Int16Array): Float32Array {
  const inside = values.filter((value) => value !== 0);
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const deviation = Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length);
  return Float32Array.from(values, (value) => (value === 0 ? 0 : (value - mean) / deviation));
}

/**
 * The losses of the run on the current engine, with dropout.
 * @param module of a network with the four contrasts as inputs and the four labels of a phantom as outputs
 * @param onStep called after each step
 */
export async function lossCurve(
  { build, description }: ModelModule,
  steps: number = CURVE.steps,
  onStep: (done: number) => void = () => undefined,
): Promise<number[]> {
  const model = build({ seed });
  const network = trainableNetwork(model, description);
  const optimizer = createOptimizer(protocol.optimizer);
  const batches = Array.from({ length: cases }, (_, index) => phantomBatch(description, index));
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = batches[step % cases]!;
    const { loss } = await trainStep(network, optimizer, batch, protocol, protocol.optimizer.lr, { seed, step });
    losses.push(loss);
    onStep(step + 1);
  }
  optimizer.dispose();
  model.dispose();
  return losses;
}

/** The largest difference between two curves, relative to the second one's loss at that step. */
export function curveDifference(curve: readonly number[], wanted: readonly number[]): number {
  if (curve.length !== wanted.length) return Infinity;
  const apart = curve.map((loss, step) => Math.abs(loss - wanted[step]!) / Math.abs(wanted[step]!));
  return apart.every(Number.isFinite) ? Math.max(...apart) : Infinity;
}
