/**
 * Replaces kernels of tfjs-backend-webgpu 4.22 that fail on tensors of more than four axes, for which its shaders have
 * no vector types: PadV2 and binary operations generate shaders that do not compile, Tile reads GPU memory
 * synchronously, Reverse uses the wrong shape, Select throws. Here they run on tensors with fewer axes that hold the
 * same numbers. Also replaces AddN, which takes more operands at once than a shader may have.
 */
import * as tf from '@tensorflow/tfjs';
import { axisByAxis, type OneAxis } from './axis-by-axis.js';
import { foldedShapes } from './folded-shapes.js';

/** The number of axes that the backend's own kernels support. */
const managed = 4;

const byAxis: Readonly<Record<string, OneAxis>> = {
  PadV2: (x, axis, { paddings, constantValue }) => {
    const [before, after] = (paddings as [number, number][])[axis]!;
    if (before === 0 && after === 0) return x;
    const amounts: [number, number][] = [
      [0, 0],
      [before, after],
      [0, 0],
    ];
    return tf.pad(x, amounts, constantValue as number);
  },
  Tile: (x, axis, { reps }) => {
    const times = (reps as number[])[axis]!;
    return times === 1 ? x : tf.tile(x, [1, times, 1]);
  },
  Reverse: (x, axis, { dims }) => ((dims as number[]).includes(axis) ? tf.reverse(x, 1) : x),
};

const binary = [
  ...['Add', 'Sub', 'Multiply', 'RealDiv', 'FloorDiv', 'Mod', 'Pow', 'Atan2', 'Maximum', 'Minimum'],
  ...['SquaredDifference', 'Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
  ...['LogicalAnd', 'LogicalOr'],
];

/** Registers the replacements; tensors of few axes still use the backend's own kernels. */
export function replaceKernels(backendName: string): void {
  for (const [kernelName, oneAxis] of Object.entries(byAxis)) {
    replace(kernelName, backendName, (own) => (given) => {
      const x = given.inputs['x'] as tf.Tensor;
      if (x.shape.length <= managed) return own(given);
      return tf.tidy(() => axisByAxis(x, oneAxis, given.attrs as unknown as Readonly<Record<string, unknown>>));
    });
  }
  for (const kernelName of binary) {
    replace(kernelName, backendName, (own) => (given) => {
      const [a, b] = [given.inputs['a'] as tf.Tensor, given.inputs['b'] as tf.Tensor];
      if (Math.max(a.shape.length, b.shape.length) <= managed) return own(given);
      const folded = foldedShapes(a.shape, b.shape);
      return tf.tidy(() => {
        const inputs = { a: tf.reshape(a, folded.a), b: tf.reshape(b, folded.b) };
        return tf.reshape(tf.engine().runKernel<tf.Tensor>(kernelName, inputs), folded.result);
      });
    });
  }
  replace('AddN', backendName, (own) => (given) => {
    const operands = Object.values(given.inputs) as tf.Tensor[];
    if (operands.length <= addable) return own(given);
    return tf.tidy(() => addInGroups(operands));
  });
  replace('Select', backendName, (own) => (given) => {
    const { condition, t, e } = given.inputs as Record<'condition' | 't' | 'e', tf.Tensor>;
    if (t.shape.length <= managed) return own(given);
    return tf.tidy(() => {
      const [flat, yes, no] = [condition, t, e].map((each) => tf.reshape(each, [-1])) as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
      ];
      return tf.reshape(tf.where(flat, yes, no), t.shape);
    });
  });
}

/** WebGPU guarantees eight storage buffers per shader, one of which is for the result. */
const addable = 7;

function addInGroups(operands: readonly tf.Tensor[]): tf.Tensor {
  let left = [...operands];
  while (left.length > 1) {
    const sums: tf.Tensor[] = [];
    for (let first = 0; first < left.length; first += addable) sums.push(tf.addN(left.slice(first, first + addable)));
    left = sums;
  }
  return left[0]!;
}

type KernelFunc = tf.KernelConfig['kernelFunc'];

function replace(kernelName: string, backendName: string, replaceKernel: (own: KernelFunc) => KernelFunc): void {
  const own = tf.getKernel(kernelName, backendName);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...own, kernelFunc: replaceKernel(own.kernelFunc) });
}
