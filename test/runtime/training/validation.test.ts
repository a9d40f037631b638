import { describe, expect, it } from 'vitest';
import type { FloatTensor, LabelTensor } from '../../../runtime/data/types.js';
import type { OutputDescription } from '../../../contract/model-description.js';
import { decide } from '../../../runtime/inference/decide.js';
import { evaluateOverlap } from '../../../runtime/metrics/evaluate.js';
import { validationScore } from '../../../runtime/training/validation.js';

const classes = {
  name: 'mask',
  kind: 'classes',
  auxiliary: 0,
  labels: [
    { name: 'none', values: [0] },
    { name: 'edema', values: [1] },
    { name: 'core', values: [2] },
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

/** Rows of one case. */
function scoreCase(id: string, probabilities: FloatTensor, labels: LabelTensor, output: OutputDescription) {
  return evaluateOverlap({ case: id, prediction: decide(probabilities, output), truth: labels, output });
}

/** Dice by label of one case. */
function diceOf(...[probabilities, labels, output]: [FloatTensor, LabelTensor, OutputDescription]): (number | null)[] {
  return scoreCase('a', probabilities, labels, output).map(({ dice }) => dice);
}

describe('validation Dice', () => {
  it('is 2 |P and T| / (|P| + |T|) of each foreground class', () => {
    expect(diceOf(sure([0, 1, 1, 2, 2], 3), truth([0, 1, 0, 2, 1]), classes)).toEqual([0.5, 2 / 3]);
    expect(diceOf(sure([0, 0, 1], 3), truth([0, 0, 0]), classes)).toEqual([0, null]);
  });

  it('is that of each region', () => {
    const probabilities = { data: Float32Array.of(0.9, 0.9, 0.2, 0.8, 0.1, 0.1), shape: [2, 3] };
    expect(diceOf(probabilities, truth([4, 1, 1]), regions)).toEqual([0.8, 1]);
  });

  it('averages over the cases that decide a label, then over labels', () => {
    const first = scoreCase('a', sure([0, 1, 1, 0], 3), truth([0, 1, 0, 1]), classes);
    const second = scoreCase('b', sure([2, 1, 2, 2], 3), truth([0, 1, 0, 2]), classes);
    expect(validationScore([...first, ...second])).toEqual({ dice: { edema: 0.75, core: 0.5 }, mean: 0.625 });
    const none = scoreCase('c', sure([0, 0], 3), truth([0, 0]), classes);
    expect(validationScore(none)).toEqual({ dice: { edema: null, core: null }, mean: null });
  });
});
