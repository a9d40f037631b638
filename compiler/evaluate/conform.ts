import { replacement } from '../../grammar/diagnostics/suggest.js';
import { textOf, type Span } from '../../grammar/source.js';
import { formatSize } from '../shape/size.js';
import { choiceNames } from '../bind/builtins.js';
import { conformChoice } from './choices.js';
import type { Frame, Evaluation } from './evaluation.js';
import { layerState } from './layer-state.js';
import { formatType, sameWaits, type Type } from './types.js';
import { describeValue, errorValue, type ChoiceValue, type Value } from './values.js';

/**
 * Checks a value against the expected type (UNET3001, UNET3003, UNET3024); `what` names the place in the message.
 * Returns the value converted to that type, or the error value.
 */
export function conform(
  evaluation: Evaluation,
  frame: Frame,
  value: Value,
  type: Type,
  what: string,
  span: Span,
): Value {
  if (value.kind === 'error' || type.kind === 'any') return value;
  if (value.kind === 'unknown') {
    if (agree(value.type, type)) return value;
    const parts = { what, expected: formatType(type), found: formatType(value.type) };
    return evaluation.fail(frame, 'UNET3001', parts, span);
  }
  const wrong = (help?: string): Value =>
    evaluation.fail(frame, 'UNET3001', { what, expected: formatType(type), found: describeValue(value) }, span, {
      help,
    });
  switch (type.kind) {
    case 'int':
      if (value.kind === 'number' && !Number.isInteger(value.value)) {
        const help = 'Use `floor(...)` or `ceil(...)` to round it.';
        const fixes = ['floor', 'ceil'].map((word) => replacement(span, `${word}(${textOf(span)})`));
        return evaluation.fail(frame, 'UNET3003', { what, found: String(value.value) }, span, { help, fixes });
      }
      return value.kind === 'number' || value.kind === 'size' ? value : wrong();
    case 'float':
      return value.kind === 'number' ? value : wrong();
    case 'bool':
      return value.kind === 'boolean' ? value : wrong();
    case 'size':
      return conformSize(evaluation, frame, value, what, span) ?? wrong();
    case 'identifier':
      return value.kind === 'identifier' ? value : wrong();
    case 'init':
      return value.kind === 'choice' ? conformChoice(evaluation, frame, value, 'an initialiser', span) : wrong();
    case 'mode': {
      const word = choiceOf(value);
      return word === undefined ? wrong() : conformChoice(evaluation, frame, word, 'a resize mode', span);
    }
    case 'border':
      return value.kind === 'choice' ? conformChoice(evaluation, frame, value, 'a pad mode', span) : wrong();
    case 'tensor':
      return value.kind === 'tensor' ? value : wrong();
    case 'list': {
      if (value.kind !== 'list') return wrong();
      if (!evaluation.spend(frame, span, value.items.length)) return errorValue;
      const items = value.items.map((item, index) =>
        conform(
          evaluation,
          frame,
          item,
          type.of,
          `Element ${index} of ${what.charAt(0).toLowerCase()}${what.slice(1)}`,
          span,
        ),
      );
      return { kind: 'list', items };
    }
    case 'layer':
    case 'fusion': {
      if (value.kind !== 'layer') return wrong();
      const state = layerState(value);
      if (type.kind === 'fusion' && !state.fusion)
        return wrong('A fusion is a block with the tensors `skip` and `up`.');
      if (sameWaits(state.waits, type.waits)) return value;
      if (state.missing.length < type.waits.length || state.missing.length === 0) {
        const omitted = formatType(type).includes('width') ? 'its width, which is' : 'the arguments that are';
        return wrong(`Omit ${omitted} given where the layer is used.`);
      }
      const kept = state.waits.findIndex((each, index) => !sameWaits([each], type.waits.slice(index, index + 1)));
      const argument = state.missing[kept] ?? state.missing[0] ?? '';
      return evaluation.fail(frame, 'UNET3024', { layer: state.name, argument }, span);
    }
  }
}

/** A choice, also if its word is the name of a layer, as `linear` is. */
function choiceOf(value: Value): ChoiceValue | undefined {
  if (value.kind === 'choice') return value;
  const recipe = value.kind === 'layer' ? value.recipe : undefined;
  if (recipe?.kind !== 'primitive' || recipe.bound.size > 0 || !choiceNames.has(recipe.primitive.name))
    return undefined;
  return { kind: 'choice', name: recipe.primitive.name, arguments: [] };
}

function conformSize(evaluation: Evaluation, frame: Frame, value: Value, what: string, span: Span): Value | undefined {
  if (value.kind === 'list') {
    const items = value.items.map((item) => conformNumber(evaluation, frame, item, what, span));
    return items.some((item) => item.kind === 'error') ? errorValue : { kind: 'list', items };
  }
  if (value.kind === 'number') return conform(evaluation, frame, value, { kind: 'int' }, what, span);
  return undefined;
}

/** An integer that is known at compile time (UNET3001, UNET3003; UNET3027 for a spatial size). */
export function conformNumber(evaluation: Evaluation, frame: Frame, value: Value, what: string, span: Span): Value {
  const whole = conform(evaluation, frame, value, { kind: 'int' }, what, span);
  if (whole.kind !== 'size') return whole;
  return evaluation.fail(frame, 'UNET3027', { size: formatSize(whole.size) }, span);
}

/** Whether a value of one type is accepted where another is expected. */
export function agree(given: Type, asked: Type): boolean {
  if (given.kind === 'any' || asked.kind === 'any') return true;
  if (given.kind === 'int' && (asked.kind === 'float' || asked.kind === 'size')) return true;
  if (given.kind === 'float' && asked.kind === 'int') return true;
  if ((given.kind === 'layer' || given.kind === 'fusion') && (asked.kind === 'layer' || asked.kind === 'fusion')) {
    return sameWaits(given.waits, asked.waits) && (asked.kind === 'layer' || given.kind === 'fusion');
  }
  if (given.kind === 'list' && asked.kind === 'list') return agree(given.of, asked.of);
  if (given.kind === 'list' && asked.kind === 'size') return agree(given.of, { kind: 'int' });
  if (given.kind === 'size' && asked.kind === 'list') return true;
  return given.kind === asked.kind;
}
