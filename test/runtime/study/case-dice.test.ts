import { describe, expect, it } from 'vitest';
import { METRIC_POLICY } from '../../../runtime/metrics/policy.js';
import { meanOverCases } from '../../../runtime/study/case-dice.js';
import { buildReport } from '../../../runtime/study/report/build-report.js';
import { makeEvidence } from './make-evidence.js';

const ABSENT = { tp: 0, fp: 0, fn: 0, tn: 1 };

describe('mean Dice of a job', () => {
  const evidence = makeEvidence({
    rows: [{ name: 'base' }],
    seeds: [1],
    classes: ['edema', 'core', 'enhancing'],
    counts: (_, id, name, made) => (id === 'case-03' && name !== 'edema' ? ABSENT : made),
  });
  const [{ scores }] = evidence.runs as [(typeof evidence.runs)[0]];

  it("is the report's, where a case has fewer classes with a value", () => {
    const values = scores.flatMap(({ dice }) => dice ?? []);
    const overRows = values.reduce((sum, value) => sum + value, 0) / values.length;
    const mean = buildReport(evidence).rows[0]!.metrics.dice!.mean;
    expect(meanOverCases(scores)).toBeCloseTo(mean, 11);
    expect(Math.abs(overRows - mean)).toBeGreaterThan(0.001);
  });

  it('is not there where no class of any case has a value', () => {
    expect(meanOverCases(scores.map((row) => ({ ...row, dice: null })))).toBeNull();
    expect(meanOverCases([])).toBeNull();
  });
});

it('the policy tells the mean of an evaluation from that of a study', () => {
  expect(METRIC_POLICY.mean).toMatch(/unet evaluate.* over all rows.*; in a study, per case over its classes/);
});
