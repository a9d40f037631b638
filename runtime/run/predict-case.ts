import type { FloatTensor, Identification, LabelTensor, LoadedCase } from '../data/types.js';
import type { OutputDescription } from '../../contract/model-description.js';
import { decide } from '../inference/decide.js';
import { modelPredictor } from '../inference/model-predictor.js';
import { postprocess } from '../inference/postprocess.js';
import { slidingWindow } from '../inference/sliding-window.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { mirroredAxes } from './mirrored-axes.js';
import { requireFittingPostprocess } from './require-fitting-postprocess.js';
import type { Run } from './run-folder.js';

/** A network's prediction for a case: probabilities and decided labels, postprocessed, of one output. */
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
 * The first output is postprocessed, which is the one that is scored and written.
 * @throws UserError UNET6088, UNET6089 for axes that cannot be mirrored; UNET6094 for unknown classes
 */
export function casePredictor(run: Pick<Run, 'protocol'>, network: TrainableNetwork): CasePredictor {
  const { patch, validate } = run.protocol;
  const { model, description } = network;
  requireFittingPostprocess(run.protocol, description);
  const mirror = mirroredAxes(description, validate.mirror?.axes ?? []);
  const predictor = modelPredictor(model, description, patch.size);
  return async (loaded, identifiers, hooks = {}) => {
    const { onProgress, signal } = hooks;
    const probabilities = await slidingWindow({
      ...predictor,
      inputs: loaded.inputs,
      identifiers,
      patch: patch.size,
      overlap: validate.overlap,
      blend: validate.blend,
      mirror,
      ...(validate.region === 'all' ? {} : { region: loaded.nonzero }),
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    });
    return description.outputs.map((output, index) => {
      const found = probabilities[index]!;
      const steps = index === 0 ? run.protocol.postprocess : [];
      const labels = postprocess(decide(found, output), output, steps, loaded.geometry.spacing);
      return { output, probabilities: found, labels };
    });
  };
}

/** The value of each identifier input for a case, -1 for none. */
export function identifiersOf(identification: Identification, id: string): Record<string, number> {
  const inputs = Object.entries(identification.inputs);
  return Object.fromEntries(inputs.map(([input, { byCase }]) => [input, byCase[id] ?? -1]));
}
