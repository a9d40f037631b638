/** What tf.layers lacks for a 3-D U-Net, written with tfjs's own operations. Tensors are [N, D, H, W, C]. */
import * as tf from '@tensorflow/tfjs';

type Config = { readonly name: string };

/** Group normalisation with 8 groups (Wu & He 2018): tf.layers has none. */
export class StockGroupNorm extends tf.layers.Layer {
  static readonly className = 'StockGroupNorm';
  private scale: tf.LayerVariable | undefined;
  private shift: tf.LayerVariable | undefined;

  constructor(config: Config) {
    super({ ...config });
  }

  override build(shape: tf.Shape): void {
    const channels = shape.at(-1)!;
    this.scale = this.addWeight('scale', [channels], 'float32', tf.initializers.ones());
    this.shift = this.addWeight('shift', [channels], 'float32', tf.initializers.zeros());
    super.build(shape);
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.tidy(() => {
      const [cases = 1, ...rest] = x.shape;
      const channels = rest.pop()!;
      const voxels = rest.reduce((product, size) => product * size, 1);
      const grouped = tf.reshape(x, [cases, voxels, 8, channels / 8]);
      const { mean, variance } = tf.moments(grouped, [1, 3], true);
      const normalized = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(tf.reshape(normalized, x.shape), this.scale!.read()), this.shift!.read());
    });
  }
}

/** d(conv3d)/dx: a convolution of dy with the taps reversed and in and out swapped. */
function inputGradient(dy: tf.Tensor5D, kernel: tf.Tensor5D): tf.Tensor5D {
  return tf.conv3d(dy, tf.transpose(tf.reverse(kernel, [0, 1, 2]), [0, 1, 2, 4, 3]), 1, 'same');
}

/** d(conv3d)/d(kernel) by the stock kernel. */
function kernelGradient(x: tf.Tensor, dy: tf.Tensor, filterShape: number[]): tf.Tensor {
  const attributes = { strides: 1, pad: 'same', filterShape };
  return tf.engine().runKernel<tf.Tensor>('Conv3DBackpropFilterV2', { x, dy }, attributes);
}

const conv3d = tf.customGrad((...inputs) => {
  const [x, kernel, save] = inputs as unknown as [tf.Tensor5D, tf.Tensor5D, tf.GradSaveFunc];
  save([x, kernel]);
  return {
    value: tf.conv3d(x, kernel, 1, 'same'),
    gradFunc: (dy, saved) => {
      const [x, kernel] = saved as [tf.Tensor5D, tf.Tensor5D];
      return [inputGradient(dy as tf.Tensor5D, kernel), kernelGradient(x, dy, kernel.shape)];
    },
  };
});

/**
 * Convolution of stride 1 that keeps the size, as tf.layers.conv3d computes it, which cannot be trained on
 * wasm: the backend's kernel of the gradient by the input, Conv3DBackpropInputV2, gives wrong numbers (in 4.22; those of
 * the cpu backend are right). That gradient is therefore taken by the stock forward convolution; it costs the same.
 */
export class StockConv extends tf.layers.Layer {
  static readonly className = 'StockConv';
  private kernel: tf.LayerVariable | undefined;
  private bias: tf.LayerVariable | undefined;

  constructor(
    private readonly config: Config & { readonly filters: number; readonly size: number; readonly bias: boolean },
  ) {
    super({ name: config.name });
  }

  override build(shape: tf.Shape): void {
    const { filters, size, bias } = this.config;
    const zeros = tf.initializers.zeros();
    this.kernel = this.addWeight('kernel', [size, size, size, shape.at(-1)!, filters], 'float32', zeros);
    if (bias) this.bias = this.addWeight('bias', [filters], 'float32', zeros);
    super.build(shape);
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    return [...shape.slice(0, -1), this.config.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    return tf.tidy(() => {
      const y = conv3d(x, this.kernel!.read());
      return this.bias === undefined ? y : tf.add(y, this.bias.read());
    });
  }
}

/**
 * Transposed convolution k2 s2. tf.layers.conv3dTranspose cannot be trained (no gradient is registered for its kernel,
 * Conv3DBackpropInputV2), so this is one matrix product, and the eight results of a voxel are put in their places.
 */
export class StockDoubling extends tf.layers.Layer {
  static readonly className = 'StockDoubling';
  private kernel: tf.LayerVariable | undefined;
  private bias: tf.LayerVariable | undefined;

  constructor(private readonly config: Config & { readonly filters: number }) {
    super({ name: config.name });
  }

  override build(shape: tf.Shape): void {
    const { filters } = this.config;
    const zeros = tf.initializers.zeros();
    this.kernel = this.addWeight('kernel', [shape.at(-1)!, 8 * filters], 'float32', zeros);
    this.bias = this.addWeight('bias', [filters], 'float32', zeros);
    super.build(shape);
  }

  override computeOutputShape(shape: tf.Shape): tf.Shape {
    const [cases = null, ...rest] = shape;
    return [cases, ...rest.slice(0, 3).map((size) => (size === null ? null : 2 * size)), this.config.filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0]! : inputs;
    const { filters } = this.config;
    return tf.tidy(() => {
      const [n = 1, d = 1, h = 1, w = 1, c = 1] = x.shape;
      const taps = tf.matMul(tf.reshape(x, [-1, c]), this.kernel!.read());
      // [n d h, w, (2d 2h), 2w c] to [n d h, (2d 2h), w 2w c], then [n d, h, 2d, 2h w c] to [n d, 2d, h, 2h w c].
      const wide = tf.transpose(tf.reshape(taps, [n * d * h, w, 4, 2 * filters]), [0, 2, 1, 3]);
      const deep = tf.transpose(tf.reshape(wide, [n * d, h, 2, 4 * w * filters]), [0, 2, 1, 3]);
      return tf.add(tf.reshape(deep, [n, 2 * d, 2 * h, 2 * w, filters]), this.bias!.read());
    });
  }
}
