import type { StudyReport } from './report.js';
import { jsonText } from '../../../text/json.js';

/** The report as one JSON object, indented by two spaces, with keys in the order of `StudyReport`. */
export function renderReportJson(report: StudyReport): string {
  return jsonText(report);
}
