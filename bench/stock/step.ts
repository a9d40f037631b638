/** A training step in plain tfjs: the release's loss, clip of the global norm, Adam with decoupled decay. */
import * as tf from '@tensorflow/tfjs';

export interface StockNetwork {
  readonly model: tf.LayersModel;
  readonly optimizer: tf.Optimizer;
}

/** `scan` [N, D, H, W, 4], `target` [N, D, H, W, 4] of zeros and ones. */
export interface StockBatch {
  readonly scan: tf.Tensor;
  readonly target: tf.Tensor;
}

const lr = 5e-5;
const weightDecay = 1e-5;
const clipNorm = 1;

/** 1 - Dice (classes 1 to 3, smooth 1) + half the cross entropy. */
function lossOf(logits: tf.Tensor, target: tf.Tensor): tf.Scalar {
  const logProbabilities = tf.logSoftmax(logits);
  const probabilities = tf.exp(logProbabilities);
  const voxels = [1, 2, 3];
  const both = tf.sum(tf.mul(probabilities, target), voxels);
  const either = tf.add(tf.sum(probabilities, voxels), tf.sum(target, voxels));
  const dice = tf.div(tf.add(tf.mul(both, 2), 1), tf.add(either, 1));
  const foreground = tf.mean(tf.slice(dice, [0, 1], [-1, 3]));
  const entropy = tf.neg(tf.mean(tf.sum(tf.mul(logProbabilities, target), -1)));
  return tf.add(tf.sub(1, foreground), tf.mul(entropy, 0.5));
}

function clipped(gradients: tf.NamedTensorMap): tf.NamedTensorMap {
  const norm = tf.sqrt(tf.addN(Object.values(gradients).map((each) => tf.sum(tf.square(each)))));
  const factor = tf.minimum(tf.div(clipNorm, tf.add(norm, 1e-6)), 1);
  return Object.fromEntries(Object.entries(gradients).map(([name, each]) => [name, tf.mul(each, factor)]));
}

/** One step; the loss before it. */
export async function stockStep({ model, optimizer }: StockNetwork, { scan, target }: StockBatch): Promise<number> {
  const loss = tf.tidy(() => {
    const found = tf.variableGrads(() => lossOf(model.apply(scan, { training: true }) as tf.Tensor, target));
    const gradients = clipped(found.grads);
    for (const weight of model.trainableWeights) weight.write(tf.mul(weight.read(), 1 - lr * weightDecay));
    optimizer.applyGradients(gradients);
    return found.value;
  });
  const [value] = await loss.data();
  loss.dispose();
  return value!;
}
