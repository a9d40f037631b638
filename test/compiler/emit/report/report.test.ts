import { describe, expect, it } from 'vitest';
import { buildReport, type ModuleReport, type Report } from '../../../../compiler/emit/report/report.js';
import { renderReportJson, renderReportMarkdown, renderReportText } from '../../../../compiler/emit/report/render.js';
import { formatCount } from '../../../../text/count.js';
import type { Network } from '../../../../compiler/ir/ir.js';
import { lowerSpec } from '../../lowered.js';
import { patchOf } from '../legal-patch.js';
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

  it.each([
    'dalight3d.unet',
    'unet3d.unet',
    'attention-unet3d.unet',
    'residual-unet3d.unet',
    'vnet3d.unet',
    'unet2d-2015.unet',
    'unet-plus-plus.unet',
    'unetr.unet',
  ])('has subtotals in %s that sum to the totals', (file) => {
    const [network] = lowerSpec(file);
    if (network === undefined) throw new Error(file);
    const report = reportOf(network, patchOf(network));
    const ops = new Map(report.ops.map((op) => [op.id, op]));
    const figures = ['params', 'trainable', 'macs', 'activationBytes'] as const;
    const seen: string[] = [];
    const visit = (module: ModuleReport): void => {
      const parts = module.parts.map((part) => (typeof part === 'string' ? ops.get(part)! : part));
      for (const figure of figures) expect(total(parts, (part) => part[figure])).toBe(module[figure]);
      expect(total(parts, (part) => ('kind' in part ? 1 : part.ops))).toBe(module.ops);
      for (const part of parts) {
        if (!('kind' in part)) visit(part);
        else expect([seen.push(part.id), part.module]).toEqual([seen.length, module.id]);
      }
    };
    visit(report.tree);
    expect(seen.toSorted()).toEqual(report.ops.map(({ id }) => id).toSorted());
    expect(report.tree).toMatchObject({
      id: '',
      params: report.params.total,
      macs: report.macs,
      activationBytes: report.activationBytes,
      receptiveField: report.receptiveField,
    });
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
    expect(report.params).toEqual({ total: params, trainable: params, statistics: 0 });
    expect([report.receptiveField, report.global]).toEqual([[field, field, field], false]);
  });
});

