import type { FloatTensor, Identification, LabelTensor, LoadedCase } from '../runtime/data/types.js';
import type { OutputDescription } from '../runtime/description.js';
import { decide } from '../runtime/inference/decide.js';
import { modelPredictor, type ModelPredictor } from '../runtime/inference/model-predictor.js';
import { slidingWindow } from '../runtime/inference/sliding-window.js';
import type { Run } from '../runtime/run/run-folder.js';
import type { TrainableNetwork } from '../runtime/training/network.js';

/** What a network says of a case: probabilities and decided labels of one output. */
export interface CasePrediction {
  readonly output: OutputDescription;
  /** [labels, D, H, W] */
  readonly probabilities: FloatTensor;
  /** [D, H, W] */
  readonly labels: LabelTensor;
}

/** A network made ready to predict whole cases at its run's patch. */
export function casePredictor(run: Pick<Run, 'protocol'>, network: TrainableNetwork): ModelPredictor {
  return modelPredictor(network.model, network.description, run.protocol.patch.size);
}

/** Predicts a loaded case by sliding window, as the run's protocol validates. */
export async function predictCase(
  run: Pick<Run, 'protocol'>,
  network: TrainableNetwork,
  predictor: ModelPredictor,
  loaded: LoadedCase,
  identifiers: Readonly<Record<string, number>>,
  hooks: {
    readonly onProgress?: (done: number, total: number) => void;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<CasePrediction[]> {
  const { patch, validate } = run.protocol;
  const { onProgress, signal } = hooks;
  const probabilities = await slidingWindow({
    ...predictor,
    inputs: loaded.inputs,
    identifiers,
    patch: patch.size,
    overlap: validate.overlap,
    blend: validate.blend,
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  return network.description.outputs.flatMap((output, index) => {
    const found = probabilities[index];
    return found === undefined ? [] : [{ output, probabilities: found, labels: decide(found, output) }];
  });
}

/** A case's value of each identifier input, -1 for none. */
export function identifiersOf(identification: Identification, id: string): Record<string, number> {
  return Object.fromEntries(
    Object.entries(identification.inputs).map(([input, values]) => [input, values.byCase[id] ?? -1]),
  );
}
