import type * as tf from '@tensorflow/tfjs';
import { runComputation, type Computed } from '../engine/computation.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { fromPhysical, toLogicalOrder, toPhysicalOrder } from '../ops/layout.js';
import { predictionModel } from '../network/prediction-model.js';
import { inputTensors } from '../network/predictions.js';
import type { WindowOutput } from './accumulator.js';
import type { Predict, WindowBatch } from './window-batch.js';

/** The options of `slidingWindow` that a network determines. */
export interface ModelPredictor {
  readonly predict: Predict;
  /** The network's outputs without auxiliary ones. */
  readonly outputs: readonly WindowOutput[];
}

/** Position of each output in the model's list, in which auxiliary outputs follow their output. */
function mainOutputs(description: ModelDescription): number[] {
  let next = 0;
  return description.outputs.map(({ auxiliary }) => {
    const own = next;
    next += 1 + auxiliary;
    return own;
  });
}

/** Shapes [1, C, ...patch] or [1, 1], as the model's layers see them. */
function inputShapes(description: ModelDescription, patch: readonly number[]): tf.Shape[] {
  return description.inputs.map((input) =>
    input.kind === 'image' ? toPhysicalOrder([1, input.channels.length, ...patch]) : [1, 1],
  );
}

function outputSizes(model: tf.LayersModel, description: ModelDescription, patch: readonly number[]): number[][] {
  const shapes = inputShapes(description, patch);
  const found = model.computeOutputShape(shapes.length === 1 ? shapes[0]! : shapes);
  const list = (Array.isArray(found[0]) ? found : [found]) as tf.Shape[];
  return list.map((shape) => toLogicalOrder(shape).slice(2).map(Number));
}

/**
 * Wraps a built network for `slidingWindow`. The sizes of its outputs for this patch come from its layers' own shapes.
 * Each call leaves no tensor behind; intermediate tensors are freed as soon as no later layer needs them
 * (`predictOnBatch`; a plain `apply` would hold all of them).
 * @param patch the window, per spatial axis; a legal size of the network
 */
export function modelPredictor(
  trained: tf.LayersModel,
  description: ModelDescription,
  patch: readonly number[],
): ModelPredictor {
  const model = predictionModel(trained, description);
  const places = mainOutputs(description);
  const sizes = outputSizes(model, description, patch);
  const outputs = description.outputs.map(({ name, kind, labels }, index) => ({
    name,
    kind,
    labels: labels.length,
    size: sizes[places[index]!]!,
  }));

  const compute = (current: () => WindowBatch): Computed => {
    const inputs = inputTensors(description, current);
    const found = model.predictOnBatch(inputs.length === 1 ? inputs[0]! : inputs);
    const all = Array.isArray(found) ? found : [found];
    return { outputs: places.map((place) => fromPhysical(all[place]!)), updates: [] };
  };
  const predict: Predict = async (batch) => {
    const cases = Object.values(batch.inputs).map(({ shape }) => shape.join());
    const key = `windows ${cases.join(' ')}`;
    const run = await runComputation({ owner: model, key, name: 'the prediction of a window', compute }, batch);
    // Copies, because the next window is computed into the same memory.
    const logits = run.outputs.map((each) => each.slice());
    run.dispose();
    return logits;
  };
  return { predict, outputs };
}
