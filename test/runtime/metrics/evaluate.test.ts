import { describe, expect, it } from 'vitest';
import { evaluateCase, evaluateOverlap, type CaseInput } from '../../../runtime/metrics/evaluate.js';
import { summarize } from '../../../runtime/metrics/summarize.js';
import { renderCsv, renderTable } from '../../../runtime/metrics/render.js';
import { ellipsoid } from './support.js';

const label = (name: string, ...values: number[]) => ({ name, values });
const classes = {
  kind: 'classes',
  labels: [label('none', 0), label('edema', 1), label('active, or "hot"', 2)],
} as const;
const regions = { kind: 'regions', labels: [label('whole', 1, 2), label('core', 2)] } as const;

/** A case of one row of voxels. */
function line(
  id: string,
  truth: readonly number[],
  prediction: readonly number[],
  more: Partial<CaseInput> = {},
): CaseInput {
  const shape = [1, 1, truth.length];
  return {
    case: id,
    truth: { data: Uint8Array.from(truth), shape },
    prediction: { data: Uint8Array.from(prediction), shape },
    spacing: [2, 1, 3],
    output: classes,
    ...more,
  };
}

const DIAGONAL = Math.hypot(2, 1, 18);
const mixed = line('a', [0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 0, 2]);

describe('scores of a case', () => {
  it('are those of its counts', () => {
    const [edema] = evaluateCase(mixed).rows;
    expect(edema).toMatchObject({ case: 'a', class: 'edema', tp: 2, fp: 1, fn: 1, tn: 2 });
    expect(edema!.dice).toBeCloseTo(4 / 6, 12);
    expect(edema!.iou).toBeCloseTo(2 / 4, 12);
    expect(edema!.sensitivity).toBeCloseTo(2 / 3, 12);
    expect(edema!.specificity).toBeCloseTo(2 / 3, 12);
    expect(edema!.precision).toBeCloseTo(2 / 3, 12);
    // Truth 2..4, prediction 1..3; a line's surface is its two ends, each 3 mm from the other's.
    expect(edema!.hd95).toBeCloseTo(3, 12);
  });

  it('recorded from SciPy: Dice of two ellipsoids', () => {
    const shape = [11, 14, 17] as const;
    const [row] = evaluateCase({
      case: 'ellipsoids',
      truth: { data: ellipsoid(shape, [5, 6, 8], [4, 1, 1], 30), shape },
      prediction: { data: ellipsoid(shape, [6, 8, 7], [3, 2, 1], 40), shape },
      spacing: [1.3, 0.9, 1.1],
      output: classes,
    }).rows;
    expect(row).toMatchObject({ tp: 243, fp: 208, fn: 122 });
    expect(row!.dice).toBeCloseTo(0.5955882352941176, 12);
    expect(row!.hd95).toBeCloseTo(2.751363298439521, 12);
  });

  it('are there without surface distances, too', () => {
    const rows = evaluateCase(mixed).rows.map(({ hd95: _, ...row }) => row);
    expect(evaluateOverlap(mixed)).toEqual(rows);
  });

  it('count voxels by truth and prediction', () => {
    expect(evaluateCase(mixed)).toMatchObject({
      classes: ['none', 'edema', 'active, or "hot"'],
      confusion: [
        [1, 1, 0],
        [1, 2, 0],
        [0, 0, 1],
      ],
    });
  });

  it('of nested regions count each region by all its values', () => {
    const {
      rows,
      classes: cells,
      confusion,
    } = evaluateCase(line('r', [0, 1, 1, 2, 2, 4], [0, 1, 2, 1, 2, 0], { output: regions }));
    expect(rows.map((row) => [row.class, row.tp, row.fp, row.fn, row.tn])).toEqual([
      ['whole', 4, 0, 0, 2],
      ['core', 1, 1, 1, 3],
    ]);
    expect(cells).toEqual(['no region', 'whole', 'whole+core']);
    expect(confusion).toEqual([
      [2, 0, 0],
      [0, 1, 1],
      [0, 1, 1],
    ]);
  });
});

