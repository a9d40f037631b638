import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runComputation, type Computed } from '../../../../runtime/engine/computation.js';
import { selectEngine } from '../../../../runtime/engine/engines.js';
import { onNotice } from '../../../../runtime/engine/notices.js';
import { GraphBuilder } from '../../../../onnx/builder.js';
import { cpuEngine } from '../../../../onnx/target.js';
import { engineError } from '../../../../runtime/engine/onnx/engine-error.js';
import { native } from '../../../../runtime/engine/onnx/native.js';
import { createSession } from '../../../../runtime/engine/onnx/session.js';
import { setOnnxMode } from '../../../../runtime/engine/onnx/settings.js';
import { asOperation } from '../../../../runtime/ops/current-operation.js';
import { perStep } from '../../../../runtime/ops/per-step.js';

let notices: string[] = [];

beforeAll(async () => {
  await selectEngine('onnx');
  onNotice((text) => notices.push(text));
});
afterEach(() => {
  notices = [];
  setOnnxMode('compiled');
});

const given = (values: readonly number[]): tf.Tensor =>
  perStep({ shape: [values.length], type: 'float32', values: () => Float32Array.from(values) });

/** Adds what it is given to a variable, and tells the sum of all. */
function adding(owner: object, variable: tf.Variable, read = false) {
  return {
    owner,
    key: `add ${read}`,
    name: 'the addition',
    compute: (current: () => readonly number[]): Computed => {
      const x = perStep({ shape: [3], type: 'float32', values: () => Float32Array.from(current()) });
      const next = tf.add(variable, x);
      if (read) next.dataSync();
      return { outputs: [tf.sum(next)], updates: [[variable, next]] };
    },
  };
}

