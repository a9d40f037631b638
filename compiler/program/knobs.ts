import type { Expression, KnobNode } from '../../grammar/ast.js';
import { printExpression } from '../../grammar/print.js';
import type { BoundModel } from '../lower/model.js';

/** The knobs a model declares, in order. */
export function knobsOf({ node }: BoundModel): readonly KnobNode[] {
  return node.members.filter((member): member is KnobNode => member.kind === 'Knob');
}

/**
 * The value of a knob in a model: its own or, if set, the setting; `off` is the value that the knob declares for it.
 */
export function chosenValue({ settings }: Pick<BoundModel, 'settings'>, knob: KnobNode): Expression {
  const setting = settings.get(knob.name.name);
  if (setting === undefined) return knob.value;
  return setting.value.kind === 'Off' ? (knob.off ?? setting.value) : setting.value;
}

/** The same as printed by the language, for comparison. */
export function chosenText(model: Pick<BoundModel, 'settings'>, knob: KnobNode): string {
  return printExpression(chosenValue(model, knob));
}
