import type { BinaryOperator, Expression, UnaryNode } from './ast.js';
import { joinSpans, type Span } from './source.js';

/** Precedence of each binary operator; higher binds tighter. */
export const strength: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  '==': 4,
  '!=': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '^': 8,
};
/** The precedence of `not` is between that of `and` and that of the comparisons. */
export const strengthOfNot = 3;
export const strengthOfComparison = 4;
export const strengthOfMinus = 7;
export const strengthOfPower = strength['^'];

/** A prefix or infix operator as written. */
export interface Sign<Operator> {
  readonly operator: Operator;
  readonly span: Span;
}

/** An operand with the prefixes before it, outermost first. */
export interface Prefixed {
  readonly prefixes: readonly Sign<UnaryNode['operator']>[];
  readonly operand: Expression;
}

/** Receives precedence errors: a chained comparison (with the first operator), and a `not` after a tighter operator. */
export interface PrecedenceErrors {
  chained(second: Sign<BinaryOperator>, first: Sign<BinaryOperator>): void;
  misplacedNot(not: Sign<'not'>, before: string): void;
}

/**
 * Builds a tree from a flat list of operands and the operators between them, by precedence climbing; operators of equal
 * precedence associate to the left, powers to the right: `-a ^ b ^ c` is `-(a ^ (b ^ c))`. `operators` has one item less
 * than `operands`.
 */
export function rank(
  operands: readonly Prefixed[],
  operators: readonly Sign<BinaryOperator>[],
  faults: PrecedenceErrors,
): Expression {
  let position = 0;

  /** Parses an operand and everything after it that binds at least as tightly as `weakest`; `before` is the operator before it. */
  function climb(weakest: number, before: string): Expression {
    const first = operands[position];
    if (first === undefined) throw new RangeError('An operator without an operand.');
    return extend(prefix(first, 0, weakest, before), weakest);
  }

  /** `left` and all after it that binds at least as tightly as `weakest`. */
  function extend(left: Expression, weakest: number): Expression {
    let comparison: Sign<BinaryOperator> | undefined;
    for (;;) {
      const sign = operators[position];
      if (sign === undefined || strength[sign.operator] < weakest) return left;
      if (strength[sign.operator] === strengthOfComparison) {
        if (comparison !== undefined) faults.chained(sign, comparison);
        comparison = sign;
      }
      position++;
      const own = strength[sign.operator];
      const right = climb(own === strengthOfPower ? own : own + 1, sign.operator);
      left = { kind: 'Binary', operator: sign.operator, left, right, span: joinSpans(left.span, right.span) };
    }
  }

  function prefix(item: Prefixed, index: number, weakest: number, before: string): Expression {
    const sign = item.prefixes[index];
    if (sign === undefined) return item.operand;
    const { operator, span } = sign;
    const isLoose = operator === 'not' && weakest <= strengthOfNot;
    if (operator === 'not' && !isLoose) faults.misplacedNot({ operator, span }, before);
    const inner = prefix(item, index + 1, isLoose ? strengthOfNot : strengthOfMinus, operator);
    const operand = extend(inner, isLoose ? strengthOfComparison : strengthOfPower);
    return { kind: 'Unary', operator, operand, span: joinSpans(span, operand.span) };
  }

  return climb(0, '');
}
