import type { Protocol } from '../../contract/protocol.js';
import { entryWords } from '../../contract/protocol-words.js';

/**
 * The protocol of a run created from imported weights instead of a spec's protocol: the loss and optimiser of the
 * DALight-3D release with a constant learning rate. It has no data and no cases.
 * @param patch spatial sizes
 * @param axes names of the spatial axes, for the flips
 */
export function importedProtocol(patch: readonly number[], axes: readonly string[]): Protocol {
  return {
    name: 'imported',
    data: null,
    split: { kind: 'cases', train: [], validation: [] },
    patch: { kind: 'random', size: patch, foreground: null },
    orient: 'as_stored',
    spacing: { kind: 'as_stored' },
    resample: { kind: 'interpolate', images: 'cubic', labels: 'linear' },
    normalize: { kind: 'zscore', over: 'nonzero' },
    augment: [{ kind: 'flip', axes, chance: 0.5 }],
    loss: [
      { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground', over: 'case', denominator: 'sums', weights: null },
      { kind: 'cross_entropy', weight: 0.5, weights: null },
    ],
    deep: 'halving',
    optimizer: { kind: 'adamw', lr: 5e-5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-5, clipNorm: 1 },
    schedule: { kind: 'constant' },
    warmup: null,
    average: null,
    length: { kind: 'epochs', epochs: 1 },
    batch: 1,
    accumulate: 1,
    validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', region: 'all', mirror: null, every: 1 },
    select: { kind: 'last' },
    report: [...entryWords.report.default],
    identify: [],
  };
}
