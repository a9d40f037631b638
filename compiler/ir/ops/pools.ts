/** Pooling: each window is reduced to one value. */
import type { Padding } from '../tensor.js';
import { windowLabel } from './labels.js';
import { layer, type Layer } from './layer.js';
import { failByRange, perAxis, perAxisOr } from './parameters.js';
import { operation, windowed } from './traits.js';

/** No padding value enters the maximum; the average divides by the kernel's whole size. */
export interface PoolAttributes {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: Padding;
}

function poolLayer(doc: string): Layer<PoolAttributes> {
  return layer({
    doc,
    parameters: {
      kernel: perAxis({ least: 1 }),
      stride: perAxisOr('the kernel', 1),
      pad: perAxis({ least: 0, otherwise: 0 }),
    },
    attributes: ({ kernel, stride = kernel, pad }, call) => {
      // A window that contains only padding has no maximum.
      const wide = pad.find((amount, axis) => amount >= (kernel[axis] ?? 1));
      if (wide !== undefined) return failByRange(call, 'pad', 'smaller than the kernel', wide);
      return { kernel, stride, pad: pad.map((each) => [each, each] as const) };
    },
  });
}

function poolLabel(name: string, { kernel, stride }: PoolAttributes): string {
  return windowLabel(name, { kernel, stride: stride.join() === kernel.join() ? kernel.map(() => 1) : stride });
}

const maxPool = operation<PoolAttributes>({
  ...windowed,
  keeps: () => [0, 'output'],
  figure: () => 'down',
  label: ({ attributes }) => poolLabel('max pool', attributes),
  layers: {
    max_pool: poolLayer(
      'Maximum over windows; padding is ignored. Size: `floor((n + 2 pad - kernel) / stride) + 1`, where `pad` is less than the kernel.',
    ),
  },
});

const avgPool = operation<PoolAttributes>({
  ...windowed,
  figure: () => 'down',
  label: ({ attributes }) => poolLabel('average pool', attributes),
  layers: {
    avg_pool: poolLayer('Mean over windows, including padding. Sizes as in `max_pool`.'),
  },
});

export const pools = { max_pool: maxPool, avg_pool: avgPool };