describe('empty classes', () => {
  const scores = (truth: readonly number[], prediction: readonly number[]) =>
    evaluateCase(line('e', truth, prediction)).rows[0];

  it('in truth and prediction have no scores but specificity', () => {
    expect(scores([0, 0, 2, 2, 2, 2], [0, 0, 2, 2, 2, 2])).toMatchObject({
      dice: null,
      iou: null,
      sensitivity: null,
      specificity: 1,
      precision: null,
      hd95: null,
    });
  });

  it('that were missed count the worst of every score', () => {
    const missed = scores([0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]);
    expect(missed).toMatchObject({ dice: 0, iou: 0, sensitivity: 0, specificity: 1, precision: 0 });
    expect(missed!.hd95).toBeCloseTo(DIAGONAL, 12);
  });

  it('that were invented count the worst but for sensitivity, which is undefined', () => {
    const invented = scores([0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]);
    expect(invented).toMatchObject({ dice: 0, iou: 0, sensitivity: null, precision: 0 });
    expect(invented!.specificity).toBeCloseTo(5 / 6, 12);
    expect(invented!.hd95).toBeCloseTo(DIAGONAL, 12);
  });

  it('never improve a mean by being missed', () => {
    const found = evaluateCase(line('found', [0, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0]));
    const missed = evaluateCase(line('missed', [0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]));
    const one = summarize('run', [found]).mean;
    const two = summarize('run', [found, missed]).mean;
    for (const score of ['dice', 'iou', 'sensitivity', 'precision'] as const)
      expect(two[score]).toBeLessThan(one[score]!);
    expect(two.hd95).toBeGreaterThan(one.hd95!);
  });
});

describe('a report', () => {
  const absent = line('b', [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1]);
  const report = summarize('runs/first', [evaluateCase(mixed), evaluateCase(absent)]);

  it('has means over the rows that have a value, and tells how many', () => {
    expect(report.run).toBe('runs/first');
    expect(report.cases.map((row) => [row.case, row.class])).toEqual([
      ['a', 'edema'],
      ['a', 'active, or "hot"'],
      ['b', 'edema'],
      ['b', 'active, or "hot"'],
    ]);
    expect(report.denominators).toMatchObject({ dice: 3, specificity: 4, hd95: 3, rows: 4 });
    expect(report.mean.dice).toBeCloseTo((2 / 3 + 1 + 1) / 3, 12);
    expect(report.mean.classes['edema']!.dice).toBeCloseTo(5 / 6, 12);
    expect(report.denominators.classes['active, or "hot"']).toMatchObject({ dice: 1, rows: 2 });
    expect(report.confusion).toEqual([
      [4, 1, 0],
      [1, 5, 0],
      [0, 0, 1],
    ]);
    expect(report.ece).toBeNull();
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('is a CSV file', () => {
    const lines = renderCsv(report).split('\n');
    expect(lines[0]).toBe('case,class,dice,iou,sensitivity,specificity,precision,hd95,tp,fp,fn,tn,cautions');
    expect(lines[2]).toBe('a,"active, or ""hot""",1,1,1,1,1,0,1,0,0,5,');
    expect(lines[4]).toBe('b,"active, or ""hot""",,,,1,,,0,0,0,6,');
    expect(lines).toHaveLength(6);
  });

  it('is a table that prints what an empty class counts', () => {
    const text = renderTable(report);
    expect(text).toMatch(/^a +edema +0\.6667 +0\.5000 /m);
    expect(text).toMatch(/^b +active, or "hot" +- /m);
    expect(text).toMatch(/^mean of 3\/4 +all/m);
    expect(text).toContain(report.policy.prediction_empty);
    expect(text).toContain('ECE (15 bins): - over all voxels');
  });

  it('prints small distances with two digits', () => {
    const hd95s = [0, 0.00456, 0.96, 8.04];
    const cases = hd95s.map((hd95) => ({ ...report.cases[0]!, hd95 }));
    const text = renderTable({ ...report, cases });
    for (const printed of ['0.0', '0.0046', '0.96', '8.0']) expect(text).toContain(` ${printed}\n`);
  });

  it('of no case is empty', () => {
    expect(summarize('run', [])).toMatchObject({
      cases: [],
      mean: { dice: null },
      denominators: { dice: 0 },
      confusion: [],
    });
  });
});

describe('faults', () => {
  it('name the case whose label has another shape', () => {
    const probabilities = { data: new Float32Array(18), shape: [3, 1, 1, 6] };
    const input = { ...mixed, probabilities, truth: { data: new Uint8Array(8), shape: [2, 2, 2] } };
    expect(() => evaluateCase(input)).toThrow(
      expect.objectContaining({
        code: 'UNET6082',
        message: 'Case `a`: The label has 2 x 2 x 2 voxels, but the prediction has 1 x 1 x 6.',
      }),
    );
  });

  it('name the case and the value that is no class', () => {
    expect(() => evaluateCase(line('c', [0, 7, 0], [0, 0, 0]))).toThrow(
      expect.objectContaining({
        code: 'UNET6083',
        message: expect.stringContaining('Case `c`: The label contains the value 7') as string,
      }),
    );
    expect(() => evaluateCase(line('c', [0, 255, 0], [0, 0, 0], { output: regions }))).toThrow(
      expect.objectContaining({ code: 'UNET6083' }),
    );
  });
});
