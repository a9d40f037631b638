import { describe, expect, it } from 'vitest';
import { addToBins, calibrate, emptyBins, expectedCalibrationError } from '../../../runtime/metrics/calibration.js';
import { evaluateCase } from '../../../runtime/metrics/evaluate.js';
import { summarize } from '../../../runtime/metrics/summarize.js';

const label = (name: string, ...values: number[]) => ({ name, values });
const classes = { kind: 'classes', labels: [label('none', 0), label('edema', 1), label('core', 2)] } as const;

/**
 * By hand. Confidence (bin of 15, from 0): 0.9 right (13), 0.92 wrong (13), 0.5 right (7), 0.52 right (7), 0.39 wrong (5).
 * Bin 13: |1 - 1.82|, bin 7: |2 - 1.02|, bin 5: |0 - 0.39|; their sum over 5 voxels is 2.19 / 5.
 */
const probabilities = Float32Array.from(
  [
    [0.9, 0.05, 0.5, 0.24, 0.31],
    [0.05, 0.92, 0.25, 0.52, 0.39],
    [0.05, 0.03, 0.25, 0.24, 0.3],
  ].flat(),
);
const truth = Uint8Array.of(0, 2, 0, 1, 0);

describe('calibration error of classes', () => {
  it('is that computed by hand', () => {
    const { all, foreground } = calibrate(probabilities, truth, classes);
    expect(expectedCalibrationError(all)).toBeCloseTo(2.19 / 5, 6);
    expect([...all.count]).toEqual([0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 2, 0]);
    // Without the two voxels of background held to be background: |0 - 0.92| + |1 - 0.52| + |0 - 0.39| over 3.
    expect(expectedCalibrationError(foreground)).toBeCloseTo(1.79 / 3, 6);
  });

  it('is over the voxels of all cases together', () => {
    const input = (id: string, data: Uint8Array) => ({
      case: id,
      truth: { data, shape: [1, 1, 5] },
      prediction: { data: Uint8Array.of(0, 1, 0, 1, 1), shape: [1, 1, 5] },
      probabilities: { data: probabilities, shape: [3, 1, 1, 5] },
      spacing: [1, 1, 1],
      output: classes,
    });
    const right = Uint8Array.of(0, 1, 0, 1, 1);
    const report = summarize('run', [evaluateCase(input('a', truth)), evaluateCase(input('b', right))]);
    // Bin 13: |3 - 3.64|, bin 7: |4 - 2.04|, bin 5: |1 - 0.78|.
    expect(report.ece).toBeCloseTo((0.64 + 1.96 + 0.22) / 10, 6);
    expect(report.ece_foreground).not.toBeNull();
  });

  it('is null without predictions and 0 for certainty that is right', () => {
    const bins = emptyBins();
    expect(expectedCalibrationError(bins)).toBeNull();
    addToBins(bins, 1, true);
    expect(expectedCalibrationError(bins)).toBe(0);
  });

  it('has bins closed above, as Guo et al. have them', () => {
    const bins = emptyBins();
    addToBins(bins, 0, true);
    addToBins(bins, 0.2, true);
    addToBins(bins, 0.2 + 1e-9, true);
    addToBins(bins, 1, true);
    expect([...bins.count]).toEqual([1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('calibration error of regions', () => {
  it('takes each region of each voxel as a prediction', () => {
    const regions = { kind: 'regions', labels: [label('whole', 1, 2), label('core', 2)] } as const;
    const { all, foreground } = calibrate(Float32Array.of(0.9, 0.2, 0.7, 0.1), Uint8Array.of(1, 2), regions);
    // whole: 0.9 right, 0.8 (not there) wrong; core: 0.7 wrong, 0.9 (not there) wrong.
    expect(expectedCalibrationError(all)).toBeCloseTo((Math.abs(1 - 1.8) + 0.8 + 0.7) / 4, 6);
    expect(expectedCalibrationError(foreground)).toBeCloseTo((Math.abs(1 - 1.8) + 0.8 + 0.7) / 4, 6);
  });
});
