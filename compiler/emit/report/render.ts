/** The report as text for terminals, Markdown for documents, and JSON for programs. */
import Table from 'cli-table3';
import { escapeMarkdown } from '../markdown.js';
import { formatCount } from '../../../text/count.js';
import { formatField, printable } from '../printable.js';
import { moduleRows } from './module-rows.js';
import type { PartReport, Report } from './report.js';
import { jsonText } from '../../../text/json.js';

export interface RenderOptions {
  /** Whether to list every operation in place of the tree of modules. */
  readonly ops?: boolean;
  /** How many levels of modules to list inside each stage; 1 by default. */
  readonly depth?: number;
}

/** One JSON object, two spaces deep, with a line break at its end. */
export function renderReportJson(report: Report): string {
  return jsonText(report);
}

/** The totals, then a table with numbers to the right. */
export function renderReportText(report: Report, options: RenderOptions = {}): string {
  const { head, rows } = tableOf(report, options, '  ');
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
  // Markdown trims ordinary spaces at the start of a cell.
  const { head, rows } = tableOf(report, options, '\u2003');
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
    ...(params.statistics === 0
      ? []
      : [['running statistics', `${formatCount(params.statistics)} values, not among the parameters`] as const]),
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

const numericTitles = ['parameters', '%', 'MACs', 'activation MiB', 'activation bytes', 'receptive field'];

function isNumeric(title: string): boolean {
  return numericTitles.includes(title);
}

interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows of modules or operations; `indent` is put before the name of a module once for each module around it. */
function tableOf(report: Report, { ops = false, depth = 1 }: RenderOptions, indent: string): TextTable {
  if (ops) return opTable(report);
  const head = ['module', 'output', 'parameters', '%', 'MACs', '%', 'activation MiB', 'receptive field'];
  const rows = moduleRows(report, depth).map(({ depth: level, text, part }) => [
    `${indent.repeat(level)}${text}`,
    outputText(part),
    formatCount(part.params),
    percent(part.params, report.params.total),
    formatCount(part.macs),
    percent(part.macs, report.macs),
    (part.activationBytes / 2 ** 20).toFixed(1),
    formatField({ ...part, receptiveField: sizesOnce(part.receptiveField) }),
  ]);
  return { head, rows };
}

/** A row for every operation, and a last one with the sums. */
function opTable(report: Report): TextTable {
  const head = ['operation', 'kind', 'output', 'parameters', 'MACs', 'activation bytes', 'receptive field'];
  const rows = report.ops.map((op) => [printable(op.id), op.kind, outputText(op), ...figures(op, op.params)]);
  return { head, rows: [...rows, ['all', '', '', ...figures(report, report.params.total)]] };
}

function figures(part: Omit<PartReport, 'id' | 'output' | 'shape' | 'params' | 'trainable'>, params: number): string[] {
  return [formatCount(params), formatCount(part.macs), formatCount(part.activationBytes), formatField(part)];
}

function outputText({ output }: PartReport): string {
  return output.length === 0 ? 'scalar' : output.join(' x ');
}

/** A share of the total in percent, with one decimal. */
function percent(part: number, total: number): string {
  const share = total === 0 ? 0 : (100 * part) / total;
  return share > 0 && share < 0.05 ? '<0.1' : share.toFixed(1);
}

/** Equal sizes along all axes as one. */
function sizesOnce(sizes: readonly number[]): readonly number[] {
  return sizes.every((size) => size === sizes[0]) ? sizes.slice(0, 1) : sizes;
}
