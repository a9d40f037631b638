import type { Position, SelectionRange } from 'vscode-languageserver';
import type { FileNode } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import { nodesAt } from '../analysis.js';
import { toOffset, toRange } from '../text/positions.js';

/** For each position the ranges that a growing selection takes: the syntax around it, from the word to the file. */
export function selectionRanges(file: FileNode, positions: readonly Position[]): SelectionRange[] {
  return positions.map((position) => {
    const offset = toOffset(file.source, position);
    const comment = file.comments.find(({ span }) => span.start <= offset && offset <= span.end);
    const nodes = [...nodesAt(file, offset), ...(comment === undefined ? [] : [comment])];
    const whole: Span = { source: file.source, start: 0, end: file.source.text.length };
    return nodes.reduce(narrowed, { range: toRange(whole) });
  });
}

/** A range inside another; a node that covers the same text adds none. */
function narrowed(parent: SelectionRange, { span }: { readonly span: Span }): SelectionRange {
  const range = toRange(span);
  const { start, end } = parent.range;
  const isSame = isAt(range.start, start) && isAt(range.end, end);
  return isSame || span.start === span.end ? parent : { range, parent };
}

function isAt(a: Position, b: Position): boolean {
  return a.line === b.line && a.character === b.character;
}