describe('rendering', () => {
  const report = reportOf(allKinds(), [8, 6]);
  const dalight = reportOf(lowerSpec('dalight3d.unet')[0], [64, 64, 64]);

  /** The rows of the table, cells separated by ` | `, without the head. */
  function rowsOf(each: Report, depth: number): string[] {
    const [, table = ''] = renderReportText(each, { depth }).split(/^─.*\n/m);
    const rows = table.trimEnd().split('\n');
    return rows.map((row) => row.replace(/(?<=\S) {2,}/g, ' | '));
  }

  it('is a table with aligned columns', () => {
    const lines = renderReportText(report).trimEnd().split('\n');
    const table = lines.slice(lines.findIndex((line) => line.startsWith('─')));
    expect(new Set(table.map((line) => line.length)).size).toBe(1);
    expect(lines.slice(0, 3)).toEqual([
      'model               Every kind',
      'parameters          1,062 (998 trainable)',
      'running statistics  16 values, not among the parameters',
    ]);
  });

  it('shows the stages and what is in them, with shares of the total', () => {
    expect(rowsOf(dalight, 1).slice(0, 15)).toEqual([
      'DALight3D | 4 × 64³ | 2,219,074 | 100.0 | 37.69 | 100.0 | 1,259.7 | 121, global',
      '  encoder | 432 × 8³ | 1,090,614 | 49.1 | 10.18 | 27.0 | 387.7 | 77, global',
      '    stem | 24 × 64³ | 2,640 | 0.1 | 0.68 | 1.8 | 72.0 | 3',
      '      conv | 24 × 64³ | 2,592 | 0.1 | 0.68 | 1.8 | 24.0 | 3',
      '      group_norm | 24 × 64³ | 48 | <0.1 | 0 | 0.0 | 24.0 | 3',
      '    level0: light | 24 × 64³ | 32,286 | 1.5 | 8.15 | 21.6 | 216.0 | 7, global',
      '    down0: conv | 24 × 32³ | 15,576 | 0.7 | 0.51 | 1.4 | 3.0 | 9, global',
      '    level1: light | 48 × 32³ | 9,588 | 0.4 | 0.21 | 0.6 | 69.0 | 17, global',
      '      main | 48 × 32³ | 8,340 | 0.4 | 0.18 | 0.5 | 51.0 | 17, global',
      '      side | 48 × 32³ | 1,248 | 0.1 | 0.04 | 0.1 | 6.0 | 9, global',
      '    down1: conv | 48 × 16³ | 62,256 | 2.8 | 0.25 | 0.7 | 0.8 | 21, global',
      '    level2: light | 96 × 16³ | 44,664 | 2.0 | 0.09 | 0.2 | 17.3 | 37, global',
      '      main | 96 × 16³ | 39,864 | 1.8 | 0.07 | 0.2 | 12.8 | 37, global',
      '      side | 96 × 16³ | 4,800 | 0.2 | 0.02 | 0.1 | 1.5 | 21, global',
      '    down2: conv | 96 × 8³ | 248,928 | 11.2 | 0.13 | 0.3 | 0.2 | 45, global',
    ]);
  });

  it('shows as many levels inside the stages as asked', () => {
    const names = (depth: number): string[] => rowsOf(dalight, depth).map((row) => row.split(' | ')[0]!);
    const stages = dalight.stages.map(({ id }) => id).filter((id) => id !== 'input');
    expect(names(0).map((name) => name.trim().replace(/:.*/, ''))).toEqual([
      'DALight3D',
      'encoder',
      ...stages.filter((id) => id.startsWith('encoder.')).map((id) => id.slice('encoder.'.length)),
      'decoder',
      ...stages.filter((id) => id.startsWith('decoder.')).map((id) => id.slice('decoder.'.length)),
      'head.mask',
    ]);
    expect(names(1)).toContain('      attention: low_rank_attention');
    expect(names(2)).toContain('        squeeze_excite');
    expect(names(2)).toContain('        norm2: identifier_norm');
    expect(names(9).length).toBeGreaterThan(names(2).length);
  });

  it('separates thousands', () => {
    expect(formatCount(2219074)).toBe('2,219,074');
    expect(formatCount(999)).toBe('999');
    expect(formatCount(0)).toBe('0');
  });

  it('has a row for each operation if asked', () => {
    const text = renderReportText(report, { ops: true });
    for (const { id, computes } of report.ops) expect(text).toMatch(new RegExp(`^${id} +${computes} `, 'm'));
    expect(renderReportText(dalight, { ops: true })).toMatch(/^encoder\.stem\.gelu +gelu /m);
  });

  it.each([80, 120])('fits %i columns, and breaks no word', (columns) => {
    const words = (text: string): string[] => text.split(/[\s─]+/).filter((word) => word !== '');
    for (const ops of [false, true]) {
      const text = renderReportText(dalight, { ops, columns });
      expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(columns);
      const whole = new Set(
        words(renderReportText(dalight, { ops })).flatMap((word) => [word, ...word.split(/(?<=\.)/)]),
      );
      const path = [...whole].join(' ');
      for (const word of words(text)) expect(path).toContain(word);
    }
  });

  it('is JSON that reads back as the report', () => {
    expect(JSON.parse(renderReportJson(report))).toEqual(report);
  });

  it('is a Markdown table with as many cells in every row', () => {
    const text = renderReportMarkdown(report);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(2 + rowsOf(report, 1).length);
    expect(new Set(rows.map((row) => row.split('|').length)).size).toBe(1);
  });

  it('shows hostile names and lets none act', () => {
    const result = reportOf(hostile(), [4, 4]);
    const text = renderReportText(result, { ops: true });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202E]/u);
    expect(text).toContain('line\\u{a}break(); // \\u{d}\\u{a} oops');
    const rows = renderReportMarkdown(result).split('\n');
    expect(rows.filter((line) => line.startsWith('|'))).toHaveLength(2 + rowsOf(result, 1).length);
    expect(rows.join('\n')).not.toContain('</script>');
  });
});
