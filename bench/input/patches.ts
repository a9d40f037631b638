/** The patches of the first steps as orders for another loader: which case, and where. */
import { openPrepared } from '../../runtime/data/cache.js';
import { findCase } from '../../runtime/data/dataset.js';
import { casesOfStep } from '../../runtime/data/loader.js';
import { holdsForeground } from '../../runtime/data/patch.js';
import { drawPatch, patchExtent } from '../../runtime/data/sampler.js';
import { randomStream } from '../../runtime/random/random-stream.js';
import { type Pipeline, openLoader } from './pipeline.js';

export interface PatchOrder {
  readonly image: string;
  readonly label: string;
  /** [z, y, x]. */
  readonly origin: readonly number[];
  readonly size: readonly number[];
  /** Sum of absolute values of the normalised patch before augmentation, by channel: that both load the same. */
  readonly sums: readonly number[];
}

function absoluteSums(data: Float32Array, channels: number): number[] {
  const voxels = data.length / channels;
  return Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let i = channel * voxels; i < (channel + 1) * voxels; i++) sum += Math.abs(data[i] as number);
    return sum;
  });
}

/** Batch 1: one patch a step. */
export async function patchOrders(pipeline: Pipeline, cacheDirectory: string, steps: number): Promise<PatchOrder[]> {
  const { dataset, protocol } = pipeline;
  const plain = await openLoader(pipeline, { cacheDirectory, workers: 0 }, { ...protocol, augment: [] });
  const ids = dataset.cases.map(({ id }) => id);
  const orders: PatchOrder[] = [];
  for (let step = 0; step < steps; step++) {
    const [id = ''] = casesOfStep(ids, 1, 7, step);
    const each = findCase(dataset, id);
    const source = await openPrepared(cacheDirectory, dataset, each);
    const { size, foreground } = protocol.patch;
    const random = randomStream(7, 'patch', id, step);
    const holds = (...[box, above]: [Parameters<typeof source.foreground>[0], number]): Promise<boolean> =>
      holdsForeground(source, box, above);
    const rule = foreground !== null && 'draws' in foreground ? foreground : null;
    const { origin } = await drawPatch(random, source.geometry.shape, patchExtent(size), rule, holds);
    const batch = await plain.batch(step);
    const [input] = Object.values(batch.inputs);
    const sums = absoluteSums(input?.data ?? new Float32Array(), dataset.modalities.length);
    orders.push({ image: each.images[0]!, label: each.label ?? '', origin, size, sums });
  }
  await plain.close();
  return orders;
}
