import type { KnobNode, SettingNode } from '../../grammar/ast.js';
import { sameGraph } from '../ir/same-graph.js';
import type { BoundModel } from '../lower/model.js';
import { knobsOf } from '../program/knobs.js';
import { lower, settingOf, type Program } from '../program/program.js';
import type { AblationMode } from './study.js';

/** A variant made of a model's knobs. */
export interface DerivedVariant {
  readonly name: string;
  readonly change: string;
  readonly settings: readonly SettingNode[];
}

/** The models of an ablation: what the others are compared with, and these others. */
export interface Ablation {
  readonly base: DerivedVariant;
  readonly variants: readonly DerivedVariant[];
}

/**
 * The ablation a model's `off` values make. Leave one out: the model itself, and each knob at `off` alone. Add one in:
 * the model with all of them at `off`, each knob alone at its value, and the whole model, which a single knob alone
 * already is. A knob whose removal leaves the network as it is has no part in it (UNET4004 tells of it); without any
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
      // One that cannot be lowered stays, so that its faults are told.
      return whole === undefined || removed === undefined || !sameGraph(whole, removed);
    });
}
