import type { LoadedCase } from '../data/types.js';
import { evaluateCase, type CaseEvaluation } from '../metrics/evaluate.js';
import type { CasePrediction } from './predict-case.js';

/** Compares a prediction of a labelled case with its truth. */
export function evaluatePrediction(
  { id, label, geometry }: LoadedCase,
  { labels, probabilities, output }: CasePrediction,
): CaseEvaluation {
  return evaluateCase({
    case: id,
    prediction: labels,
    truth: label!,
    probabilities,
    spacing: geometry.spacing,
    output,
  });
}
