import { markup, type Markup } from '../../../text/markup.js';
import { definitionList, renderPage, type Section } from '../../../text/page/page.js';
import type { StudyEvidence } from '../evidence.js';
import type { Architecture } from './architecture.js';
import { architectureFigures } from './page/architectures.js';
import { casePlot } from './page/case-plot.js';
import { environmentLine, environmentList } from './page/environment-list.js';
import { evidenceLinks } from './page/evidence-links.js';
import { forestPlot } from './page/forest-plot.js';
import { learningCurves } from './page/learning-curves.js';
import { classDifferenceTable, furtherTable, regionTables } from './page/further-tables.js';
import { protocolList } from './page/protocol-list.js';
import { qualitativePanel, type ReadFile } from './page/qualitative-panel.js';
import { cautionList, classTable, resultsTable } from './page/results-table.js';
import { reliabilityPlot } from './page/reliability-plot.js';
import { sizePlot } from './page/size-plot.js';
import { STYLES } from './page/styles.js';
import type { StudyReport } from './report.js';
import { findingOf, subjectOf } from './phrases.js';

/** What a page shows besides the report. */
export interface PageSources {
  readonly evidence: StudyEvidence;
  /** The networks of the rows; none are shown by default. */
  readonly architectures?: readonly Architecture[];
  readonly read: ReadFile;
}

function conclusionsOf({ rows }: StudyReport): Markup {
  const others = rows.filter(({ kind }) => kind !== 'base');
  return markup`<h3>Conclusions</h3>\n${definitionList(others.map(({ variant, conclusion }) => [variant, conclusion]))}`;
}

function sectionsOf(report: StudyReport, { evidence, architectures = [], read }: PageSources): readonly Section[] {
  return [
    { id: 'results', title: 'Results', content: [resultsTable(report), conclusionsOf(report)] },
    { id: 'further', title: 'Further measures', content: furtherTable(report) },
    { id: 'unions', title: 'Unions of classes', content: regionTables(report) },
    { id: 'differences', title: 'Paired differences', content: forestPlot(report) },
    { id: 'architectures', title: 'Architectures', content: architectureFigures(report, architectures) },
    { id: 'pictures', title: 'Pictures of cases', content: qualitativePanel(report, evidence, read) },
    { id: 'size', title: 'Dice against parameters', content: sizePlot(report) },
    { id: 'cases', title: 'Case by case', content: casePlot(report, evidence) },
    { id: 'classes', title: 'By class', content: [classTable(report), classDifferenceTable(report)] },
    { id: 'calibration', title: 'Calibration', content: reliabilityPlot(report) },
    { id: 'curves', title: 'Learning curves', content: learningCurves(report, evidence) },
    { id: 'methods', title: 'Methods', content: definitionList(Object.entries(report.methods)) },
    { id: 'protocol', title: 'Protocol', content: protocolList(report) },
    { id: 'evidence', title: 'Evidence', content: [environmentList(report), evidenceLinks(report)] },
  ];
}

/**
 * The report as one self-contained page: no scripts, no network access, embedded pictures. Links lead to files next to
 * it, so it belongs in the study's folder.
 */
export function renderReportHtml(report: StudyReport, sources: PageSources): string {
  const { study, protocol } = report;
  const line = environmentLine(report);
  return renderPage({
    kind: line === '' ? 'Study report' : `Study report, ${line}`,
    title: study.name,
    documentTitle: `${study.name}: study report`,
    lead: markup`<p class="lead">${subjectOf(report)} ${findingOf(report)}</p>\n${cautionList(report)}`,
    sections: sectionsOf(report, sources),
    footer: markup`Written by unet from <code>study.json</code>, <code>protocol.json</code> and the runs’ <code>scores.json</code>; protocol <code>${protocol.digest.slice(0, 12)}</code>.`,
    styles: STYLES,
  });
}
