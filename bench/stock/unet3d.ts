/** The Standard 3-D U-Net of `bench/peer/baselines.py` as a tf.LayersModel on stock kernels. */
import * as tf from '@tensorflow/tfjs';
import { asFloat32, type HostTensor } from '../../runtime/files/safetensors.js';
import { StockConv, StockDoubling, StockGroupNorm } from './layers.js';

type Weights = ReadonlyMap<string, HostTensor>;

function conv(x: tf.SymbolicTensor, name: string, filters: number, size: number, bias: boolean): tf.SymbolicTensor {
  return new StockConv({ name, filters, size, bias }).apply(x) as tf.SymbolicTensor;
}

function twoConvs(x: tf.SymbolicTensor, stage: string, filters: number): tf.SymbolicTensor {
  let y = x;
  for (const [first, second] of [
    ['0', '1'],
    ['3', '4'],
  ] as const) {
    y = conv(y, `${stage}.${first}`, filters, 3, false);
    y = new StockGroupNorm({ name: `${stage}.${second}` }).apply(y) as tf.SymbolicTensor;
    y = tf.layers.reLU().apply(y) as tf.SymbolicTensor;
  }
  return y;
}

function unet(width: number): tf.LayersModel {
  const input = tf.input({ shape: [null, null, null, 4] });
  const skips: tf.SymbolicTensor[] = [];
  let x = input;
  for (const level of [0, 1, 2]) {
    x = twoConvs(x, `enc${level + 1}`, width * 2 ** level);
    skips.push(x);
    x = tf.layers.maxPooling3d({ poolSize: 2, strides: 2 }).apply(x) as tf.SymbolicTensor;
  }
  x = twoConvs(x, 'bottleneck', 8 * width);
  for (const level of [2, 1, 0]) {
    const filters = width * 2 ** level;
    x = new StockDoubling({ name: `up${level + 1}`, filters }).apply(x) as tf.SymbolicTensor;
    x = tf.layers.concatenate().apply([x, skips[level]!]) as tf.SymbolicTensor;
    x = twoConvs(x, `dec${level + 1}`, filters);
  }
  return tf.model({ inputs: input, outputs: conv(x, 'final', 4, 1, true) });
}

/** A weight in PyTorch's axis order as the stock layer has it. */
function arranged(layer: tf.layers.Layer, values: tf.Tensor): tf.Tensor {
  // [out, in, 3, 3, 3] to [3, 3, 3, in, out]; transposed [in, out, 2, 2, 2] to [in, 2 2 2 out].
  if (layer instanceof StockDoubling) {
    return tf.reshape(tf.transpose(values, [0, 2, 3, 4, 1]), [values.shape[0], -1]);
  }
  return tf.transpose(values, [2, 3, 4, 1, 0]);
}

/**
 * The network with given first weights.
 * @param weights under the release's names, in PyTorch's axis order
 */
export function stockUnet(width: number, weights: Weights): tf.LayersModel {
  const model = unet(width);
  tf.tidy(() => {
    for (const layer of model.layers.filter((each) => each.weights.length > 0)) {
      const values = ['weight', 'bias'].flatMap((part) => {
        const found = weights.get(`${layer.name}.${part}`);
        return found === undefined ? [] : [tf.tensor(asFloat32(found), [...found.shape])];
      });
      layer.setWeights(values.map((each) => (each.rank === 5 ? arranged(layer, each) : each)));
    }
  });
  return model;
}
