import { markup, type Content, type Markup } from '../../../text/markup.js';
import type { StudyEvidence } from '../evidence.js';
import { casePlot } from './page/case-plot.js';
import { section } from './page/chart.js';
import { evidenceLinks } from './page/evidence-links.js';
import { forestPlot } from './page/forest-plot.js';
import { learningCurves } from './page/learning-curves.js';
import { overlays, type ReadOverlay } from './page/overlays.js';
import { protocolList } from './page/protocol-list.js';
import { classTable, resultsTable } from './page/results-table.js';
import { sizePlot } from './page/size-plot.js';
import { htmlDocument } from '../../../text/html-document.js';
import { STYLES } from './page/styles.js';
import type { StudyReport } from './report.js';
import { findingOf, subjectOf } from './phrases.js';

interface Part {
  readonly id: string;
  readonly title: string;
  /** Undefined if there is nothing to show yet. */
  readonly content: Content;
}

/** Cautions, shown before any value. */
function cautionsOf({ cautions }: StudyReport): Markup | undefined {
  if (cautions.length === 0) return undefined;
  const items = cautions.map((caution) => markup`<li>${caution}</li>`);
  return markup`<aside class="cautions" aria-labelledby="cautions-title"><h2 id="cautions-title">⚠ What this study cannot show</h2><ul>${items}</ul></aside>\n`;
}

function definitionList(entries: readonly (readonly [name: string, text: string])[]): Markup {
  return markup`<dl>${entries.map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>\n`)}</dl>\n`;
}

function conclusionsOf({ rows }: StudyReport): Markup {
  const others = rows.filter(({ kind }) => kind !== 'base');
  return markup`<h3>Conclusions</h3>\n${definitionList(others.map(({ variant, conclusion }) => [variant, conclusion]))}`;
}

function partsOf(report: StudyReport, evidence: StudyEvidence, readOverlay: ReadOverlay): readonly Part[] {
  return [
    { id: 'results', title: 'Results', content: [resultsTable(report), conclusionsOf(report)] },
    { id: 'differences', title: 'Paired differences', content: forestPlot(report) },
    { id: 'size', title: 'Dice against parameters', content: sizePlot(report) },
    { id: 'cases', title: 'Case by case', content: casePlot(report, evidence) },
    { id: 'curves', title: 'Learning curves', content: learningCurves(report, evidence) },
    { id: 'pictures', title: 'Best, median and worst case', content: overlays(report, evidence, readOverlay) },
    { id: 'classes', title: 'By class', content: classTable(report) },
    { id: 'methods', title: 'Methods', content: definitionList(Object.entries(report.methods)) },
    { id: 'protocol', title: 'Protocol', content: protocolList(report) },
    { id: 'evidence', title: 'Evidence', content: evidenceLinks(report) },
  ];
}

/**
 * The report as one self-contained page: no scripts, no network access, embedded pictures. Links lead to files next to
 * it, so it belongs in the study's folder.
 * @param readOverlay returns the bytes of a PNG by its path in the study's folder
 */
export function renderReportHtml(report: StudyReport, evidence: StudyEvidence, readOverlay: ReadOverlay): string {
  const parts = partsOf(report, evidence, readOverlay).filter(({ content }) => content !== undefined);
  const { study, protocol } = report;
  const body = markup`<header>
<p class="kind">Study report</p>
<h1>${study.name}</h1>
<p class="lead">${subjectOf(report)} ${findingOf(report)}</p>
${cautionsOf(report)}<nav aria-label="Contents"><ul>${parts.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${parts.map(({ id, title, content }) => section(id, title, content))}</main>
<footer>Written by unet from <code>study.json</code>, <code>protocol.json</code> and the runs’ <code>scores.json</code>; protocol <code>${protocol.digest.slice(0, 12)}</code>.</footer>`;
  return htmlDocument(`${study.name}: study report`, STYLES, body.source);
}
