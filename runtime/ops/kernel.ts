/**
 * Coarse kernels: the expensive operations of the runtime run through tfjs's kernel registry under names of their own
 * (`UnetConv`), with gradients registered once. A backend may register its own kernel under such a name, in the layout
 * it prefers; otherwise it gets the formulation given here, composed of stock tfjs operations or of plain loops over
 * typed arrays. Gradients are computed only for the inputs that need them.
 */
import * as tf from '@tensorflow/tfjs';
import { layout, type Layout } from './layout.js';
import { permute } from './permute.js';

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Every coarse kernel. An engine with kernels of its own has a table of these names, which the type checker completes. */
export type KernelName =
  | 'UnetAdamW'
  | 'UnetAdamWMove'
  | 'UnetAffine'
  | 'UnetBroadcast'
  | 'UnetConv'
  | 'UnetConvFilter'
  | 'UnetConvTranspose'
  | 'UnetCutColumns'
  | 'UnetDepthwiseConv'
  | 'UnetDepthwiseConvFilter'
  | 'UnetDepthwiseConvInput'
  | 'UnetGelu'
  | 'UnetGeluInput'
  | 'UnetGlobalNorm'
  | 'UnetJoinColumns'
  | 'UnetMatMul'
  | 'UnetMaxPool'
  | 'UnetMaxPoolInput'
  | 'UnetMoments'
  | 'UnetMovingMean'
  | 'UnetNorm'
  | 'UnetNormInput'
  | 'UnetNormScale'
  | 'UnetPrelu'
  | 'UnetPreluInput'
  | 'UnetPreluSlope'
  | 'UnetRepeat'
  | 'UnetResample'
  | 'UnetSgd'
  | 'UnetSgdMove'
  | 'UnetSgdVelocity'
  | 'UnetSquareSum'
  | 'UnetSum';

export interface KernelDefinition<A extends object> {
  readonly name: KernelName;
  /** Inputs in the tensor layout (weights are not among them: they always keep PyTorch's order). */
  readonly spatial: readonly string[];
  /** Inputs kept for the gradient, and whether the output is kept. */
  readonly saved: readonly string[];
  readonly savesOutput?: boolean;
  /** The formulation for backends without their own kernel. Tensors are channels-last. */
  readonly lowered: (inputs: Tensors, attributes: A) => tf.Tensor;
  /** Gradient of each input, given those of `saved` (and `output`); absent if it has none. */
  readonly gradient?: (dy: tf.Tensor, saved: Tensors, attributes: WithLayout<A>) => Record<string, () => tf.Tensor>;
}

/** Attributes as a kernel receives them: `layout` is the layout of its spatial inputs and its output. */
export type WithLayout<A extends object> = A & { readonly layout: Layout };

export interface Kernel<A extends object> {
  /** For operations: spatial inputs and output are in the current layout. */
  readonly apply: (inputs: Tensors, attributes: A) => tf.Tensor;
  /** For gradients: inputs and output have the layout `attributes.layout`. */
  readonly applyAs: (inputs: Tensors, attributes: WithLayout<A>) => tf.Tensor;
}

/** Backends that use our formulation of a kernel, recorded to distinguish it from the backend's own. */
const loweredOn = new Map<string, Set<string>>();

export function defineKernel<A extends object>(definition: KernelDefinition<A>): Kernel<A> {
  registerGradientOf(definition);
  const applyAs = (inputs: Tensors, attributes: WithLayout<A>): tf.Tensor => {
    ensureKernel(definition);
    return tf.engine().runKernel(definition.name, inputs, attributes);
  };
  const apply = (inputs: Tensors, attributes: A): tf.Tensor => {
    if (layout() === 'channels-last') return applyAs(inputs, { ...attributes, layout: 'channels-last' });
    if (hasOwnKernel(definition.name)) return applyAs(inputs, { ...attributes, layout: 'channels-first' });
    const turned = mapSpatial(inputs, definition.spatial, channelsLastFromFirst);
    return channelsFirstFromLast(applyAs(turned, { ...attributes, layout: 'channels-last' }));
  };
  return { apply, applyAs };
}

/** Registers the formulation for the current backend, unless the backend has its own kernel. */
function ensureKernel<A extends object>(definition: KernelDefinition<A>): void {
  const backendName = tf.getBackend();
  if (tf.getKernel(definition.name, backendName) !== undefined) return;
  tf.registerKernel({
    kernelName: definition.name,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() => definition.lowered(inputs as unknown as Tensors, attrs as unknown as A)),
  });
  const backends = loweredOn.get(definition.name) ?? new Set();
  loweredOn.set(definition.name, backends.add(backendName));
}

/** Whether the current backend registered this kernel itself. */
export function hasOwnKernel(name: string): boolean {
  const backend = tf.getBackend();
  return tf.getKernel(name, backend) !== undefined && loweredOn.get(name)?.has(backend) !== true;
}

function registerGradientOf<A extends object>({ name, saved, savesOutput, gradient }: KernelDefinition<A>): void {
  if (gradient === undefined) return;
  tf.registerGradient({
    kernelName: name,
    inputsToSave: [...saved],
    outputsToSave: [savesOutput === true],
    gradFunc: (dy, tensors, attributes) => {
      const names = savesOutput === true ? [...saved, 'output'] : saved;
      const kept = Object.fromEntries(names.map((each, index) => [each, tensors[index]!]));
      return gradient(dy as tf.Tensor, kept, attributes as unknown as WithLayout<A>);
    },
  });
}

function mapSpatial(inputs: Tensors, spatial: readonly string[], turn: (x: tf.Tensor) => tf.Tensor): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, tensor]) => [key, spatial.includes(key) ? turn(tensor) : tensor]),
  );
}

function channelsLastFromFirst(x: tf.Tensor): tf.Tensor {
  if (x.rank < 3) return x;
  return permute(x, [0, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 2), 1]);
}

function channelsFirstFromLast(x: tf.Tensor): tf.Tensor {
  if (x.rank < 3) return x;
  return permute(x, [0, x.rank - 1, ...Array.from({ length: x.rank - 2 }, (_, i) => i + 1)]);
}
