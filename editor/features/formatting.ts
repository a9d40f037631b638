import type { TextEdit } from 'vscode-languageserver';
import { format } from '../../grammar/print.js';
import type { SourceFile } from '../../grammar/source.js';
import { toRange } from '../text/positions.js';

/** Returns the smallest edit that formats a document; none if it has syntax errors. */
export function formatText(source: SourceFile): TextEdit[] {
  const before = source.text;
  const after = format(source).text;
  if (before === after) return [];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  // Whole lines, so that a line break of two characters is never split.
  while (start > 0 && !/[\r\n]/.test(before.charAt(start - 1))) start--;
  while (end > 0 && /[\r\n]/.test(before.charAt(before.length - end))) end--;
  const span = { source, start, end: before.length - end };
  return [{ range: toRange(span), newText: after.slice(start, after.length - end) }];
}
