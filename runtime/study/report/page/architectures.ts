import { breakable, markup, type Markup } from '../../../../text/markup.js';
import { svgFigure } from '../../../../text/page/embedded-file.js';
import { formatCount, formatShort } from '../format-figure.js';
import type { Architecture, ArchitectureChange } from '../architecture.js';
import type { ReportRow, StudyReport } from '../report.js';

function descriptionOf({ variant, kind }: ReportRow, base: string): string {
  return kind === 'variant'
    ? `The architecture of ${variant}, with its differences from ${base} marked.`
    : `The architecture of ${variant}.`;
}

function changeList(changes: readonly ArchitectureChange[]): Markup {
  const items = changes.map(
    ({ change, module, what, params }) =>
      markup`<li><span><strong>${change}</strong> <code>${breakable(module)}</code>: ${what}</span><span class="number">${params} parameters</span></li>\n`,
  );
  return markup`<ul class="changes">${items}</ul>`;
}

function articleOf(row: ReportRow, index: number, { drawing }: Architecture, base: string): Markup {
  const sizes = `${formatCount(row.params)} parameters, ${formatShort(row.macs)} MACs`;
  const title = markup`<h3>${row.variant} <small>${row.change === '' ? sizes : `${row.change}; ${sizes}`}</small></h3>`;
  if ('problem' in drawing) return markup`<article>${title}<p class="warning">⚠ ${drawing.problem}</p></article>\n`;
  const figure = svgFigure(drawing.svg, `architecture-${index + 1}.svg`, descriptionOf(row, base));
  return markup`<article>${title}${figure}${drawing.changes && changeList(drawing.changes)}</article>\n`;
}

/** The architecture of every row, and what it changes in the base; empty if none was drawn. */
export function architectureFigures(
  { rows, study }: StudyReport,
  architectures: readonly Architecture[],
): Markup | undefined {
  const articles = rows.flatMap((row, index) => {
    const own = architectures.find(({ variant }) => variant === row.variant);
    return own === undefined ? [] : [articleOf(row, index, own, study.base)];
  });
  if (articles.length === 0) return undefined;
  return markup`<p>Drawn from the specs in the study folder. In variants, what differs from ${study.base} is marked. Click a drawing to enlarge it.</p>\n<div class="architectures">${articles}</div>`;
}
