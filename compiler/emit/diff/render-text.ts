import { createColors } from 'picocolors';
import type { NetworkDiff } from './diff.js';
import { classMeanings, classNames, modelNames, sources, tablesOf } from './parts.js';
import { columnsOf, tableText } from '../../../text/table.js';
import { fixedSpace } from '../../../text/wrap.js';

export interface TextOptions {
  /** Whether what is added and removed may be coloured; signs and words say it in any case. */
  readonly colours?: boolean;
  /** The width to fit, in columns. Defaults to the natural width. */
  readonly columns?: number;
}

/** A diff for terminals. */
export function renderDiffText(diff: NetworkDiff, { colours = false, columns }: TextOptions = {}): string {
  const paint = createColors(colours);
  const lines = [
    `${paint.bold(modelNames(diff))}: ${classNames[diff.class]}`,
    sources(diff),
    classMeanings[diff.class],
  ];
  if (diff.class === 'same' && diff.changes.length > 0)
    lines.push('Operations have different names, and so do their weights.');
  for (const { title, head, rows, firstNumber } of tablesOf(diff)) {
    const cells = rows.map(([first = '', ...rest]) => [painted(first, paint), ...rest]);
    lines.push('', paint.bold(title), tableText(columnsOf(head, firstNumber), cells, columns));
  }
  return `${lines.join('\n')}\n`;
}

type Paint = ReturnType<typeof createColors>;

/** The kind of a change in its colour, on one line. */
function painted(text: string, paint: Paint): string {
  const whole = text.replaceAll(' ', fixedSpace);
  if (text.startsWith('+ ')) return paint.green(whole);
  if (text.startsWith('− ')) return paint.red(whole);
  return /^[±~] /.test(text) ? paint.yellow(whole) : text;
}
