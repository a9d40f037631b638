import type { ReportProtocol } from '../../contract/protocol.js';
import type { LoadedCase } from '../data/types.js';
import { evaluateCase, type CaseEvaluation } from '../metrics/evaluate.js';
import type { CasePrediction } from './predict-case.js';

/** Compares a prediction of a labelled case with its truth, by the measures of a report. */
export function evaluatePrediction(
  { id, label, geometry }: LoadedCase,
  { labels, probabilities, output }: CasePrediction,
  report: ReportProtocol,
): CaseEvaluation {
  return evaluateCase({
    case: id,
    prediction: labels,
    truth: label!,
    probabilities,
    spacing: geometry.spacing,
    output,
    report,
  });
}
