import type { LetNode } from '../../grammar/ast.js';
import { conformNumber } from './conform.js';
import type { Evaluation, Frame } from './evaluation.js';
import { loop } from './loop.js';
import { errorValue, unknownAnything, type FamilyValue, type Value } from './values.js';

/**
 * Evaluates `let x[i] = ... for i in ...`: `define` evaluates one member in a frame in which its loop variables are
 * known. UNET2002 if a member is defined twice. Where values are unknown, the text is checked once.
 */
export function defineFamily(
  evaluation: Evaluation,
  frame: Frame,
  node: LetNode,
  define: (scope: Frame, indices: readonly number[]) => Value,
): void {
  const symbol = evaluation.declared.get(node);
  if (symbol === undefined) return;
  if (frame.abstract) {
    frame.values.set(symbol, unknownAnything);
    checkOnce(evaluation, frame, node);
    return;
  }
  const known = frame.values.get(symbol);
  const family: FamilyValue =
    known?.kind === 'family' ? known : { kind: 'family', name: node.name.name, values: new Map() };
  if (known?.kind !== 'error') frame.values.set(symbol, family);
  let whole = true;
  const through = loop(evaluation, frame, node.clauses, [], (scope) => {
    const indices = indicesOf(evaluation, frame, node, scope);
    if (indices === undefined) whole = false;
    else if (!family.values.has(indices.join())) family.values.set(indices.join(), define(scope, indices));
    else evaluation.fail(frame, 'UNET2002', { name: `${family.name}[${indices.join(', ')}]` }, node.name.span);
  });
  // A missing member follows from the error.
  if (through !== 'done' || !whole) frame.values.set(symbol, errorValue);
}

/** Undefined if an index has an error. */
function indicesOf(evaluation: Evaluation, frame: Frame, node: LetNode, scope: Frame): readonly number[] | undefined {
  const indices: number[] = [];
  for (const index of node.indices) {
    const evaluated = evaluation.evaluate(evaluation, scope, index);
    const value = conformNumber(evaluation, frame, evaluated, 'An index', index.span);
    if (value.kind !== 'number') return undefined;
    indices.push(value.value);
  }
  return indices;
}

function checkOnce(evaluation: Evaluation, frame: Frame, node: LetNode): void {
  const values = new Map(frame.values);
  const scope: Frame = { ...frame, values };
  for (const clause of node.clauses) {
    evaluation.evaluate(evaluation, scope, clause.range);
    const symbol = evaluation.declared.get(clause);
    if (symbol !== undefined) values.set(symbol, { kind: 'unknown', type: { kind: 'int' } });
  }
  for (const index of node.indices) evaluation.evaluate(evaluation, scope, index);
  evaluation.evaluate(evaluation, scope, node.value);
}
