/** Measures, unions of classes and calibration in a study's report, as far as the protocol's `report` asks for them. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { entryWords } from '../../../../contract/protocol-words.js';
import type { ReportProtocol } from '../../../../contract/protocol.js';
import { addToBins, emptyBins } from '../../../../runtime/metrics/calibration.js';
import type { MetricRow } from '../../../../runtime/metrics/evaluate.js';
import { buildReport } from '../../../../runtime/study/report/build-report.js';
import { renderReportCsv } from '../../../../runtime/study/report/render-csv.js';
import { renderReportHtml } from '../../../../runtime/study/report/render-html.js';
import { renderReportLatex } from '../../../../runtime/study/report/render-latex.js';
import { renderReportText } from '../../../../runtime/study/report/render-text.js';
import { holm } from '../../../../runtime/study/statistics/holm.js';
import { makeEvidence } from '../make-evidence.js';

const report: ReportProtocol = [
  { kind: 'dice' },
  { kind: 'nsd', tolerance: 1 },
  { kind: 'volume' },
  { kind: 'calibration' },
  { kind: 'regions', unions: [{ name: 'WT', classes: ['edema', 'enhancing tumour'] }] },
];

/** Further scores that follow from the Dice; a union is scored as the first class. */
function withFurther(row: MetricRow): MetricRow {
  const dice = row.dice ?? 0;
  const volumes = { volume_predicted: 10 * dice, volume_reference: 9, volume_difference: 10 * dice - 9 };
  const error = Math.abs(volumes.volume_difference);
  return { ...row, further: { nsd_1mm: dice / 2, ...volumes, volume_error: error } };
}

const bins = emptyBins();
addToBins(bins, 0.9, true);
addToBins(bins, 0.9, false);

const evidence = makeEvidence({
  rows: [{ name: 'Base' }, { name: 'Better', effect: 0.1 }, { name: 'Equal' }],
  cases: 9,
  protocol: { report },
  run: (_, scores) => ({
    scores: scores.map(withFurther),
    regions: scores.filter((row) => row.class === 'edema').map((row) => withFurther({ ...row, class: 'WT' })),
    calibration: { all: bins, foreground: bins },
  }),
});
const built = buildReport(evidence);
const better = built.rows[1]!;
const page = renderReportHtml(built, { evidence, read: () => undefined });

describe('a report with further measures', () => {
  it('has their means and differences, and does not mix unions into the means over classes', () => {
    expect(better.metrics['nsd_1mm']!.mean).toBeCloseTo(better.metrics.dice!.mean / 2, 10);
    expect(better.difference!['nsd_1mm']!.mean).toBeCloseTo(better.difference!.dice!.mean / 2, 10);
    expect(better.metrics.dice!.mean).toBeCloseTo(
      (better.classes['edema']!.dice!.mean + better.classes['enhancing tumour']!.dice!.mean) / 2,
      10,
    );
    expect(better.regions!['WT']!.dice!.mean).toBeCloseTo(better.classes['edema']!.dice!.mean, 10);
    expect(Object.keys(better.classes)).toEqual(['edema', 'enhancing tumour']);
    expect(better.metrics['volume_predicted']).toBeUndefined();
  });

  it('counts a lower error as an improvement', () => {
    const { improvement, mean } = better.difference!['volume_error']!;
    expect(improvement > 0.5).toBe(mean < 0);
  });

  it('corrects the differences by class and by union in families of their own', () => {
    const family = built.rows.slice(1).flatMap((row) => Object.values(row.classDifferences!).map((each) => each.dice!));
    expect(family).toHaveLength(4);
    const adjusted = holm(family.map(({ p }) => p.wilcoxon));
    family.forEach(({ pHolm }, index) => expect(pHolm.wilcoxon).toBeCloseTo(adjusted[index]!, 10));
    const unions = built.rows.slice(1).map((row) => row.regionDifferences!['WT']!.dice!);
    const two = holm(unions.map(({ p }) => p.permutation));
    unions.forEach(({ pHolm }, index) => expect(pHolm.permutation).toBeCloseTo(two[index]!, 10));
    expect(built.methods['families']).toMatch(/family of their own/);
  });

  it('pools the bins of all runs', () => {
    expect(better.calibration!.foreground.count.reduce((sum, count) => sum + count)).toBe(4);
  });

  it('shows them in every format', () => {
    expect(page).toMatch(/<section id="further"[^]*NSD 1 mm[^]*<section id="unions"[^]*<section id="calibration"/);
    expect(page).toContain('ECE 0.400 over foreground');
    expect(page).not.toContain('>HD95');
    const text = renderReportText(built);
    expect(text).toMatch(/Better +classes +NSD 1 mm/);
    expect(text).toMatch(/WT +Dice/);
    expect(text).not.toContain('HD95\n');
    expect(renderReportLatex(built)).toMatch(
      /Network & NSD 1 mm & volume difference \(ml\) & volume error \(ml\) & Dice, WT/,
    );
    const rows: Record<string, string>[] = parse(renderReportCsv(built), { columns: true });
    const union = rows.find((row) => row['variant'] === 'Better' && row['class'] === 'WT' && row['metric'] === 'dice')!;
    expect(Number(union['p_holm_wilcoxon'])).toBe(better.regionDifferences!['WT']!.dice!.pHolm.wilcoxon);
  });
});

it('shows none of them by default', () => {
  const plain = buildReport({
    ...evidence,
    record: { ...evidence.record, report: [...entryWords.report.default] },
    protocol: {
      ...evidence.protocol,
      protocol: { ...evidence.protocol.protocol, report: [...entryWords.report.default] },
    },
  });
  expect(plain.rows[1]).not.toHaveProperty('regions');
  expect(plain.rows[1]).not.toHaveProperty('calibration');
  expect(plain.rows[1]).not.toHaveProperty('classDifferences');
  expect(Object.keys(plain.rows[1]!.metrics)).toEqual(['dice', 'iou', 'sensitivity', 'precision', 'hd95']);
  expect(plain.rows[1]!.difference).toEqual({
    dice: better.difference!.dice,
    iou: better.difference!.iou,
    sensitivity: better.difference!.sensitivity,
    precision: better.difference!.precision,
    hd95: better.difference!.hd95,
  });
});
