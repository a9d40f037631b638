import { breakable, markup, type Content, type Markup } from '../markup.js';
import type { TextTable } from '../text-table.js';
import { htmlDocument } from './html-document.js';
import { pageStyles } from './page-styles.js';

/** A section of a page. */
export interface Section {
  /** Anchor of the section: letters and hyphens. */
  readonly id: string;
  readonly title: string;
  /** Undefined if there is nothing to show; the section is then left out. */
  readonly content: Content;
}

export interface PageContent {
  /** What kind of document it is, shown above its title. */
  readonly kind: string;
  readonly title: string;
  /** Title of the browser's tab. */
  readonly documentTitle: string;
  /** Shown below the title, before the list of contents. */
  readonly lead: Content;
  readonly sections: readonly Section[];
  readonly footer?: Content;
  /** Further rules of style, after those that all pages share. */
  readonly styles?: string;
}

/** A section with its heading. */
function sectionOf({ id, title, content }: Section): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${title}</h2>\n${content}\n</section>\n`;
}

/**
 * Returns a page of the product: one HTML file with a title, a list of contents and sections, which needs no other file
 * and contains no script. It has a dark scheme and prints on A4.
 */
export function renderPage({ kind, title, documentTitle, lead, sections, footer, styles = '' }: PageContent): string {
  const shown = sections.filter(({ content }) => content !== undefined);
  const links = shown.map((each) => markup`<li><a href="#${each.id}">${each.title}</a></li>`);
  const body = markup`<header>
<p class="kind">${kind}</p>
<h1>${title}</h1>
${lead}<nav aria-label="Contents"><ul>${links}</ul></nav>
</header>
<main>
${shown.map(sectionOf)}</main>${footer !== undefined && markup`\n<footer>${footer}</footer>`}`;
  return htmlDocument(documentTitle, pageStyles + styles, body.source);
}

/** A figure with its caption below. */
export function figure(content: Content, caption: Content): Markup {
  return markup`<figure>${content}<figcaption>${caption}</figcaption></figure>\n`;
}

/** A table that scrolls horizontally if it is wider than the page. */
export interface PageTable {
  /** Name of the region for screen readers. */
  readonly label: string;
  readonly caption?: Content;
  readonly head: readonly Content[];
  /** `tr` elements. */
  readonly rows: Content;
  readonly foot?: Content;
}

export function scrollingTable({ label, caption, head, rows, foot }: PageTable): Markup {
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>${caption !== undefined && markup`<caption>${caption}</caption>`}
<thead><tr>${head.map((title) => markup`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>${foot}</table></div>\n`;
}

/** A table of plain text as HTML, its first column as headings of the rows. */
export function textTable({ title, head, rows, firstNumber }: TextTable): Markup {
  const cell = (text: string, column: number): Markup => {
    if (column === 0) return markup`<th scope="row">${text}</th>`;
    return column < firstNumber ? markup`<td class="text">${breakable(text)}</td>` : markup`<td>${text}</td>`;
  };
  const headings = head.map((text, column) =>
    column > 0 && column < firstNumber ? markup`<span class="text">${text}</span>` : text,
  );
  const lines = rows.map((row) => markup`<tr>${row.map(cell)}</tr>\n`);
  return scrollingTable({ label: title, head: headings, rows: lines });
}

/** Names with their definitions. */
export function definitionList(entries: readonly (readonly [name: Content, text: Content])[]): Markup {
  return markup`<dl>${entries.map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>\n`)}</dl>\n`;
}
