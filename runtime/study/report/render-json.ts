import type { StudyReport } from './report.js';

/** The report as it is: one JSON object, two spaces deep, keys in the order of `StudyReport`. */
export function renderReportJson(report: StudyReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
