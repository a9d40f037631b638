import { describe, expect, it } from 'vitest';
import { OP_CASES } from '../../../runtime/engine-checks/cases/all.js';
import { probeInChild } from '../../../runtime/engine-checks/probe-in-child.js';
import { failuresOf, referenceCurve } from '../../../runtime/engine-checks/verdict.js';
import type { EngineProbe } from '../../../runtime/engine-checks/probe.js';
import type { OpKind } from '../../../compiler/ir/ir.js';
import { unaryFunctions } from '../../../contract/functions.js';
import { hasSwiftShader, swiftShaderVariables } from './swiftshader.js';

/** The rows of the table that stand for each kind of operation of the IR. */
const rows: Readonly<Record<OpKind, readonly string[]>> = {
  input: [],
  param: [],
  conv: ['conv'],
  depthwise_conv: ['depthwise_conv'],
  transposed_conv: ['transposed_conv'],
  linear: ['linear'],
  max_pool: ['max_pool'],
  avg_pool: ['avg_pool'],
  group_norm: ['group_norm'],
  instance_norm: ['instance_norm'],
  layer_norm: ['layer_norm'],
  batch_norm: ['batch_norm'],
  unary: unaryFunctions,
  prelu: ['prelu'],
  softmax: ['softmax'],
  dropout: ['dropout'],
  noise: ['noise'],
  spatial_dropout: ['spatial_dropout'],
  resize: ['resize'],
  binary: ['+', '-', '*', '/', 'min', 'max'],
  scalar: ['power'],
  reduce: ['mean', 'sum', 'max'],
  concat: ['concat'],
  einsum: ['einsum'],
  merge: ['merge'],
  split: ['split'],
  transpose: ['transpose'],
  pick: ['pick'],
  take: ['take'],
  arange: ['arange'],
  pad: ['pad'],
  crop: ['crop'],
  roll: ['roll'],
};

it('every operation of the IR is among those tried', () => {
  const tried = new Set(OP_CASES.map(({ op }) => op));
  expect(
    Object.values(rows)
      .flat()
      .filter((op) => !tried.has(op)),
  ).toEqual([]);
});

/** A generated module that ends its process, as a fault of a native library does. */
const crashing = `
export const description = {};
export const build = () => process.kill(process.pid, 'SIGTERM');
for (;;) if (build()) await new Promise((resolve) => setTimeout(resolve, 1000));`;

describe('a probe in a process of its own', () => {
  it('tells a crash, and what brought it about', async () => {
    const found = await probeInChild({ name: 'cpu', settings: {}, operations: ['relu'], module: crashing });
    expect(found.failure).toBe('killed by SIGTERM while training');
    expect(failuresOf(found, [found])).toEqual(['killed by SIGTERM while training']);
  });

  it.each([
    [
      'export const description = {}; export const build = () => { throw new Error("no memory left"); };',
      /no memory left/,
    ],
    ['export const build = 1;', /does not export/],
  ])('tells what training throws: %s', async (module, message) => {
    const found = await probeInChild({ name: 'cpu', settings: {}, operations: ['relu'], module });
    expect(found.failure).toMatch(message);
    expect(found.checks).toMatchObject([{ op: 'relu', passed: true }]);
  });

  it('knows by a stand-in what an engine has that cannot run here', async () => {
    const found = await probeInChild({ name: 'tensorflow', settings: {}, operations: ['conv', 'loss'] });
    if (found.available) return;
    expect(found.standIn).toBe(true);
    expect(found.capabilities.every(({ missing }) => missing === undefined)).toBe(true);
    expect(found.capabilities[0]!.kernels).toEqual(
      expect.arrayContaining(['UnetConv', 'Conv3D', 'Conv3DBackpropFilterV2']),
    );
  });
});

describe('the verdict', () => {
  const sound: EngineProbe = {
    name: 'cpu',
    available: true,
    detail: '',
    standIn: false,
    capabilities: [{ op: 'conv', case: 'conv', kernels: [], by: 'stock', differentiable: true }],
    checks: [{ op: 'conv', case: 'conv', value: 1e-7, gradient: 1e-4, passed: true }],
    losses: [2, 1],
  };

  it('finds no fault with a sound engine, nor with one that is not here', () => {
    expect(failuresOf(sound, [sound])).toEqual([]);
    const missing = { part: 'kernel', reason: 'none' } as const;
    const absent: EngineProbe = { ...sound, available: false, capabilities: [{ ...sound.capabilities[0]!, missing }] };
    expect(failuresOf(absent, [sound, absent])).toEqual([]);
  });

  it('names each fault', () => {
    const faulty: EngineProbe = {
      ...sound,
      name: 'wasm',
      capabilities: [{ ...sound.capabilities[0]!, missing: { part: 'gradient', reason: 'not registered' } }],
      checks: [{ op: 'conv', case: 'conv', value: 0.25, gradient: 1e-4, passed: false }],
      losses: [2, 1.001],
    };
    expect(referenceCurve([faulty, sound])?.name).toBe('cpu');
    expect(failuresOf(faulty, [faulty, sound])).toEqual([
      'conv: no gradient: not registered',
      'conv: values differ by 2.5e-1, gradients by 1.0e-4',
      'training losses differ from those of cpu by 1.0e-3',
    ]);
    expect(failuresOf({ ...sound, name: 'wasm', losses: [2, NaN] }, [sound])).toEqual([
      'training losses differ from those of cpu by not a number',
    ]);
  });
});

/** With UNET_TEST_WEBGPU all of them; else those with the kernels that are replaced, and a few that compile quickly. */
const operations = ['group_norm', 'pad', 'prelu', 'gelu', '+', 'resize', 'concat', 'pick', 'adamw', 'loss'];

describe.skipIf(!hasSwiftShader)('webgpu on SwiftShader', () => {
  it('computes and differentiates as cpu does', { timeout: 600_000 }, async () => {
    const everything = process.env['UNET_TEST_WEBGPU'] !== undefined;
    const request = { name: 'webgpu', settings: {}, ...(everything ? {} : { operations }) } as const;
    // No module: the training alone takes minutes on a GPU that the processor plays.
    const found = await probeInChild({ ...request, module: 'export {}' }, { variables: swiftShaderVariables });
    expect(found).toMatchObject({
      available: true,
      detail: expect.stringMatching(/SwiftShader.*emulated in software/) as string,
    });
    expect(found.checks!.filter(({ passed }) => !passed)).toEqual([]);
    expect(found.checks!.length).toBeGreaterThan(12);
  });
});
