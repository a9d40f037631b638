import { expect, it } from 'vitest';
import { GraphBuilder } from '../../onnx/builder.js';
import { encodeModel } from '../../onnx/encode.js';
import { cpuEngine, exportedFile } from '../../onnx/target.js';

it('computes the same thing once, and nothing that no output needs', () => {
  const g = new GraphBuilder(cpuEngine);
  const x = g.input('x', [2], 'float32');
  const once = g.node('Exp', [x], { shape: [2], type: 'float32' });
  expect(g.node('Exp', [x], { shape: [2], type: 'float32' })).toBe(once);
  g.node('Log', [x], { shape: [2], type: 'float32' });
  g.weight('unused', [2]);
  const graph = g.finish([g.node('Add', [once, once], { shape: [2], type: 'float32' })]);
  expect(graph.nodes.map(({ op }) => op)).toEqual(['Exp', 'Add']);
  expect(graph.weights).toEqual([]);
});

it('gives every tensor a name of its own, after the operation that it belongs to', () => {
  const g = new GraphBuilder(exportedFile, ['level/Exp_2']);
  const x = g.input('level/Exp', ['batch'], 'float32');
  g.scope = 'level';
  const exp = g.node('Exp', [x], { shape: x.shape, type: 'float32' });
  const again = g.node('Exp', [exp], { shape: x.shape, type: 'float32' });
  expect([exp.name, again.name]).toEqual(['level/Exp_3', 'level/Exp_4']);
  expect(g.weight('level/Exp', [1]).name).toBe('level/Exp_5');
});

it('keeps constants that differ in sign of zero, shape or type apart', () => {
  const g = new GraphBuilder(cpuEngine);
  const constants = [g.scalar(0), g.scalar(-0), g.constant(Float32Array.of(0), [1]), g.integers([0], [])];
  expect(new Set(constants.map(({ name }) => name)).size).toBe(4);
  expect(g.scalar(0)).toBe(constants[0]);
});

it('is encoded to the same bytes each time', () => {
  const bytes = (): Uint8Array => {
    const g = new GraphBuilder(cpuEngine);
    const x = g.input('x', [2, 3], 'float32');
    return encodeModel(g.finish([g.node('Add', [x, g.scalar(2)], { shape: [2, 3], type: 'float32' })]));
  };
  expect(Buffer.from(bytes()).equals(Buffer.from(bytes()))).toBe(true);
});
