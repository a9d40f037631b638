import type { KnobNode, SettingNode } from '../../grammar/ast.js';
import { sameGraph } from '../ir/same-graph.js';
import type { BoundModel } from '../lower/model.js';
import { knobsOf } from '../program/knobs.js';
import { lower, settingOf, type Program } from '../program/program.js';
import type { AblationMode } from './study.js';

/** A variant derived from a model's knobs. */
export interface DerivedVariant {
  readonly name: string;
  readonly change: string;
  readonly settings: readonly SettingNode[];
}

/** The models of an ablation: the base of the comparison, and the others. */
export interface Ablation {
  readonly base: DerivedVariant;
  readonly variants: readonly DerivedVariant[];
}

/**
 * Derives an ablation from a model's `off` values. Leave one out: the model itself, and each knob alone at `off`. Add
 * one in: the model with all of them at `off`, each knob alone at its value, and the whole model, unless there is only
 * one knob. Knobs whose removal does not change the network are skipped (UNET4004 reports them); without any others
 * there are no variants.
 */
export function deriveVariants(program: Program, model: BoundModel, mode: AblationMode): Ablation {
  const knobs = removableKnobs(program, model);
  const off = (knob: KnobNode & { off: NonNullable<KnobNode['off']> }): SettingNode =>
    settingOf(knob.name.name, knob.off);
  const whole = { name: model.name, change: '', settings: [] };
  if (mode === 'leave_one_out') {
    const variants = knobs.map((knob) => {
      const name = knob.name.name;
      return { name: `without ${name}`, change: `${name} = off`, settings: [off(knob)] };
    });
    return { base: whole, variants };
  }
  if (knobs.length === 0) return { base: whole, variants: [] };
  const alone = knobs.map((knob) => ({
    name: `with ${knob.name.name}`,
    change: `${knob.name.name} added`,
    settings: knobs.filter((other) => other !== knob).map(off),
  }));
  const all = knobs.map((knob) => `${knob.name.name} = off`).join(', ');
  const bare = { name: `bare ${model.name}`, change: all, settings: knobs.map(off) };
  const [only] = alone;
  if (alone.length === 1 && only !== undefined) return { base: bare, variants: [{ ...whole, change: only.change }] };
  return { base: bare, variants: [...alone, { ...whole, change: 'all added' }] };
}

function removableKnobs(program: Program, model: BoundModel) {
  const whole = lower(program, model).network;
  return knobsOf(model)
    .filter((knob): knob is KnobNode & { off: NonNullable<KnobNode['off']> } => knob.off !== undefined)
    .filter((knob) => {
      const settings = new Map(model.settings).set(knob.name.name, settingOf(knob.name.name, knob.off));
      const removed = lower(program, { ...model, settings }).network;
      // A variant that cannot be lowered stays, so that its errors are reported.
      return whole === undefined || removed === undefined || !sameGraph(whole, removed);
    });
}
