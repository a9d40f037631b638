import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { ReportProtocol } from '../../../contract/protocol.js';
import { calibrate, expectedCalibrationError } from '../../../runtime/metrics/calibration.js';
import { evaluateCase } from '../../../runtime/metrics/evaluate.js';
import { covers, furtherScores } from '../../../runtime/metrics/measures.js';
import { renderCsv, renderTable } from '../../../runtime/metrics/render.js';
import { summarize } from '../../../runtime/metrics/summarize.js';
import { randomStream } from '../../../runtime/random/random-stream.js';
import { userErrorOf } from '../data/make.js';
import { ellipsoid, type Shape } from './support.js';

const report: ReportProtocol = [
  { kind: 'dice' },
  { kind: 'nsd', tolerance: 1 },
  { kind: 'assd' },
  { kind: 'lesions', challenge: 'gli' },
  { kind: 'volume' },
  { kind: 'regions', unions: [{ name: 'WT', classes: ['edema', 'core'] }] },
];
const output = {
  kind: 'classes',
  labels: [
    { name: 'background', values: [0] },
    { name: 'edema', values: [1] },
    { name: 'core', values: [2] },
  ],
} as const;
const shape: Shape = [12, 14, 16];
const spacing = [2, 1, 0.5];
const inner = ellipsoid(shape, [6, 7, 8], [1, 1, 1], 4);
const outer = ellipsoid(shape, [6, 7, 8], [1, 1, 1], 16);
const nested = Uint8Array.from(outer, (value, voxel) => value + inner[voxel]!);

function evaluate(truth: Uint8Array, prediction: Uint8Array, shape: readonly number[] = [12, 14, 16]) {
  const tensors = { truth: { data: truth, shape }, prediction: { data: prediction, shape } };
  return evaluateCase({ case: 'a', ...tensors, output, spacing: spacing.slice(-shape.length), report });
}

