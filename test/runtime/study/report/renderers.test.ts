import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import stringWidth from 'fast-string-width';
import { describe, expect, it } from 'vitest';
import { buildReport } from '../../../../runtime/study/report/build-report.js';
import { latexText } from '../../../../text/latex-text.js';
import { notesOfRow, rowNotes } from '../../../../runtime/study/report/notes.js';
import { renderReportCsv } from '../../../../runtime/study/report/render-csv.js';
import { renderReportJson } from '../../../../runtime/study/report/render-json.js';
import { renderReportLatex } from '../../../../runtime/study/report/render-latex.js';
import { renderReportText } from '../../../../runtime/study/report/render-text.js';
import type { ReportRow, StudyReport } from '../../../../runtime/study/report/report.js';
import { printable } from '../../../../text/printable.js';
import { findingOf } from '../../../../runtime/study/report/phrases.js';
import { makeStudy } from './fixture.js';

const report = buildReport(makeStudy());
const hostile = buildReport(makeStudy({ hostile: true }));
const empty = buildReport(makeStudy({ finished: 0 }));
/** The report of hostile names, each of which is also a note and a caution of its row. */
const doubted: StudyReport = {
  ...hostile,
  rows: hostile.rows.map((row) => ({ ...row, cautions: [`doubt ${row.variant}`, 'doubt of all'] })),
};
const all = { plain: report, hostile, 'hostile notes': doubted, 'without a finished job': empty };

/** The lines of a row of the terminal table. */
function rowOf(text: string, name: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(name));
  const end = lines.findIndex((line, index) => index > start && (line.startsWith('─') || line === ''));
  return lines.slice(start, end).join('\n');
}

/** The report with another row in place of one. */
function withRow(index: number, change: Partial<ReportRow>): StudyReport {
  return { ...report, rows: report.rows.map((row, at) => (at === index ? { ...row, ...change } : row)) };
}

/** Without line breaks and the indentation that follows them. */
function joinedLines(text: string): string {
  return text.replace(/\s+/g, ' ');
}

describe('notes and cautions of rows', () => {
  it('are lettered in the order of the rows, all cautions first, and shared by the rows that have them', () => {
    const notes = rowNotes(report.rows);
    expect(notes.map(({ mark, isCaution, variants }) => [mark, isCaution, variants])).toEqual([
      ['a', false, ['NoSepConv', 'NoIdentifierNorm']],
      ['b', false, ['NoIdentifierNorm']],
    ]);
    expect(rowNotes(doubted.rows).map(({ mark }) => mark)).toEqual([...'abcdefghijklmno']);
    expect(rowNotes(doubted.rows)[1]).toMatchObject({
      isCaution: true,
      variants: doubted.rows.map((row) => row.variant),
    });
    const many = { ...report.rows[0]!, notes: Array.from({ length: 28 }, (_, index) => `note ${index}`) };
    expect(
      rowNotes([many])
        .map(({ mark }) => mark)
        .slice(24),
    ).toEqual(['y', 'z', 'aa', 'ab']);
  });

  it('are referred to by their rows and written out below the terminal table', () => {
    for (const columns of [80, 160]) {
      const text = renderReportText(report, { columns });
      expect(rowOf(text, 'NoIdentifierNorm')).toContain('see a, b');
      expect(rowOf(text, 'NoCSA')).not.toContain('see ');
      expect(joinedLines(text)).toContain(`a NoSepConv, NoIdentifierNorm: ${report.rows[1]!.notes[0]!}`);
    }
    const text = joinedLines(renderReportText(doubted, { columns: 4000 }));
    for (const { mark, text: note, variants } of rowNotes(doubted.rows))
      expect(text).toContain(`${mark} ${printable(variants.join(', '))}: ${printable(note)}`);
  });

  it('are in LaTeX, every character escaped', () => {
    const source = renderReportLatex(doubted);
    const notes = rowNotes(doubted.rows);
    for (const { mark, text, variants } of notes)
      expect(source).toContain(`\\item[${mark}] ${latexText(`${variants.join(', ')}: ${text}`)}\n`);
    const references = [...source.matchAll(/\\tnote\{([a-z,]+)\}/g)].map(([, marks]) => marks);
    expect(references).toEqual(
      doubted.rows.map((row) =>
        notesOfRow(notes, row)
          .map(({ mark }) => mark)
          .join(','),
      ),
    );
    expect(renderReportLatex(report)).toContain('NoIdentifierNorm\\tnote{a,b} &');
  });

  it('are in the first CSV line of their rows alone, in which nothing is a formula', () => {
    const lines: Record<string, string>[] = parse(renderReportCsv(doubted), { columns: true });
    const asCell = (text: string): string => (/^[=+@-]/.test(text) ? `'${text}` : text);
    for (const row of doubted.rows) {
      const [first, ...rest] = lines.filter(({ variant }) => [row.variant, `'${row.variant}`].includes(variant!));
      expect(first!['row_notes']).toBe(asCell(row.notes.join(' | ')));
      expect(first!['row_cautions']).toBe(asCell(row.cautions.join(' | ')));
      expect(first!['conclusion']).toBe(asCell(row.conclusion));
      for (const line of rest)
        expect([line['row_notes'], line['row_cautions'], line['conclusion']]).toEqual(['', '', '']);
    }
  });
});

