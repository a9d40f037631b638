import { markup } from '../../../text/markup.js';
import { svgFigure } from '../../../text/page/embedded-file.js';
import { renderPage, textTable, type Section } from '../../../text/page/page.js';
import type { NetworkDiff } from './diff.js';
import { classMeanings, classNames, modelNames, sources, tablesOf } from './parts.js';
import type { TextTable } from '../../../text/text-table.js';

/**
 * Returns a diff as one page that needs no other file.
 * @param picture an SVG document of ours: the second network with the differences marked
 */
export function renderDiffHtml(diff: NetworkDiff, picture?: string): string {
  const title = modelNames(diff);
  return renderPage({
    kind: 'Comparison of two networks',
    title,
    documentTitle: `${title}: diff`,
    lead: markup`<p class="lead"><span class="badge">${classNames[diff.class]}</span> ${classMeanings[diff.class]}</p>
<p>${sources(diff)}</p>
`,
    sections: [...pictureSection(diff, picture), ...tablesOf(diff).map(tableSection)],
    footer: markup`Written by <code>unet diff</code>.`,
  });
}

function pictureSection({ sides }: NetworkDiff, picture: string | undefined): readonly Section[] {
  if (picture === undefined) return [];
  const description = `${sides.after.model}, with its differences from ${sides.before.model} marked.`;
  const content = svgFigure(picture, 'diff.svg', description);
  return [{ id: 'diagram', title: 'Diagram', content }];
}

function tableSection(table: TextTable, index: number): Section {
  const title = `${table.title.charAt(0).toUpperCase()}${table.title.slice(1)}`;
  return { id: `table-${index}`, title, content: textTable(table) };
}
