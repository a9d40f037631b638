/** The report as people read it: text for terminals, Markdown for documents; and JSON for programs. */
import Table from 'cli-table3';
import { escapeMarkdown } from '../markdown.js';
import { formatCount } from '../../../text/count.js';
import { formatField, printable } from '../printable.js';
import type { OpReport, Report, StageReport } from './report.js';
import { jsonText } from '../../../text/json.js';

export interface RenderOptions {
  /** A row for every operation in place of one for every stage. */
  readonly ops?: boolean;
}

/** One JSON object, two spaces deep, with a line break at its end. */
export function renderReportJson(report: Report): string {
  return jsonText(report);
}

/** The totals, then a table with numbers to the right. */
export function renderReportText(report: Report, options: RenderOptions = {}): string {
  const { head, rows } = tableOf(report, options);
  const table = new Table({
    head: [...head],
    colAligns: head.map((title) => (isNumeric(title) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  const facts = totals(report);
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
  return `${lines.join('\n')}\n\n${table.toString()}\n`;
}

/** A heading, the totals as a list, and a pipe table. */
export function renderReportMarkdown(report: Report, options: RenderOptions = {}): string {
  const { head, rows } = tableOf(report, options);
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  const [, ...facts] = totals(report);
  return [
    `## ${escapeMarkdown(report.model)}`,
    '',
    ...facts.map(([name, value]) => `- ${name}: ${escapeMarkdown(value)}`),
    '',
    line(head),
    `|${head.map((title) => (isNumeric(title) ? ' ---: ' : ' --- ')).join('|')}|`,
    ...rows.map(line),
    '',
  ].join('\n');
}

function totals(report: Report): readonly (readonly [string, string])[] {
  const { params, axes, patch, knobs } = report;
  const sizes = patch.map((size, index) => `${printable(axes[index] ?? '')} = ${size}`);
  return [
    ['model', printable(report.model)],
    ['parameters', `${formatCount(params.total)} (${formatCount(params.trainable)} trainable)`],
    ['patch', sizes.join(', ')],
    ['MACs', `${formatCount(report.macs)} (${(report.macs / 1e9).toFixed(2)} G)`],
    [
      'activations',
      `${formatCount(report.activationBytes)} bytes (${(report.activationBytes / 2 ** 20).toFixed(1)} MiB)`,
    ],
    ['training memory', formatMemory(report)],
    ['receptive field', formatField(report)],
    ...(knobs.length === 0 ? [] : [['knobs', knobs.map(formatKnob).join(', ')] as const]),
  ];
}

/** The engine that is taken where none is named, in parts; then the others, which are alike. */
function formatMemory({ trainingMemory: { onnx, wasm } }: Report): string {
  const { weights, moments, activations, workspace } = onnx;
  const parts = { weights, moments, activations, workspace };
  const list = Object.entries(parts).map(([name, bytes]) => `${name} ${mebibytes(bytes)}`);
  return `about ${mebibytes(onnx.total)} MiB on onnx (${list.join(', ')}); ${mebibytes(wasm.total)} MiB on other engines`;
}

function mebibytes(bytes: number): string {
  return formatCount(Math.round(bytes / 2 ** 20));
}

function formatKnob({ name, value, changed }: Report['knobs'][number]): string {
  return `${printable(name)} = ${printable(value)}${changed ? ' (changed)' : ''}`;
}

const numericTitles = ['parameters', 'MACs', 'activation bytes', 'ops'];

function isNumeric(title: string): boolean {
  return numericTitles.includes(title);
}

interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows of stages or operations, a last one with the sums. */
function tableOf(report: Report, { ops = false }: RenderOptions): TextTable {
  const figures = ['output', 'parameters', 'MACs', 'activation bytes', 'receptive field'];
  const sums = [formatCount(report.params.total), formatCount(report.macs), formatCount(report.activationBytes)];
  const last = [...sums, formatField(report)];
  if (ops) {
    const rows = report.ops.map((op) => [printable(op.id), op.kind, ...cells(op)]);
    return { head: ['operation', 'kind', ...figures], rows: [...rows, ['all', '', '', ...last]] };
  }
  const rows = report.stages.map((stage) => [printable(stage.id), String(stage.ops), ...cells(stage)]);
  return { head: ['stage', 'ops', ...figures], rows: [...rows, ['all', String(report.ops.length), '', ...last]] };
}

function cells(part: OpReport | StageReport): readonly string[] {
  const output = part.output.length === 0 ? 'scalar' : part.output.join(' x ');
  return [
    output,
    formatCount(part.params),
    formatCount(part.macs),
    formatCount(part.activationBytes),
    formatField(part),
  ];
}