describe('the terminal table', () => {
  const text = renderReportText(report);

  it('has figures with their intervals, both tests, costs and runs in the row of a network', () => {
    const row = rowOf(text, 'NoCSA');
    const { difference, metrics } = report.rows[3]!;
    expect(row).toContain(metrics.dice!.mean.toFixed(3));
    expect(row).toContain(`[${metrics.dice!.ci!.map((end) => end.toFixed(3)).join(', ')}]`);
    expect(row).toContain(`−${Math.abs(difference!.dice!.mean).toFixed(3)}`);
    expect(row).toContain(`W ${difference!.dice!.pHolm.wilcoxon!.toFixed(3)}`);
    expect(row).toContain(`P ${difference!.dice!.pHolm.permutation!.toFixed(3)}`);
    for (const part of ['csa = off', '1,924,522', '12.1 G', metrics.hd95!.mean.toFixed(1), '1.01', '1,602']) {
      expect(row).toContain(part);
    }
    expect(row).toMatch(/ 6$/m);
  });

  it('marks the base, what is not matched and why, how checkpoints were chosen, and jobs not finished', () => {
    expect(rowOf(text, 'DALight3D (base)')).toContain('2,219,074');
    const rival = rowOf(text, 'VNet3D').replace(/\s+/g, ' ');
    for (const part of ['UNMATCHED: steps 600', 'learning', 'rate 1e-4', 'selected on validation', '5 of 6', 'W –']) {
      expect(rival).toContain(part);
    }
    expect(rowOf(renderReportText(withRow(3, { selected: 'last' })), 'NoCSA')).not.toContain('selected');
  });

  it('has its notes directly below, and then the cautions', () => {
    const [, notes, cautions] = text.slice(text.indexOf('rate 1e-4')).split('\n\n');
    expect(notes!.trimStart()).toMatch(/^a NoSepConv, /);
    expect(joinedLines(cautions!)).toContain(`! ${report.cautions[0]!}`);
  });

  it.each(Object.entries(all))('fits the terminal: %s', (_, each) => {
    for (const columns of [80, 100, 120, 160]) {
      const lines = renderReportText(each, { columns }).split('\n');
      expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
    }
  });

  it('splits into quality and costs where both do not fit', () => {
    const heads = (columns: number): number => renderReportText(report, { columns }).match(/^variant /gm)!.length;
    expect([heads(80), heads(120)]).toEqual([2, 1]);
  });

  it('is coloured only when asked, and names cannot colour it', () => {
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    expect(renderReportText(hostile)).not.toMatch(controls);
    const coloured = renderReportText(report, { colours: true });
    expect(coloured).toContain('\u001b[33m');
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(text);
  });

  it('says what both tests found, and names a difference only where both stay below 5 %', () => {
    expect(findingOf(report)).toContain('None of the 5 matched comparisons is significant');
    const dice = report.rows[4]!.difference!.dice!;
    const tested = (wilcoxon: number, permutation: number): string =>
      findingOf(withRow(4, { difference: { dice: { ...dice, pHolm: { wilcoxon, permutation } } } }));
    expect(tested(0.01, 0.06)).toContain('None of the 5');
    expect(tested(0.01, 0.049)).toContain('1 of 5 matched comparisons is significant');
    expect(tested(0.01, 0.049)).toContain('NoSSFB (lower)');
    const oneOf = (p: number): string => {
      const difference = { dice: { ...dice, pHolm: { wilcoxon: p, permutation: p } } };
      return findingOf({ ...report, rows: [report.rows[0]!, { ...report.rows[4]!, difference }] });
    };
    expect(oneOf(0.06)).toMatch(
      /^The one matched comparison is not significant at the 5 % level after Holm correction\. This does not show/,
    );
    expect(oneOf(0.01)).toMatch(/^The one matched comparison is significant .* in both tests: NoSSFB \(lower\)\./);
    expect(findingOf(empty)).toContain('No difference in Dice from DALight3D could be tested');
  });
});

