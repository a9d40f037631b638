import { htmlDocument } from '../../../text/html-document.js';
import { escapeXml } from '../../../text/xml.js';
import type { NetworkDiff } from './diff.js';
import { classMeanings, classNames, modelNames, sources, tablesOf, type Table } from './parts.js';

const style = `
  body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #1a1a1a; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
  .class { display: inline-block; padding: 0.1rem 0.6rem; border-radius: 1rem; background: #eee; font-weight: bold; }
  .class.protocol { background: #f6d5c3; } .class.architecture { background: #d5e4f3; }
  table { border-collapse: collapse; }
  td, th { padding: 0.2rem 0.8rem; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
  .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
  .scroll { overflow-x: auto; } figure { margin: 0; } svg { max-width: 100%; height: auto; }
`;

/**
 * Returns a diff as one page that needs no other file.
 * @param picture an SVG document of ours to show below the totals
 */
export function renderDiffHtml(diff: NetworkDiff, picture?: string): string {
  const title = modelNames(diff);
  const body = [
    `<h1>${escapeXml(title)}</h1>`,
    `<p>${escapeXml(sources(diff))}</p>`,
    `<p><span class="class ${diff.class}">${classNames[diff.class]}</span> ${classMeanings[diff.class]}</p>`,
    ...tablesOf(diff).flatMap(tableLines),
    ...(picture === undefined ? [] : ['<h2>picture</h2>', `<figure class="scroll">${picture}</figure>`]),
  ];
  return htmlDocument(title, style, body.join('\n'));
}

function tableLines({ title, head, rows, firstNumber }: Table): readonly string[] {
  const cells = (tag: 'td' | 'th', texts: readonly string[]): string =>
    texts
      .map((text, index) => `<${tag}${index >= firstNumber ? ' class="number"' : ''}>${escapeXml(text)}</${tag}>`)
      .join('');
  return [
    `<h2>${escapeXml(title)}</h2>`,
    '<div class="scroll"><table>',
    `<thead><tr>${cells('th', head)}</tr></thead>`,
    `<tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n')}</tbody>`,
    '</table></div>',
  ];
}
