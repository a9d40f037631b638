import { describe, expect, it } from 'vitest';
import { caseDice, scoreOf } from '../../../runtime/training/validation.js';

const classes = {
  name: 'mask',
  kind: 'classes',
  auxiliary: 0,
  // The values of the data set differ from the indices on purpose.
  labels: [
    { name: 'none', values: [0] },
    { name: 'edema', values: [4] },
    { name: 'core', values: [1] },
  ],
} as const;
const regions = {
  name: 'mask',
  kind: 'regions',
  auxiliary: 0,
  labels: [
    { name: 'whole', values: [1, 4] },
    { name: 'core', values: [4] },
  ],
} as const;

/** Probabilities of 1 for one label a voxel. */
function sure(predicted: number[], labels: number) {
  const data = new Float32Array(labels * predicted.length);
  predicted.forEach((label, voxel) => (data[label * predicted.length + voxel] = 1));
  return { data, shape: [labels, predicted.length] };
}

function truth(values: number[]) {
  return { data: Uint8Array.from(values), shape: [values.length] };
}

describe('validation Dice', () => {
  it('is 2 |P and T| / (|P| + |T|) of each foreground class', () => {
    expect(caseDice(sure([0, 1, 1, 2, 2], 3), truth([0, 1, 0, 2, 1]), classes)).toEqual([0.5, 2 / 3]);
    expect(caseDice(sure([0, 0, 1], 3), truth([0, 0, 0]), classes)).toEqual([0, null]);
  });

  it('is that of each region', () => {
    const probabilities = { data: Float32Array.of(0.9, 0.9, 0.2, 0.8, 0.1, 0.1), shape: [2, 3] };
    expect(caseDice(probabilities, truth([4, 1, 1]), regions)).toEqual([0.8, 1]);
  });

  it('averages over the cases that have the label, then over labels', () => {
    const score = scoreOf([[0.5, null], [1, 0.25]], classes); // prettier-ignore
    expect(score).toEqual({ dice: { edema: 0.75, core: 0.25 }, mean: 0.5 });
    expect(scoreOf([[null, null]], classes)).toEqual({ dice: { edema: null, core: null }, mean: null });
  });
});