describe('CSV', () => {
  const read = (each: StudyReport): Record<string, string>[] => parse(renderReportCsv(each), { columns: true });

  it('has a line for each row, metric and class, with unrounded figures', () => {
    const lines = read(report);
    expect(lines).toHaveLength(7 * 5 * 4);
    const line = lines.find(
      (each) => each['variant'] === 'NoCSA' && each['metric'] === 'hd95' && each['class'] === 'mean',
    )!;
    const { metrics, difference } = report.rows[3]!;
    expect(Number(line['mean'])).toBe(metrics.hd95!.mean);
    expect([line['ci_low'], line['ci_high']].map(Number)).toEqual(metrics.hd95!.ci);
    expect(Number(line['difference'])).toBe(difference!.hd95!.mean);
    expect(Number(line['p_holm_permutation'])).toBe(difference!.hd95!.pHolm.permutation);
    expect(line).toMatchObject({ runs: '6', runs_done: '6', matched: 'true', protocol: report.protocol.digest });
  });

  it('has what is not matched in every line, and each caution about the study once', () => {
    const lines = read(report);
    const line = lines.at(-1)!;
    expect(line).toMatchObject({ variant: 'VNet3D', matched: 'false', runs_done: '5' });
    expect(line['unmatched_differs']).toContain('steps 600');
    expect(lines.map((each) => each['study_cautions']).filter((text) => text !== '')).toEqual([
      report.cautions.join(' | '),
    ]);
    expect(lines[0]!['study_cautions']).not.toBe('');
  });

  it('has names unchanged, except that no spreadsheet takes one for a formula', () => {
    const names = [...new Set(read(hostile).map((line) => line['variant']))];
    expect(names).toEqual(hostile.rows.map(({ variant }) => (variant.startsWith('=') ? `'${variant}` : variant)));
  });

  it('leaves fields empty where there is no figure', () => {
    expect(read(empty)[0]).toMatchObject({ variant: 'DALight3D', mean: '', difference: '', runs_done: '0' });
  });
});

describe('JSON', () => {
  it('is the report, with the keys that the format promises', () => {
    const read = JSON.parse(renderReportJson(report)) as StudyReport;
    expect(read).toEqual(report);
    const { variant, matched, selected, metrics, difference } = read.rows[1]!;
    expect([variant, matched, selected]).toEqual(['NoSepConv', true, 'best validation score']);
    const { mean, ci, n } = metrics.dice!;
    const { p, pHolm } = difference!.dice!;
    const numbers = [mean, ...ci!, n, p.wilcoxon, p.permutation, pHolm.wilcoxon, pHolm.permutation];
    for (const number of numbers) expect(number).toBeTypeOf('number');
  });
});