describe('further measures', () => {
  it('of a union are those of the voxels of its classes, whichever class each was given', () => {
    const { rows, regions } = evaluate(nested, outer);
    expect(rows.map((row) => row.class)).toEqual(['edema', 'core']);
    const [union] = regions;
    expect(union).toMatchObject({ class: 'WT', dice: 1, hd95: 0, fp: 0, fn: 0 });
    expect(union!.further).toMatchObject({ nsd_1mm: 1, assd: 0, lesion_dice: 1, lesion_hd95: 0, volume_difference: 0 });
    const voxels = outer.reduce((sum, value) => sum + value, 0);
    expect(union!.further!['volume_predicted']).toBeCloseTo(voxels / 1000, 12);
  });

  it('follow the rules for empty masks', () => {
    const nothing = new Uint8Array(outer.length);
    const [edema, core] = evaluate(outer, nothing).rows;
    const diagonal = Math.hypot(24, 14, 8);
    // The lesion has more than 50 mm3, and nothing matches it.
    expect(edema!.further).toMatchObject({
      nsd_1mm: 0,
      assd: diagonal,
      lesion_dice: 0,
      lesion_hd95: 374,
      lesions_missed: 1,
    });
    expect(core!.further).toMatchObject({ nsd_1mm: null, assd: null, lesion_dice: 1, lesion_hd95: 0, volume_error: 0 });
    const summary = summarize('run', [evaluate(outer, nothing)], [], report);
    expect(summary.denominators.classes['core']!.further).toMatchObject({ nsd_1mm: 0, lesion_dice: 1 });
    expect(summary.mean.further!['nsd_1mm']).toBe(0);
    const text = renderTable(summary);
    expect(text).toMatch(/mean of 0\/1 +core +- +-\n/);
    expect(text).toMatch(/mean of 1\/1 +core +1.0000 +0.0/);
    expect(text).not.toContain('IoU');
    expect(text).toMatch(/Lesions: BraTS 2023, GLI: dilation 3/);
  });

  it('are the same however a slice is stored', () => {
    const slice = nested.slice(6 * 14 * 16, 7 * 14 * 16);
    const other = outer.slice(6 * 14 * 16, 7 * 14 * 16);
    const flat = evaluate(slice, other, [14, 16]).rows[0]!.further!;
    const volume = (shape: readonly number[], spacing: readonly number[]) => {
      const tensors = { truth: { data: slice, shape }, prediction: { data: other, shape } };
      return evaluateCase({ case: 'a', ...tensors, output, spacing, report }).rows[0]!.further!;
    };
    for (const found of [volume([1, 14, 16], [1, 1, 0.5]), volume([14, 16, 1], [1, 0.5, 1])])
      expect(found).toEqual(flat);
  });

  it('are columns of CSV, with unions marked', () => {
    const [head, ...lines] = renderCsv(summarize('run', [evaluate(nested, outer)], [], report))
      .trim()
      .split(/\r?\n/);
    expect(head).toContain(`tn,${furtherScores(report).join(',')},kind,cautions`);
    expect(lines.map((line) => line.split(',').at(-2))).toEqual(['class', 'class', 'union']);
  });

  it('refuse a union that the output cannot form', async () => {
    const regions = (name: string, classes: string[]): ReportProtocol => [
      { kind: 'regions', unions: [{ name, classes }] },
    ];
    const input = { case: 'a', truth: { data: outer, shape }, prediction: { data: outer, shape }, output, spacing };
    for (const wrong of [regions('WT', ['edma']), regions('core', ['edema'])])
      expect((await userErrorOf(() => evaluateCase({ ...input, report: wrong }))).code).toBe('UNET6180');
  });

  it('of a study are computed again only if one is missing', () => {
    expect(covers(report, [{ kind: 'nsd', tolerance: 1 }, { kind: 'calibration' }])).toBe(true);
    expect(covers(report, [{ kind: 'nsd', tolerance: 2 }])).toBe(false);
    expect(covers(report, [{ kind: 'lesions', challenge: 'met' }])).toBe(false);
    expect(covers(report, [{ kind: 'regions', unions: [{ name: 'WT', classes: ['edema'] }] }])).toBe(false);
  });
});

const python = '/usr/bin/python3';
const script = `
import json, sys, numpy
given = json.load(sys.stdin)
p, truth = numpy.array(given["p"]).reshape(3, -1), numpy.array(given["truth"])
def ece(keep):
    confidence, correct = p.max(0)[keep], (p.argmax(0) == truth)[keep]
    edges = numpy.arange(16) / 15
    bins = numpy.digitize(confidence, edges[1:-1], right=True)
    return sum(abs(confidence[bins == b].mean() - correct[bins == b].mean()) * (bins == b).mean() for b in set(bins))
print(json.dumps([ece(truth >= 0), ece((truth > 0) | (p.argmax(0) > 0))]))
`;

it.skipIf(spawnSync(python, ['-c', 'import numpy']).status !== 0)('numpy computes the same calibration errors', () => {
  const random = randomStream(3, 'calibration');
  const voxels = 4000;
  const p = new Float32Array(3 * voxels);
  const truth = new Uint8Array(voxels);
  for (let voxel = 0; voxel < voxels; voxel++) {
    const raw = [random.uniform(), random.uniform() ** 2, random.uniform() ** 3];
    const sum = raw[0]! + raw[1]! + raw[2]!;
    raw.forEach((value, label) => (p[label * voxels + voxel] = value / sum));
    truth[voxel] = Math.floor(3 * random.uniform());
  }
  const { all, foreground } = calibrate(p, truth, output);
  const { stdout } = spawnSync(python, ['-c', script], {
    input: JSON.stringify({ p: [...p], truth: [...truth] }),
    encoding: 'utf8',
  });
  const expected = JSON.parse(stdout) as number[];
  expect(expectedCalibrationError(all)).toBeCloseTo(expected[0]!, 9);
  expect(expectedCalibrationError(foreground)).toBeCloseTo(expected[1]!, 9);
});
