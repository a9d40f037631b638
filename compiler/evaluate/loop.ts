import type { ForClause } from '../../grammar/ast.js';
import { conform, conformNumber } from './conform.js';
import { withNames, type Evaluation, type Frame } from './evaluation.js';

/**
 * Runs `body` for every combination of the clauses, the first one outermost; a range is evaluated inside the outer
 * ones. `unknown` if a range is unknown, `error` if one has an error.
 */
export function loop(
  evaluation: Evaluation,
  frame: Frame,
  clauses: readonly ForClause[],
  indices: readonly number[],
  body: (frame: Frame, indices: readonly number[]) => void,
): 'done' | 'unknown' | 'error' {
  const [clause, ...others] = clauses;
  if (clause === undefined) {
    body(frame, indices);
    return 'done';
  }
  // A repeated name has been reported, and would multiply the combinations.
  const rest = others.filter(({ name }) => name.name !== clause.name.name);
  const scope = withNames(frame, evaluation.namesIn(clause.range));
  const evaluated = evaluation.evaluate(evaluation, scope, clause.range);
  const type = { kind: 'list', of: { kind: 'int' } } as const;
  const range = conform(evaluation, frame, evaluated, type, 'The range of a loop', clause.range.span);
  const symbol = evaluation.declared.get(clause);
  if (range.kind === 'unknown') return 'unknown';
  if (range.kind !== 'list' || symbol === undefined) return 'error';
  for (const each of range.items) {
    const item = conformNumber(evaluation, frame, each, 'The range of a loop', clause.range.span);
    if (item.kind === 'unknown') return 'unknown';
    if (item.kind !== 'number' || evaluation.exhausted) return 'error';
    const values = new Map(frame.values).set(symbol, item);
    const inner = loop(evaluation, { ...frame, values }, rest, [...indices, item.value], body);
    if (inner !== 'done') return inner;
  }
  return 'done';
}
