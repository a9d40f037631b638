import type { StudyReport } from './report.js';
import { jsonText } from '../../../text/json.js';

/** The report as it is: one JSON object, two spaces deep, keys in the order of `StudyReport`. */
export function renderReportJson(report: StudyReport): string {
  return jsonText(report);
}
