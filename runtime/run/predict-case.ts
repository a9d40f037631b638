import type { FloatTensor, Identification, LabelTensor, LoadedCase } from '../data/types.js';
import type { ModelDescription, OutputDescription } from '../../contract/model-description.js';
import { decide } from '../inference/decide.js';
import { modelPredictor } from '../inference/model-predictor.js';
import { postprocess } from '../inference/postprocess.js';
import { slidingWindow } from '../inference/sliding-window.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { mirroredAxes } from './mirrored-axes.js';
import { requireFittingPostprocess } from './require-fitting-postprocess.js';
import type { Run } from './run-folder.js';

/** A network's prediction for a case on the grid of its image: probabilities and decided labels, postprocessed, of one output. */
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
type Predictor<T> = (
  loaded: LoadedCase,
  identifiers: Readonly<Record<string, number>>,
  hooks?: PredictionHooks,
) => Promise<readonly T[]>;

export type CasePredictor = Predictor<CasePrediction>;

/** Predicts probabilities, [labels, D, H, W], on the grid of the image. */
export type ProbabilityPredictor = Predictor<FloatTensor>;

/**
 * Prepares a network to predict by sliding window with its run's patch, as the run's protocol specifies for validation.
 * @throws UserError UNET6088, UNET6089 for axes that cannot be mirrored; UNET6094 for unknown classes
 */
export function probabilityPredictor(run: Pick<Run, 'protocol'>, network: TrainableNetwork): ProbabilityPredictor {
  const { patch, validate } = run.protocol;
  const { model, description } = network;
  requireFittingPostprocess(run.protocol, description);
  const mirror = mirroredAxes(description, validate.mirror?.axes ?? []);
  const predictor = modelPredictor(model, description, patch.size);
  return async (loaded, identifiers, { onProgress, signal } = {}) => {
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
    return probabilities.map((found) => loaded.regridded?.restore(found) ?? found);
  };
}

/**
 * Decides the labels of probabilities, of the first outputs or of all. Those of the first output, which is the one that is
 * scored and written, are postprocessed as the run's protocol specifies.
 */
export function decidedPredictions(
  { protocol }: Pick<Run, 'protocol'>,
  { outputs }: ModelDescription,
  probabilities: readonly FloatTensor[],
  { geometry }: Pick<LoadedCase, 'geometry'>,
): readonly CasePrediction[] {
  return probabilities.map((found, index) => {
    const output = outputs[index]!;
    const steps = index === 0 ? protocol.postprocess : [];
    const labels = postprocess(decide(found, output), output, steps, geometry.spacing);
    return { output, probabilities: found, labels };
  });
}

/** Prepares a network as `probabilityPredictor` does, and decides what it predicts. */
export function casePredictor(run: Pick<Run, 'protocol'>, network: TrainableNetwork): CasePredictor {
  const predict = probabilityPredictor(run, network);
  return async (loaded, identifiers, hooks) =>
    decidedPredictions(run, network.description, await predict(loaded, identifiers, hooks), loaded);
}

/** The value of each identifier input for a case, -1 for none. */
export function identifiersOf(identification: Identification, id: string): Record<string, number> {
  const inputs = Object.entries(identification.inputs);
  return Object.fromEntries(inputs.map(([input, { byCase }]) => [input, byCase[id] ?? -1]));
}