describe('a recorded computation', () => {
  it('takes new values in each run, and changes variables on commit alone', async () => {
    const owner = {};
    const variable = tf.variable(tf.tensor1d([1, 2, 3]));
    const before = variable.clone();
    const first = await runComputation(adding(owner, variable), [1, 1, 1]);
    expect(first.outputs[0]![0]).toBe(9);
    first.dispose();
    expect([...variable.dataSync()]).toEqual([1, 2, 3]);
    for (const [step, sum] of [16, 26, 36].entries()) {
      const run = await runComputation(adding(owner, variable), [10, 0, 0]);
      expect(run.outputs[0]![0], `step ${step}`).toBe(sum);
      run.commit();
      run.dispose();
    }
    expect([...variable.dataSync()]).toEqual([31, 2, 3]);
    // What looked at the variable's values before still sees them.
    expect([...before.dataSync()]).toEqual([1, 2, 3]);
    expect(notices).toEqual([]);
  });

  it('never writes into an array that the user gave', async () => {
    const values = Float32Array.of(1, 2, 3);
    const variable = tf.variable(tf.tensor1d(values));
    const owner = {};
    for (let step = 0; step < 4; step++) {
      const run = await runComputation(adding(owner, variable), [1, 1, 1]);
      run.commit();
      run.dispose();
    }
    expect([...values]).toEqual([1, 2, 3]);
    expect([...variable.dataSync()]).toEqual([5, 6, 7]);
  });

  it('is run kernel by kernel where it reads numbers on its way, and says so once', async () => {
    const variable = tf.variable(tf.tensor1d([1, 2, 3]));
    const owner = {};
    for (const sum of [9, 12]) {
      const run = await runComputation(adding(owner, variable, true), [1, 1, 1]);
      expect(run.outputs[0]![0]).toBe(sum);
      run.commit();
      run.dispose();
    }
    expect(notices).toEqual([expect.stringContaining('the addition one operation at a time') as string]);
  });

  it('keeps no tensor', async () => {
    const variable = tf.variable(tf.tensor1d([1, 2, 3]));
    const owner = {};
    const step = async (): Promise<void> => {
      const run = await runComputation(adding(owner, variable), [1, 1, 1]);
      run.commit();
      run.dispose();
    };
    await step();
    const before = tf.memory().numTensors;
    for (let i = 0; i < 5; i++) await step();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('any tfjs program', () => {
  it('runs kernel by kernel, with kernels of the cpu backend where onnxruntime has none', async () => {
    const x = tf.randomNormal([1, 6, 6, 6, 2], 0, 1, 'float32', 3);
    const w = tf.randomNormal([3, 3, 3, 2, 4], 0, 1, 'float32', 4);
    const loss = (input: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
      tf.sum(tf.square(tf.relu(tf.conv3d(input as tf.Tensor5D, filter as tf.Tensor5D, 1, 'same'))));
    const found = tf
      .grads(loss)([x, w])
      .map((gradient) => gradient.dataSync());
    const [values, filter] = [await x.data(), await w.data()];
    await selectEngine('cpu');
    const again = [tf.tensor(values, x.shape), tf.tensor(filter, w.shape)];
    const expected = tf
      .grads(loss)(again)
      .map((gradient) => gradient.dataSync());
    await selectEngine('onnx');
    found.forEach((gradient, i) =>
      gradient.forEach((value, at) => expect(Math.abs(value - expected[i]![at]!)).toBeLessThan(1e-3)),
    );
    expect(notices.some((text) => text.includes('`Conv3D`'))).toBe(true);
  });

  it('gives lists of one as lists', () => {
    expect(tf.unstack(tf.ones([1, 3]))).toHaveLength(1);
    const gradient = tf.grad((x) => tf.sum(tf.stack([x])))(tf.ones([2]));
    expect([...gradient.dataSync()]).toEqual([1, 1]);
  });

  it('makes floats of whole numbers where tfjs does', () => {
    expect(tf.mean(tf.tensor1d([1, 2], 'int32')).dataSync()[0]).toBe(1.5);
    expect(tf.exp(tf.tensor1d([0], 'int32')).dataSync()[0]).toBe(1);
    expect([...tf.gather(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[1], [0]], [2, 1], 'int32'), 1, 1).dataSync()]).toEqual([2, 3]); // prettier-ignore
  });

  it('never lends the memory of a tensor that another one looks into', () => {
    const x = tf.add(tf.tensor1d([1, 2, 3, 4]), 0);
    const y = tf.stridedSlice(x, [1], [3], [1]);
    x.dispose();
    tf.add(tf.tensor1d([9, 9, 9, 9]), 0);
    expect([...y.dataSync()]).toEqual([2, 3]);
  });

  it('gives copies of its memory, not the memory', () => {
    const y = tf.add(tf.tensor1d([1, 2]), tf.tensor1d([1, 1]));
    const read = y.dataSync();
    y.dispose();
    tf.add(tf.tensor1d([5, 5]), tf.tensor1d([5, 5]));
    expect([...read]).toEqual([2, 3]);
  });

  it('computes with whole numbers, truths and empty tensors', () => {
    const a = tf.tensor1d([1, 5, 3], 'int32');
    expect([...tf.add(a, tf.scalar(2, 'int32')).dataSync()]).toEqual([3, 7, 5]);
    expect([...tf.greater(a, tf.scalar(2, 'int32')).dataSync()]).toEqual([0, 1, 1]);
    expect([...tf.where(tf.greater(a, tf.scalar(2, 'int32')), tf.zerosLike(a), a).dataSync()]).toEqual([1, 0, 0]);
    expect(tf.add(tf.zeros([0, 2]), 1).shape).toEqual([0, 2]);
    expect([...given([1, 2]).dataSync()]).toEqual([1, 2]);
  });
});

describe('faults of the library', () => {
  const huge = 2 ** 40;

  it('become one error that names the operation: out of memory', () => {
    const g = new GraphBuilder(cpuEngine);
    const x = g.input('x', [1], 'float32');
    const y = g.node('Expand', [x, g.integers([huge])], { shape: [huge], type: 'float32' });
    const sum = g.node('ReduceSum', [y], { shape: [1], type: 'float32' }, { keepdims: 1 });
    const session = createSession(g.finish([sum]), { arena: true, spinning: false });
    const one = native().newTensor('float32', new Float32Array(1), [1]);
    const result = native().newTensor('float32', new Float32Array(1), [1]);
    const run = (): void => session.run({ x: one }, { [sum.name]: result });
    let error: unknown;
    try {
      run();
    } catch (thrown) {
      error = asOperation('encoder.level0.conv', () => engineError(thrown, 'the training step'));
    }
    expect(error).toMatchObject({ code: 'UNET5020' });
    expect((error as Error).message).toContain('`encoder.level0.conv`');
    session.dispose();
  });

  it('become one error that names the operation: a model that it refuses', () => {
    const g = new GraphBuilder(cpuEngine);
    const y = g.node('NoSuchOperator', [g.input('x', [1], 'float32')], { shape: [1], type: 'float32' });
    let error: unknown;
    try {
      createSession(g.finish([y]), { arena: false, spinning: false });
    } catch (thrown) {
      error = engineError(thrown, '`UnetConv` on x [1, 2]');
    }
    expect(error).toMatchObject({ code: 'UNET5021' });
    expect((error as Error).message).toMatch(/`UnetConv` on x \[1, 2\].*NoSuchOperator/);
    expect((error as Error).message).not.toContain('\n');
  });
});
