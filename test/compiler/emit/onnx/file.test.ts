/** What an ONNX file says of itself; read by Python's onnx, where that is installed, as others will read it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { emitOnnx } from '../../../../compiler/emit/onnx/emit-onnx.js';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { encodeOnnx } from '../../../../runtime/export/onnx-file.js';
import type { HostTensor } from '../../../../runtime/files/safetensors.js';
import { lowerSpec } from '../../lowered.js';
import { allKinds, hostile } from '../tfjs/all-kinds.js';

const narrow = { width: '8', neck: '32' };
const [dalight, plain, plusPlus, ronneberger, unetr, noNorm] = [
  lowerSpec('dalight3d.unet', narrow),
  lowerSpec('unet3d.unet', { width: '8' }),
  lowerSpec('unet-plus-plus.unet', { width: '8' }),
  lowerSpec('unet2d-2015.unet', { width: '4' }),
  lowerSpec('unetr.unet', { width: '2', hidden: '8', heads: '2', perceptron: '16', depth: '1' }),
  lowerSpec('ablations/no-identifier-norm.unet', narrow),
].map(([network]) => network!) as [Network, Network, Network, Network, Network, Network];

function zeros(network: Network): Map<string, HostTensor> {
  return new Map(
    weightsOf(network).map(({ id, shape }) => [
      id,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
    ]),
  );
}

const shapesOf = (network: Network) => {
  const { inputs, outputs } = emitOnnx(network).graph;
  return Object.fromEntries([...inputs, ...outputs].map(({ name, shape }) => [name, shape]));
};

describe('the graph of', () => {
  it('a network of free sizes names them as the spec does', () => {
    const free = ['batch', 4, 'D', 'H', 'W'];
    expect(shapesOf(dalight)).toEqual({ scan: free, site: ['batch'], mask: free });
    // 8 * floor(D / 8) is D at every legal patch.
    expect(shapesOf(plain)).toEqual({ scan: free, mask: free });
  });

  it('one of fixed or derived sizes says so', () => {
    const fixed = ['batch', 4, 96, 96, 96];
    expect(shapesOf(unetr)).toEqual({ scan: fixed, mask: fixed });
    const { scan, mask } = shapesOf(ronneberger);
    expect(scan).toEqual(['batch', 4, 'H', 'W']);
    expect(mask?.slice(0, 2)).toEqual(['batch', 4]);
    expect(mask?.[2]).toMatch(/floor\(.*H.*\)/);
  });

  it('a variant takes no input that it does not use, and gives no auxiliary output', () => {
    expect(Object.keys(shapesOf(noNorm))).toEqual(['scan', 'mask']);
    expect(plusPlus.outputs[0]?.auxiliary).toHaveLength(3);
    const { graph } = emitOnnx(plusPlus);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['mask']);
    const auxiliary = new Set(
      plusPlus.ops.filter(({ id }) => plusPlus.outputs[0]?.auxiliary.includes(id)).flatMap(({ weights }) => weights),
    );
    const ids = weightsOf(plusPlus).filter((weight) => !auxiliary.has(weight));
    expect(graph.weights.map(({ id }) => id).sort()).toEqual(ids.map(({ id }) => id).sort());
  });

  it('any network uses standard operators under names of their own', () => {
    for (const network of [allKinds(), hostile(), dalight]) {
      const { graph } = emitOnnx(network);
      const names = [
        ...graph.inputs.map(({ name }) => name),
        ...graph.constants.map(({ value }) => value.name),
        ...graph.weights.map(({ name }) => name),
        ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ name }) => name)),
      ];
      expect(new Set(names).size).toBe(names.length);
      expect(new Set(graph.nodes.map(({ domain }) => domain))).toEqual(new Set(['']));
      expect(emitOnnx(network)).toEqual(emitOnnx(network));
    }
  });
});

it('metadata tells channels, labels with their values, and legal sizes', () => {
  const { metadata } = emitOnnx(dalight, { normalize: '{}' });
  const read = (key: string): unknown => JSON.parse(metadata[key] ?? '');
  expect(metadata['model']).toBe('DALight3D');
  expect(metadata['normalize']).toBe('{}');
  expect(read('inputs')).toEqual([
    {
      name: 'scan',
      kind: 'image',
      channels: ['FLAIR', 'T1w', 't1gd', 'T2w'],
      axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }],
    },
    { name: 'site', kind: 'identifier', count: 8, none: -1 },
  ]);
  expect(read('outputs')).toMatchObject([
    { name: 'mask', activation: 'softmax', labels: [{ name: 'background', values: [0] }, {}, {}, { values: [3] }] },
  ]);
  expect(JSON.parse(emitOnnx(plain).metadata['legal_sizes'] ?? '')).toContainEqual({ axis: 'D', first: 8, step: 8 });
});

it('weights beyond what a file holds are refused', () => {
  const weights = zeros(plain);
  // Memory that is never touched.
  weights.set('head.mask.weight', { shape: [2 ** 29], data: new Float32Array(2 ** 29) });
  expect(() => encodeOnnx(emitOnnx(plain), weights, '0')).toThrow(/take 2\.0 GiB/);
});

const folder = mkdtempSync(path.join(tmpdir(), 'unet-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = `
import json, sys, onnx
for file in sys.argv[1:]:
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    shape = lambda v: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]
    print(json.dumps({
        'name': model.graph.name, 'doc': model.doc_string, 'version': model.producer_version,
        'shapes': {v.name: shape(v) for v in [*model.graph.input, *model.graph.output]},
        'metadata': {p.key: p.value for p in model.metadata_props}}))
`;
// Not in the repository, whose folder onnx Python would import.
const inFolder = { cwd: folder, encoding: 'utf8' } as const;
const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import onnx'], inFolder).status === 0,
);

// Debian: apt-get install python3-onnx.
describe.skipIf(python === undefined)("Python's onnx.checker", () => {
  it('passes files of every kind of operation and reads what they say', () => {
    const networks = [dalight, plain, plusPlus, ronneberger, unetr, allKinds(), hostile()];
    const files = networks.map((network, index) => {
      const file = path.join(folder, `${index}.onnx`);
      writeFileSync(file, encodeOnnx(emitOnnx(network), zeros(network), '1.2.3'));
      return file;
    });
    const { status, stdout, stderr } = spawnSync(python!, ['-c', script, ...files], inFolder);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    const read = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(read).toEqual(
      networks.map((network) => ({
        name: network.name,
        doc: network.doc ?? '',
        version: '1.2.3',
        shapes: shapesOf(network),
        metadata: emitOnnx(network).metadata,
      })),
    );
  });
});
