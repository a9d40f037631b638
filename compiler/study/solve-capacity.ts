import type { Expression, KnobNode, ModelNode, SettingNode, VariantNode } from '../../grammar/ast.js';
import { createSource } from '../../grammar/source.js';
import { formatType, readType } from '../evaluate/types.js';
import { macsOf, sumParameters } from '../ir/cost.js';
import { penaltyOps, type Network } from '../ir/ir.js';
import { checkPatch, patchValues } from '../ir/patch.js';
import type { BoundModel } from '../lower/model.js';
import { bindModel, lower, settingOf, type Program } from '../program/program.js';
import type { Measure } from './study.js';
import { chosenText, chosenValue, knobsOf } from '../program/knobs.js';
import { nearestValue } from './nearest-value.js';

/**
 * The quantity that must be equal: parameters (including frozen ones), or multiply-accumulates of one forward pass over
 * a patch.
 */
export interface CapacityRequest {
  readonly program: Program;
  /** The model or variant that must match the size of its base. */
  readonly declaration: ModelNode | VariantNode;
  /** Settings in addition to the declaration's own, as created by `ablate`. */
  readonly settings?: readonly SettingNode[];
  /** The network it is compared with: knobs in which the two differ cannot be solved for. If absent, any knob can. */
  readonly base?: ModelNode | VariantNode;
  readonly measure: Measure;
  /** The base's value. */
  readonly target: number;
  /** Name of the knob to solve for. */
  readonly knob: string;
  /** Sizes of the patch for counting MACs, in the order of the images' axes. */
  readonly patch: readonly number[];
}

export interface CapacitySolution {
  /** The value of the knob. */
  readonly value: number;
  /** The network with that value. */
  readonly network: Network;
  readonly measured: number;
  readonly target: number;
  /** (measured - target) / target. */
  readonly difference: number;
}

export type CapacityResult =
  | { readonly ok: true; readonly solution: CapacitySolution }
  | {
      readonly ok: false;
      /** The reason, as part of a message: "no value of `width` comes within 5 % of ...". */
      readonly reason: string;
      /** The nearest value, if no value was near enough. */
      readonly nearest: CapacitySolution | undefined;
    };

/** The largest relative difference that counts as equal. */
export const capacityTolerance = 0.05;

/** The maximum number of networks that are lowered for one request. */
const mostLowerings = 60;

/** The setting that gives a solved knob its value. */
export function capacitySetting(knob: string, value: number): SettingNode {
  const text = String(value);
  const span = { source: createSource(`equal by ${knob}`, text), start: 0, end: text.length };
  return settingOf(knob, { kind: 'Number', value, integer: true, text, span });
}

/** The start of the search for a knob whose value is not a plain number. */
const usualStart = 16;

/**
 * Finds the value of an int knob at which a network costs the same as its base: the nearest among the values that lower
 * without errors (a width must be compatible with its group counts and ratios) and allow the patch.
 */
export function solveCapacity(request: CapacityRequest): CapacityResult {
  const { program, declaration, settings = [], measure, target } = request;
  const model = bindModel(program, declaration, settings);
  if (model === undefined) return refuse(`the base of \`${declaration.name.name}\` is unknown`);
  const knob = findKnob(model, request);
  if (typeof knob === 'string') return refuse(knob);
  const networks = new Map<number, Network>();
  const measureAt = (value: number): number | undefined => {
    const network = lowerWith(program, model, knob, value);
    if (network === undefined || checkPatch(network, request.patch).length > 0) return undefined;
    networks.set(value, network);
    return measureOf(network, measure, request.patch);
  };
  const start = literal(chosenValue(model, knob)) ?? usualStart;
  const found = nearestValue({ measure: measureAt, target, start, limit: mostLowerings });
  if (found === undefined) return refuse(`no value of \`${request.knob}\` near ${start} gives a valid network`);
  const { value, measured } = found;
  const solution = { value, network: networks.get(value)!, measured, target, difference: (measured - target) / target };
  if (Math.abs(solution.difference) <= capacityTolerance) return { ok: true, solution };
  return { ok: false, reason: tooFar(request, solution), nearest: solution };
}

/** Parameters or MACs of a network at a patch, as capacity control counts them. */
export function measureOf(network: Network, measure: Measure, patch: readonly number[]): number {
  if (measure === 'params') return sumParameters(network.ops);
  const sizes = patchValues(network, patch);
  const omitted = penaltyOps(network);
  return network.ops.reduce((sum, op) => sum + (omitted.has(op.id) ? 0 : macsOf(op, sizes)), 0);
}

function refuse(reason: string): CapacityResult {
  return { ok: false, reason, nearest: undefined };
}

/** The knob to solve for, or the reason why it cannot be solved for. */
function findKnob(model: BoundModel, { program, base, knob: name }: CapacityRequest): KnobNode | string {
  const knobs = knobsOf(model);
  const knob = knobs.find((each) => each.name.name === name);
  if (knob === undefined) {
    const names = knobs.map((each) => `\`${each.name.name}\``).join(', ');
    return `\`${model.node.name.name}\` has no knob \`${name}\` (${names === '' ? 'it has none' : `its knobs are ${names}`})`;
  }
  const type = readType(knob.type, () => undefined);
  if (type.kind !== 'int') return `\`${name}\` is ${formatType(type)}, but only an int can be solved for`;
  const bound = base === undefined ? undefined : bindModel(program, base);
  const isChanged = bound?.node === model.node && chosenText(bound, knob) !== chosenText(model, knob);
  return isChanged ? `the variant itself changes \`${name}\`` : knob;
}

function literal(value: Expression): number | undefined {
  return value.kind === 'Number' && value.integer ? value.value : undefined;
}

function lowerWith(program: Program, model: BoundModel, knob: KnobNode, value: number): Network | undefined {
  const { name } = knob.name;
  const settings = new Map(model.settings).set(name, capacitySetting(name, value));
  return lower(program, { ...model, settings }).network;
}

function tooFar({ knob, measure }: CapacityRequest, { value, measured, target, difference }: CapacitySolution): string {
  const count = (number: number): string => number.toLocaleString('en-US');
  const unit = measure === 'params' ? 'parameters' : 'MACs';
  const percent = `${difference > 0 ? '+' : ''}${(100 * difference).toFixed(1)} %`;
  const sought = `no value of \`${knob}\` is within ${100 * capacityTolerance} % of ${count(target)} ${unit}`;
  return `${sought}; the nearest is ${value} with ${count(measured)} (${percent})`;
}
