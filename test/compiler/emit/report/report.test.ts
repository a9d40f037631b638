import { describe, expect, it } from 'vitest';
import { buildReport, type Report } from '../../../../compiler/emit/report/report.js';
import { renderReportJson, renderReportMarkdown, renderReportText } from '../../../../compiler/emit/report/render.js';
import { formatCount } from '../../../../text/count.js';
import type { Network } from '../../../../compiler/ir/ir.js';
import { lowerSpec } from '../../lowered.js';
import { allKinds, hostile } from '../tfjs/all-kinds.js';

function reportOf(network: Network | undefined, patch: readonly number[]): Report {
  if (network === undefined) throw new Error('no network');
  const result = buildReport(network, patch);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.report;
}

function total<T>(parts: readonly T[], figure: (part: T) => number): number {
  return parts.reduce((sum, part) => sum + figure(part), 0);
}

describe('buildReport', () => {
  it('sums to the totals over stages and over operations', () => {
    const report = reportOf(allKinds(), [8, 6]);
    for (const parts of [report.stages, report.ops]) {
      expect(total<(typeof parts)[number]>(parts, ({ params }) => params)).toBe(report.params.total);
      expect(total<(typeof parts)[number]>(parts, ({ trainable }) => trainable)).toBe(report.params.trainable);
      expect(total<(typeof parts)[number]>(parts, ({ macs }) => macs)).toBe(report.macs);
      expect(total<(typeof parts)[number]>(parts, (part) => part.activationBytes)).toBe(report.activationBytes);
    }
    expect(report.params.total - report.params.trainable).toBe(64);
    expect(total(report.stages, ({ ops }) => ops)).toBe(report.ops.length);
  });

  it('has what programs read', () => {
    const report = reportOf(allKinds(), [8, 6]);
    expect(report).toMatchObject({ model: 'Every kind', axes: ['D', 'H'], patch: [8, 6], global: true });
    expect(report.receptiveField).toHaveLength(2);
    expect(report.ops.find(({ id }) => id === 'decoder.up')).toMatchObject({
      kind: 'transposed_conv',
      stage: 'decoder.level0',
      output: [4, 8, 6],
      shape: '4 x 2 * floor(D / 2) x 2 * floor(H / 2)',
      params: 4 * 4 * 4 + 4,
      macs: 4 * 4 * 3 * 4 * 4,
    });
    expect(report.stages[0]).toMatchObject({ id: 'input', output: [2, 8, 6], ops: 2 });
  });

  it('gives the faults of an illegal patch', () => {
    expect(buildReport(allKinds(), [8])).toMatchObject({ ok: false, faults: [{ kind: 'rank' }] });
    expect(buildReport(allKinds(), [1, 8])).toMatchObject({ ok: false, faults: [{ axis: 'D', size: 1, above: 2 }] });
  });

  it("agrees with the reference's parameters of every stage of DALight-3D", () => {
    const report = reportOf(lowerSpec('dalight3d.unet')[0], [64, 64, 64]);
    expect(report.stages.map(({ id, params }) => [id, params])).toEqual([
      ['input', 0],
      ['encoder.stem', 2640],
      ['encoder.level0', 32286],
      ['encoder.down0', 15576],
      ['encoder.level1', 9588],
      ['encoder.down1', 62256],
      ['encoder.level2', 44664],
      ['encoder.down2', 248928],
      ['encoder.level3', 674676],
      ['decoder.up2', 331872],
      ['decoder.fuse2', 497856],
      ['decoder.level2', 31800],
      ['decoder.up1', 36912],
      ['decoder.fuse1', 131789],
      ['decoder.level1', 10140],
      ['decoder.up0', 9240],
      ['decoder.fuse0', 33361],
      ['decoder.level0', 3630],
      ['head.mask', 41860],
    ]);
    expect(report.params.total).toBe(2219074);
    expect(report.stages.find(({ id }) => id === 'encoder.level3')?.output).toEqual([432, 8, 8, 8]);
  });

  it.each([
    ['unet3d.unet', 3153388, 96],
    ['attention-unet3d.unet', 3165568, 96],
    ['residual-unet3d.unet', 3201868, 96],
  ])('counts %s as the reference does', (file, params, field) => {
    const report = reportOf(lowerSpec(file)[0], [64, 64, 64]);
    expect(report.params).toEqual({ total: params, trainable: params });
    expect([report.receptiveField, report.global]).toEqual([[field, field, field], false]);
  });
});

describe('rendering', () => {
  const report = reportOf(allKinds(), [8, 6]);

  it('is a table with every stage and aligned columns', () => {
    const lines = renderReportText(report).trimEnd().split('\n');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('┌')));
    expect(new Set(table.map((line) => line.length)).size).toBe(1);
    for (const { id } of report.stages) expect(table.some((line) => line.includes(`│ ${id} `))).toBe(true);
    expect(lines.slice(0, 3)).toEqual([
      'model            Every kind',
      'parameters       947 (883 trainable)',
      'patch            D = 8, H = 6',
    ]);
  });

  it('separates thousands', () => {
    expect(formatCount(2219074)).toBe('2,219,074');
    expect(formatCount(999)).toBe('999');
    expect(formatCount(0)).toBe('0');
  });

  it('has a row for each operation where that is asked', () => {
    const text = renderReportText(report, { ops: true });
    for (const { id } of report.ops) expect(text).toContain(`│ ${id} `);
  });

  it('is JSON that reads back as the report', () => {
    expect(JSON.parse(renderReportJson(report))).toEqual(report);
  });

  it('is a Markdown table with as many cells in every row', () => {
    const text = renderReportMarkdown(report);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(report.stages.length + 3);
    expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1);
  });

  it('shows hostile names and lets none act', () => {
    const result = reportOf(hostile(), [4, 4]);
    const text = renderReportText(result, { ops: true });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202E]/u);
    expect(text).toContain('line\\u{a}break(); // \\u{d}\\u{a} oops');
    const rows = renderReportMarkdown(result).split('\n');
    expect(rows.filter((line) => line.startsWith('|'))).toHaveLength(result.stages.length + 3);
    expect(rows.join('\n')).not.toContain('</script>');
  });
});
