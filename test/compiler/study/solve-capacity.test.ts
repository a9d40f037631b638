import { describe, expect, test } from 'vitest';
import type { ModelNode, VariantNode } from '../../../grammar/ast.js';
import { parseExpression } from '../../../grammar/parse.js';
import { createSource } from '../../../grammar/source.js';
import { bindModel, findStatement, lower, settingOf } from '../../../compiler/program/program.js';
import {
  measureOf,
  solveCapacity,
  type CapacityRequest,
  type CapacityResult,
} from '../../../compiler/study/solve-capacity.js';
import { openText } from '../spec-text.js';

const patch = [32, 32, 32];

const program = openText(`
use "dalight3d.unet"
use "unet3d.unet"
model NoCSA = DALight3D { csa = off }
model Narrow = DALight3D { width = 16, neck = 288 }
`);

function model(name: string): ModelNode | VariantNode {
  const found = findStatement(program, name);
  if (found?.kind !== 'Model' && found?.kind !== 'Variant') throw new Error(`no model ${name}`);
  return found;
}

const setting = (name: string, text: string) => settingOf(name, parseExpression(createSource('test', text)).expression);

const dalight = lower(program, bindModel(program, model('DALight3D'))!).network!;

function solve(name: string, request: Partial<CapacityRequest>): CapacityResult {
  const measure = request.measure ?? 'params';
  const target = measureOf(dalight, measure, patch);
  return solveCapacity({
    program,
    declaration: model(name),
    base: model('DALight3D'),
    measure,
    target,
    knob: 'width',
    patch,
    ...request,
  });
}

/** The nearest of all values in a range, each lowered. */
function bruteForce(name: string, knob: string, measure: 'params' | 'macs', from: number, to: number): number {
  const target = measureOf(dalight, measure, patch);
  let best = { value: 0, distance: Infinity };
  for (let value = from; value <= to; value += 8) {
    const { network } = lower(program, bindModel(program, model(name), [setting(knob, String(value))])!);
    const distance = network === undefined ? Infinity : Math.abs(measureOf(network, measure, patch) - target);
    if (distance < best.distance) best = { value, distance };
  }
  return best.value;
}

describe('solveCapacity', () => {
  test('gives an ablation the parameters of its base, by a knob that can', () => {
    const result = solve('NoCSA', { knob: 'neck' });
    if (!result.ok) throw new Error(result.reason);
    const { value, network, measured, target, difference } = result.solution;
    expect(target).toBe(2_219_074);
    expect(value).toBe(bruteForce('NoCSA', 'neck', 'params', 480, 640));
    expect(measured).toBe(measureOf(network, 'params', patch));
    expect(difference).toBeCloseTo((measured - target) / target, 12);
    expect(Math.abs(difference)).toBeLessThan(0.005);
    expect(network.knobs).toContainEqual({ name: 'neck', value: String(value), changed: true });
    expect(network.knobs).toContainEqual({ name: 'csa', value: 'false', changed: true });
  });

  test('says how near it comes where group norms leave no width between', () => {
    const result = solve('NoCSA', {});
    if (result.ok) throw new Error('it should not come near');
    expect(result.nearest?.value).toBe(bruteForce('NoCSA', 'width', 'params', 8, 64));
    expect(result.reason).toBe(
      'no value of `width` is within 5 % of 2,219,074 parameters; the nearest is 24 with 1,924,522 (-13.3 %)',
    );
  });

  test('solves for MACs at the patch, and for the widths of another model', () => {
    const macs = solve('NoCSA', { measure: 'macs' });
    if (!macs.ok) throw new Error(macs.reason);
    expect(macs.solution.value).toBe(24);
    const rival = solve('UNet3D', { target: 22_000_000 });
    if (!rival.ok) throw new Error(rival.reason);
    expect(rival.solution.value).toBe(64);
    const byWidth = solve('UNet3D', {});
    expect(byWidth).toMatchObject({ ok: false, nearest: { value: 16 } });
  });

  test('takes settings from outside, as `ablate` makes them', () => {
    const result = solve('DALight3D', { settings: [setting('csa', 'off')], knob: 'neck' });
    const variant = solve('NoCSA', { knob: 'neck' });
    expect(result.ok && variant.ok && result.solution.value === variant.solution.value).toBe(true);
  });

  test('does not solve for what is no int knob, or what the variant changes', () => {
    const reasonOf = (result: CapacityResult): string => (result.ok ? '' : result.reason);
    expect(reasonOf(solve('NoCSA', { knob: 'widht' }))).toBe(
      '`DALight3D` has no knob `widht` (its knobs are `width`, `neck`, `widths`, `convolution`, `norm`, `csa`, `join`)',
    );
    expect(reasonOf(solve('NoCSA', { knob: 'norm' }))).toBe('`norm` is a layer, but only an int can be solved for');
    expect(reasonOf(solve('Narrow', {}))).toBe('the variant itself changes `width`');
    // Compared with a base that has the same width, it may be solved for.
    const same = solve('Narrow', { base: model('Narrow'), target: 1_000_000 });
    expect(same).toMatchObject({ ok: true, solution: { value: 16 } });
  });
});