describe('LaTeX', () => {
  /** Every command that the table and its texts are made of. */
  const known = new Set(
    [
      ...['begin', 'end', 'caption', 'centering', 'footnotesize', 'scriptsize', 'setlength', 'tabcolsep', 'textwidth'],
      ...['quad', 'toprule', 'midrule', 'bottomrule', 'tnote', 'item', 'raggedright'],
      ...['usepackage', 'textbackslash', 'textasciicircum', 'textasciitilde', 'textless', 'textgreater', 'textbar'],
      ...['char', 'ensuremath', 'textendash', 'textquoteright'],
      ...['\\', '{', '}', '$', '_', '%', '&', '#', ',', '"'],
    ].map((name) => `\\${name}`),
  );

  it.each(Object.entries(all))('uses commands of its own alone: %s', (_, each) => {
    const source = renderReportLatex(each, 'full');
    const commands = source.match(/\\([A-Za-z]+|.)/g)!;
    expect(commands.filter((command) => !known.has(command))).toEqual([]);
    expect(source).not.toContain('^^');
    expect(source).not.toMatch(/[^\n -~]/);
    const [, body = ''] = source.split(/\\midrule\n|\\bottomrule/);
    const rows = body.trimEnd().split('\n');
    expect(rows).toHaveLength(2 * 7);
    for (const row of rows) expect(row.match(/(?<!\\)&/g)).toHaveLength(7);
    const braces = source.replace(/\\[\\{}]/g, '');
    expect(braces.match(/\{/g)!.length).toBe(braces.match(/\}/g)!.length);
  });

  it('writes every character so that it is shown and does nothing', () => {
    expect(latexText('\\input{/etc/passwd}')).toBe('\\textbackslash{}input\\{/etc/passwd\\}');
    expect(latexText('^^41 $x_1$ 100% a&b #1 ~')).toBe(
      '\\textasciicircum{}\\textasciicircum{}41 \\$x\\_1\\$ 100\\% a\\&b \\#1 \\textasciitilde{}',
    );
    expect(latexText('Müller ñ ß 网 −0.1')).toBe('M\\"{u}ller \\~{n} {\\ss} U+7F51 \\ensuremath{-}0.1');
    expect(latexText('a\nb\u202e')).toBe('a\\textbackslash{}u\\{a\\}b\\textbackslash{}u\\{202e\\}');
  });

  it('has the cautions, says what is not matched, and sets no figure in bold', () => {
    const source = renderReportLatex(report, 'full');
    for (const caution of report.cautions) expect(source).toContain(latexText(caution));
    for (const { variant, conclusion } of report.rows.slice(1))
      expect(source).toContain(latexText(`${variant}: ${conclusion}`));
    expect(source).toContain('VNet3D is UNMATCHED: steps 600');
    expect(source).toMatch(/ VNet3D & .*\n +\\quad rival, UNMATCHED, 5 of 6 runs & /);
    expect(source).not.toMatch(/\\(textbf|bfseries|mathbf)/);
  });

  it('has the notes that are asked for', () => {
    const [none, short, full] = (['none', 'short', 'full'] as const).map((notes) => renderReportLatex(doubted, notes));
    const items = (source: string): number => source.match(/\\item/g)?.length ?? 0;
    expect(none).not.toMatch(/\\tnote|tablenotes|doubt/);
    expect(none).toContain(`% cautions left out: ${doubted.cautions.length + 8};`);
    expect(items(short!)).toBe(rowNotes(doubted.rows).length + doubted.cautions.length + 2);
    expect(items(full!) - items(short!)).toBe(6 + Object.keys(doubted.methods).length + 1);
    expect(renderReportLatex(doubted)).toBe(short);
  });

  it('has cells that a person can edit: numbers, without commands', () => {
    const source = renderReportLatex(report);
    const { metrics, difference } = report.rows[3]!;
    const [value, mean] = [metrics.dice!.mean, difference!.dice!.mean].map((each) => Math.abs(each).toFixed(3));
    const [low, high] = metrics.dice!.ci!.map((end) => end.toFixed(3));
    expect(source).toMatch(
      new RegExp(`NoCSA & 1\\.92\\\\,M & 12\\.1\\\\,G & ${value} & \\$-\\$${mean} & [\\d.]+ & [\\d.]+ & [\\d.]+ `),
    );
    expect(source).toContain(`csa = off &  &  & [${low}, ${high}] & `);
  });

  const missing = spawnSync('kpsewhich', ['threeparttable.sty']).status !== 0;
  it.skipIf(missing)(`compiles${missing ? ' (skipped: pdflatex or threeparttable is not installed)' : ''}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'unet-latex-'));
    const tables = [
      renderReportLatex(report, 'none'),
      ...Object.values(all).map((each) => renderReportLatex(each, 'full')),
    ];
    const body = tables.join('\\clearpage\n');
    const packages = '\\usepackage{booktabs,threeparttable}';
    const document = `\\documentclass{article}${packages}\\begin{document}\n${body}\\end{document}\n`;
    writeFileSync(path.join(folder, 'report.tex'), document);
    const { status, stdout } = spawnSync('pdflatex', ['-halt-on-error', '-no-shell-escape', 'report.tex'], {
      cwd: folder,
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect({ status, output: status === 0 ? '' : stdout }).toEqual({ status: 0, output: '' });
  });
});
