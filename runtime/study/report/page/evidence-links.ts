import { markup, type Markup } from '../../../../text/markup.js';
import { formatRuns } from '../format-figure.js';
import type { ReportRow, StudyReport } from '../report.js';

/** The anchor of a row's runs on the page. */
export function runsId(row: number): string {
  return `runs-${row}`;
}

/** A link to a file in the study's folder, where the page is stored; never to anywhere else. */
export function fileLink(file: string): string {
  return `./${file.split('/').map(encodeURIComponent).join('/')}`;
}

function runLine({ run, seed, fold, scores }: ReportRow['runs'][number]): Markup {
  const evidence =
    scores === null
      ? markup`<span class="warning">⚠ not finished</span>`
      : markup`<a href="${fileLink(`${run}/scores.json`)}">scores.json</a> <code title="SHA-256 ${scores}">${scores.slice(0, 12)}</code>`;
  return markup`<li>seed ${String(seed)}, fold ${String(fold)}: <a href="${fileLink(`${run}/`)}">${run}</a> ${evidence}</li>\n`;
}

/** The runs behind each row, with the checksums of their scores. */
export function evidenceLinks({ rows }: StudyReport): Markup {
  const lists = rows.map(
    (row, index) =>
      markup`<h3 id="${runsId(index)}">${row.variant} <small>${formatRuns(row)} runs</small></h3>\n<ul class="runs">${row.runs.map(runLine)}</ul>\n`,
  );
  return markup`<p>Every figure of a row is computed only from the per-case scores of these runs. Links lead to the study folder, which contains this page; the beginning of its SHA-256 is shown next to each file. <code>unet study verify</code> recomputes the table from them.</p>\n${lists}`;
}
