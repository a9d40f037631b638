import type { FloatTensor, Identification, LabelTensor, LoadedCase } from '../data/types.js';
import type { OutputDescription } from '../../contract/model-description.js';
import { decide } from '../inference/decide.js';
import { modelPredictor } from '../inference/model-predictor.js';
import { slidingWindow } from '../inference/sliding-window.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { mirroredAxes } from './mirrored-axes.js';
import type { Run } from './run-folder.js';

/** A network's prediction for a case on the grid of its image: probabilities and decided labels of one output. */
export interface CasePrediction {
  readonly output: OutputDescription;
  /** [labels, D, H, W] */
  readonly probabilities: FloatTensor;
  /** [D, H, W], values as in `Batch.target` */
  readonly labels: LabelTensor;
}

export interface PredictionHooks {
  readonly onProgress?: (done: number, total: number) => void;
  /** Stops the prediction between two windows, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Predicts whole cases, with one entry per output of the network.
 * @param identifiers by identifier input, -1 for none
 */
export type CasePredictor = (
  loaded: LoadedCase,
  identifiers: Readonly<Record<string, number>>,
  hooks?: PredictionHooks,
) => Promise<readonly CasePrediction[]>;

/**
 * Prepares a network to predict by sliding window with its run's patch, as the run's protocol specifies for validation.
 * @throws UserError UNET6088, UNET6089 for axes that cannot be mirrored
 */
export function casePredictor(run: Pick<Run, 'protocol'>, network: TrainableNetwork): CasePredictor {
  const { patch, validate } = run.protocol;
  const { model, description } = network;
  const mirror = mirroredAxes(description, validate.mirror?.axes ?? []);
  const predictor = modelPredictor(model, description, patch.size);
  return async (loaded, identifiers, hooks = {}) => {
    const { onProgress, signal } = hooks;
    const seen = loaded.regridded ?? loaded;
    const probabilities = await slidingWindow({
      ...predictor,
      inputs: seen.inputs,
      identifiers,
      patch: patch.size,
      overlap: validate.overlap,
      blend: validate.blend,
      mirror,
      ...(validate.region === 'all' ? {} : { region: seen.nonzero }),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
    return description.outputs.map((output, index) => {
      const predicted = probabilities[index]!;
      const found = loaded.regridded?.restore(predicted) ?? predicted;
      return { output, probabilities: found, labels: decide(found, output) };
    });
  };
}

/** The value of each identifier input for a case, -1 for none. */
export function identifiersOf(identification: Identification, id: string): Record<string, number> {
  const inputs = Object.entries(identification.inputs);
  return Object.fromEntries(inputs.map(([input, { byCase }]) => [input, byCase[id] ?? -1]));
}
