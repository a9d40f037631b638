import type { Span } from '../../grammar/source.js';
import { choices } from '../bind/builtins.js';
import type { Evaluation, Frame } from './evaluation.js';
import { describeValue, type ChoiceValue, type Value } from './values.js';

/** The names of choices: the keys of the table of choices. */
export type ChoiceOf = keyof typeof choices;

/** The argument that a choice accepts in parentheses: at most one, and optional. */
const argumentOf: ReadonlyMap<string, 'fan' | 'deviation'> = new Map([
  ['kaiming_normal', 'fan'],
  ['kaiming_uniform', 'fan'],
  ['truncated_normal', 'deviation'],
  ['normal', 'deviation'],
]);

/**
 * Checks that a choice is one of the allowed ones and that its argument is valid (UNET2020, UNET2025, UNET3001,
 * UNET3019). Returns the choice, or the error value.
 */
export function conformChoice(
  evaluation: Evaluation,
  frame: Frame,
  choice: ChoiceValue,
  of: ChoiceOf,
  span: Span,
): Value {
  const names: readonly string[] = choices[of];
  if (!names.includes(choice.name)) {
    const parts = { name: choice.name, what: of, choices: names.map((each) => `\`${each}\``).join(', ') };
    return evaluation.fail(frame, 'UNET2025', parts, span);
  }
  const takes = argumentOf.get(choice.name);
  const most = takes === undefined ? 0 : 1;
  if (choice.arguments.length > most) {
    const parts = { of: choice.name, takes: most, given: choice.arguments.length };
    return evaluation.fail(frame, 'UNET2020', parts, span);
  }
  const [argument] = choice.arguments;
  if (argument === undefined || argument.kind === 'unknown') return choice;
  return takes === 'fan'
    ? conformFan(evaluation, frame, choice, argument, span)
    : conformDeviation(evaluation, frame, choice, argument, span);
}

function conformFan(evaluation: Evaluation, frame: Frame, choice: ChoiceValue, argument: Value, span: Span): Value {
  if (argument.kind === 'choice') {
    return conformChoice(evaluation, frame, argument, 'a fan mode', span).kind === 'error' ? { kind: 'error' } : choice;
  }
  const parts = {
    what: `The argument of \`${choice.name}\``,
    expected: '`fan_in` or `fan_out`',
    found: describeValue(argument),
  };
  return evaluation.fail(frame, 'UNET3001', parts, span);
}

function conformDeviation(
  evaluation: Evaluation,
  frame: Frame,
  choice: ChoiceValue,
  argument: Value,
  span: Span,
): Value {
  const what = `The standard deviation of \`${choice.name}\``;
  if (argument.kind !== 'number') {
    return evaluation.fail(frame, 'UNET3001', { what, expected: 'a number', found: describeValue(argument) }, span);
  }
  if (argument.value >= 0) return choice;
  return evaluation.fail(frame, 'UNET3019', { what, range: 'at least 0', found: String(argument.value) }, span);
}
