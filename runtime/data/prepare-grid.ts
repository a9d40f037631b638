import type { Protocol } from '../../contract/protocol.js';
import type { DecodedCase } from './decode.js';
import { type GridProtocol, keepsGrid, planGrid } from './grid-plan.js';
import type { Place } from './place.js';
import { normalizeInto, normalizerOf } from './preprocess.js';
import { reorder } from './resample/axis-order.js';
import { resampleChannel, resampleLabels } from './resample/resample.js';

/** The entries of a protocol that determine the voxels that a network sees. */
export type Preparation = GridProtocol & Pick<Protocol, 'normalize'>;

/** Normalisation of voxels that are read from a case prepared on another grid: they are normalised already. */
const normalized = { kind: 'none' } as const;

/**
 * How voxels of a case are normalised when they are read: on another grid they were normalised before they were
 * resampled.
 */
export function normalizationOnReading(preparation: Preparation): Protocol['normalize'] {
  return keepsGrid(preparation) ? preparation.normalize : normalized;
}

/**
 * Brings a case to the grid of a protocol, in the order of nnU-Net (version 2): each channel is normalised with
 * statistics of its own voxels, so that what lies outside the head is 0 and stays so, then reordered and resampled. The
 * label is reordered and resampled too. Statistics and label counts remain those of the file.
 * @throws UserError as `planGrid`
 */
export function prepareOnGrid(place: Place, decoded: DecodedCase, preparation: Preparation): DecodedCase {
  const { order, there, geometry } = planGrid(place, decoded.geometry, preparation);
  const { shape } = decoded.geometry;
  const { images, labels } = preparation.resample;
  const size = decoded.image.length / decoded.channels;
  const voxels = there.to.reduce((product, extent) => product * extent, 1);
  const image = new Float32Array(decoded.channels * voxels);
  const channel = new Float32Array(size);
  decoded.statistics.forEach((statistics, index) => {
    normalizeInto(normalizerOf(preparation.normalize, statistics), decoded.image, index * size, size, channel, 0);
    image.set(resampleChannel(reorder(channel, shape, order), there, images), index * voxels);
  });
  const { label, ...rest } = decoded;
  if (label === undefined) return { ...rest, geometry, image };
  return { ...rest, geometry, image, label: resampleLabels(reorder(label, shape, order), there, labels) };
}
