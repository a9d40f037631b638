/** The report as text for terminals, Markdown for documents, and JSON for programs. */
import { escapeMarkdown } from '../markdown.js';
import { formatCount } from '../../../text/count.js';
import { formatField, printable, sizesOnce } from '../printable.js';
import { moduleRows } from './module-rows.js';
import type { Figures, PartReport, Report } from './report.js';
import { jsonText } from '../../../text/json.js';
import { factsText, tableText, type TableColumn } from '../../../text/table.js';
import { countUnit, memoryUnit } from '../../../text/units.js';
import { breakable, fixedSpace, plainly } from '../../../text/wrap.js';

export interface RenderOptions {
  /** Whether to list every operation in place of the tree of modules. */
  readonly ops?: boolean;
  /** How many levels of modules to list inside each stage; 1 by default. */
  readonly depth?: number;
  /** The columns of text; by default lines are as long as they are. */
  readonly columns?: number;
}

/** One JSON object, two spaces deep, with a line break at its end. */
export function renderReportJson(report: Report): string {
  return jsonText(report);
}

/** The totals, then a table with numbers to the right. */
export function renderReportText(report: Report, options: RenderOptions = {}): string {
  const { columns, rows } = tableOf(report, options, '  ');
  return `${factsText(totals(report), options.columns)}\n\n${tableText(columns, rows, options.columns)}\n`;
}

/** A heading, the totals as a list, and a pipe table. */
export function renderReportMarkdown(report: Report, options: RenderOptions = {}): string {
  // Markdown trims ordinary spaces at the start of a cell.
  const { columns, rows } = tableOf(report, options, '\u2003');
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => escapeMarkdown(plainly(cell))).join(' | ')} |`;
  const [, ...facts] = totals(report);
  return [
    `## ${escapeMarkdown(report.model)}`,
    '',
    ...facts.map(([name, value]) => `- ${name}: ${escapeMarkdown(plainly(value))}`),
    '',
    line(columns.map(({ head }) => head)),
    `|${columns.map(({ align }) => (align === 'right' ? ' ---: ' : ' --- ')).join('|')}|`,
    ...rows.map(line),
    '',
  ].join('\n');
}

function totals(report: Report): readonly (readonly [string, string])[] {
  const { params, axes, patch, knobs, macs, activationBytes } = report;
  const sizes = patch.map((size, index) => `${printable(axes[index] ?? '')} = ${size}`);
  const [count, memory] = [countUnit(macs), memoryUnit(activationBytes)];
  return [
    ['model', printable(report.model)],
    ['parameters', `${formatCount(params.total)} (${formatCount(params.trainable)} trainable)`],
    ...(params.statistics === 0
      ? []
      : [['running statistics', `${formatCount(params.statistics)} values, not among the parameters`] as const]),
    ['patch', sizes.join(', ')],
    ['MACs', count.name === '' ? formatCount(macs) : `${count.format(macs)} ${count.name} (${formatCount(macs)})`],
    ['activations', `${memory.format(activationBytes)} ${memory.name}`],
    ['training memory', formatMemory(report)],
    ['receptive field', fieldText(report)],
    ...(knobs.length === 0 ? [] : [['knobs', knobs.map(formatKnob).join(', ')] as const]),
  ];
}

/** The engine that is taken where none is named, in parts; then the others, which are alike. */
function formatMemory({ activationBytes, trainingMemory: { onnx, wasm } }: Report): string {
  const { name, format } = memoryUnit(activationBytes);
  const { weights, moments, activations, workspace } = onnx;
  const parts = { weights, moments, activations, workspace };
  const list = Object.entries(parts).map(([part, bytes]) => `${part} ${format(bytes)}`);
  return `about ${format(onnx.total)} ${name} on onnx (${list.join(', ')}); ${format(wasm.total)} ${name} on other engines`;
}

function formatKnob({ name, value, changed }: Report['knobs'][number]): string {
  return `${printable(name)} = ${printable(value)}`.replaceAll(' ', fixedSpace) + (changed ? ' (changed)' : '');
}

interface TextTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
}

const number = (head: string, optional = false): TableColumn => ({ head, align: 'right', optional });

/** Rows of modules or operations; `indent` is put before the name of a module once for each module around it. */
function tableOf(report: Report, { ops = false, depth = 1 }: RenderOptions, indent: string): TextTable {
  if (ops) return opTable(report);
  const units = unitsOf(report);
  const columns = [
    { head: 'module' },
    { head: 'output' },
    number('parameters'),
    number('%', true),
    number(units.macsHead),
    number('%', true),
    number(`activation ${units.memoryName}`),
    number('receptive field'),
  ];
  const rows = moduleRows(report, depth).map(({ depth: level, text, part }) => [
    `${indent.repeat(level)}${text}`,
    outputText(part),
    formatCount(part.params),
    percent(part.params, report.params.total),
    units.macs(part.macs),
    percent(part.macs, report.macs),
    units.memory(part.activationBytes),
    fieldText(part),
  ]);
  return { columns, rows };
}

/** A row for every operation, and a last one with the sums. */
function opTable(report: Report): TextTable {
  const units = unitsOf(report);
  const columns = [
    { head: 'operation' },
    { head: 'computes' },
    { head: 'output' },
    number('parameters'),
    number(units.macsHead),
    number(`memory ${units.memoryName}`),
    number('receptive field', true),
  ];
  const figures = (part: Figures, params: number): string[] => [
    formatCount(params),
    units.macs(part.macs),
    units.memory(part.activationBytes),
    fieldText(part),
  ];
  const rows = report.ops.map((op) => {
    const path = printable(op.id).replaceAll('.', `.${breakable}`);
    return [path, op.computes, outputText(op), ...figures(op, op.params)];
  });
  return { columns, rows: [...rows, ['all', '', '', ...figures(report, report.params.total)]] };
}

/** The units of a table: those of the whole network, so that the figures of a column can be compared. */
function unitsOf({ macs, activationBytes }: Report) {
  const [count, memory] = [countUnit(macs), memoryUnit(activationBytes)];
  return {
    macsHead: count.name === '' ? 'MACs' : `MACs ${count.name}`,
    macs: count.format,
    memoryName: memory.name,
    memory: memory.format,
  };
}

const times = `${fixedSpace}×${fixedSpace}`;

/** `24 × 64³`: channels, then the spatial sizes, as a power if they are equal. */
function outputText({ output }: PartReport): string {
  if (output.length === 0) return 'scalar';
  const [channels = 0, ...sizes] = output;
  const power = ['', '', '²', '³'][sizes.length] ?? '';
  const once = sizesOnce(sizes);
  return power !== '' && once.length === 1 ? `${channels}${times}${once[0]}${power}` : output.join(times);
}

function fieldText(part: Figures): string {
  return formatField(part).replaceAll(' × ', times);
}

/** A share of the total in percent, with one decimal. */
function percent(part: number, total: number): string {
  const share = total === 0 ? 0 : (100 * part) / total;
  return share > 0 && share < 0.05 ? '<0.1' : share.toFixed(1);
}
