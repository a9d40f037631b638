import Table from 'cli-table3';
import { createColors } from 'picocolors';
import type { NetworkDiff } from './diff.js';
import { classMeanings, classNames, modelNames, sources, tablesOf } from './parts.js';
import type { TextTable } from '../../../text/text-table.js';

export interface TextOptions {
  /** Whether what is added and removed may be coloured; signs and words say it in any case. */
  readonly colours?: boolean;
}

/** A diff for terminals. */
export function renderDiffText(diff: NetworkDiff, { colours = false }: TextOptions = {}): string {
  const paint = createColors(colours);
  const lines = [
    `${paint.bold(modelNames(diff))}: ${classNames[diff.class]}`,
    sources(diff),
    classMeanings[diff.class],
  ];
  if (diff.class === 'same' && diff.changes.length > 0)
    lines.push('Operations have different names, and so do their weights.');
  for (const table of tablesOf(diff)) lines.push('', paint.bold(table.title), tableText(table, paint));
  return `${lines.join('\n')}\n`;
}

type Paint = ReturnType<typeof createColors>;

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: ' ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function tableText({ head, rows, firstNumber }: TextTable, paint: Paint): string {
  const table = new Table({
    colAligns: head.map((_, index) => (index >= firstNumber ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: noBorders,
  });
  const heads = head.map((text) => paint.dim(text));
  table.push(heads, ...rows.map(([first = '', ...rest]) => [painted(first, paint), ...rest]));
  const text = table.toString();
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function painted(text: string, paint: Paint): string {
  if (text.startsWith('+ ')) return paint.green(text);
  if (text.startsWith('− ')) return paint.red(text);
  return /^[±~] /.test(text) ? paint.yellow(text) : text;
}
