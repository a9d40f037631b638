import * as tf from '@tensorflow/tfjs';
import type { ModelDescription } from '../../contract/model-description.js';

const known = new WeakMap<tf.LayersModel, tf.LayersModel>();

/** The model without its penalties, which are computed in training only; its layers are those of the model. */
export function predictionModel(model: tf.LayersModel, { penalties }: ModelDescription): tf.LayersModel {
  if (penalties === undefined) return model;
  const found = known.get(model);
  if (found !== undefined) return found;
  const outputs = model.outputs.slice(0, model.outputs.length - penalties.length);
  const made = tf.model({ name: `${model.name}.prediction`, inputs: model.inputs, outputs });
  known.set(model, made);
  return made;
}
