import type { InlayHint, Range } from 'vscode-languageserver';
import type { FileNode } from '../../grammar/ast.js';
import { visit } from '../../grammar/nodes.js';
import type { Span } from '../../grammar/source.js';
import { escapeMarkdown } from '../../compiler/emit/markdown.js';
import { formatShape } from '../../compiler/evaluate/values.js';
import { placeKey, type Analysis, type Occurrence } from '../analysis.js';
import { shortShape } from '../short-shape.js';
import { inlineCode } from '../text/markdown.js';
import { toOffset, toPosition } from '../text/positions.js';
import { preferApplied } from './occurrences.js';

/** The maximum number of places in a hint's tooltip. */
const longestTooltip = 12;

/**
 * The shape after each step, `let`, part and result, shortened, with the full shape as a tooltip; a step that is evaluated
 * in several places shows the first, and all in the tooltip.
 */
export function inlayHints(analyses: Iterable<Analysis>, file: FileNode, range: Range): InlayHint[] {
  const { source } = file;
  const from = toOffset(source, range.start);
  const to = toOffset(source, range.end);
  const hints = new Map<number, InlayHint>();
  const spans = stepSpans(file).filter(({ end }) => from <= end && end <= to);
  for (const analysis of analyses) {
    const occurrences = analysis.occurrencesIn(source.path);
    for (const span of spans) {
      if (hints.has(span.end)) continue;
      const tensors = preferApplied(occurrences.get(placeKey(span)) ?? []).filter(
        ({ observation }) => observation.value.kind === 'tensor',
      );
      const hint = hintOf(span, tensors);
      if (hint !== undefined) hints.set(span.end, hint);
    }
  }
  return [...hints.values()].sort(
    (a, b) => a.position.line - b.position.line || a.position.character - b.position.character,
  );
}

/** The steps of pipes, innermost first if several end together, and the values of members. */
function stepSpans(file: FileNode): readonly Span[] {
  const spans: Span[] = [];
  visit(file, {
    leave: (node) => {
      if (node.kind === 'Pipe') spans.push(node.source.span, node.step.span);
      else if (node.kind === 'Let' || node.kind === 'Assign' || node.kind === 'Result') spans.push(node.value.span);
      else if (node.kind === 'Part' || node.kind === 'Head' || node.kind === 'Aux' || node.kind === 'Penalty')
        spans.push(node.value.span);
    },
  });
  // The shape of a name before an arrow is shown where it is defined.
  return spans.filter(
    ({ source, start, end }) => !/^[A-Za-z_]\w*$/.test(source.text.slice(start, end)) || isStep(source.text, start),
  );
}

function isStep(text: string, start: number): boolean {
  return /(->|[:=])\s*$/.test(text.slice(Math.max(0, start - 80), start));
}

function hintOf({ source, end }: Span, occurrences: readonly Occurrence[]): InlayHint | undefined {
  const shapes = occurrences.flatMap(({ observation: { id, value } }) => {
    return value.kind === 'tensor' ? [{ id, short: shortShape(value.shape), full: formatShape(value.shape) }] : [];
  });
  const [first] = shapes;
  if (first === undefined) return undefined;
  const different = new Set(shapes.map(({ full }) => full)).size;
  const lines = shapes.slice(0, longestTooltip).map(({ id, full }) => `- ${escapeMarkdown(id)}: ${inlineCode(full)}`);
  const more = shapes.length > longestTooltip ? [`- ... and ${shapes.length - longestTooltip} more`] : [];
  return {
    position: toPosition(source, end),
    label: different === 1 ? first.short : `${first.short} (${different - 1} more)`,
    paddingLeft: true,
    tooltip: { kind: 'markdown', value: different === 1 ? inlineCode(first.full) : [...lines, ...more].join('\n') },
  };
}
