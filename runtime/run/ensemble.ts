import { isDeepStrictEqual } from 'node:util';
import type { OutputDescription } from '../../contract/model-description.js';
import { loadCase } from '../data/load-case.js';
import { listNames } from '../data/names.js';
import type { Dataset, FloatTensor, LoadedCase } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import type { RunMatch } from './match-run.js';
import {
  decidedPredictions,
  identifiersOf,
  probabilityPredictor,
  type CasePrediction,
  type PredictionHooks,
} from './predict-case.js';
import type { Run } from './run-folder.js';

/** A run with its network; its folder is named in messages. */
export interface TrainedRun {
  readonly run: Pick<Run, 'directory' | 'info' | 'protocol'>;
  readonly network: TrainableNetwork;
}

/** A run of an ensemble, matched to the data set. */
export interface Member extends TrainedRun, RunMatch {}

/** What has to agree for probabilities to be averaged, in words. */
function traits({ run, network: { description } }: TrainedRun): Readonly<Record<string, string>> {
  const images = description.inputs.flatMap((input) => (input.kind === 'image' ? [listNames(input.channels)] : []));
  const identifiers = description.inputs.flatMap((input) => {
    if (input.kind === 'image') return [];
    return [`\`${input.name}\` (${listNames(run.info.identifiers[input.name]?.names ?? [])})`];
  });
  return {
    channels: images.join(' and '),
    classes: description.outputs.map(classesText).join(' and '),
    identifiers: identifiers.length === 0 ? 'none' : identifiers.join(', '),
    postprocessing: JSON.stringify(run.protocol.postprocess),
  };
}

function classesText({ labels, kind }: OutputDescription): string {
  if (kind === 'classes') return listNames(labels.map(({ name }) => name));
  return labels.map(({ name, values }) => `\`${name}\` [${values.join(', ')}]`).join(', ');
}

/**
 * Rejects an ensemble whose predictions cannot be averaged: each run must have the channels, classes, identifiers (with their
 * values) and postprocessing of the first, in the same order. Patch, normalisation and architecture may differ.
 * @throws UserError UNET6095 that names two runs and their first difference
 */
export function requireUniform(members: readonly TrainedRun[]): void {
  const [first, ...others] = members;
  const expected = traits(first!);
  for (const other of others) {
    const own = traits(other);
    const differing = Object.keys(expected).find((name) => own[name] !== expected[name]);
    if (differing === undefined) continue;
    throw new UserError(
      'UNET6095',
      `\`${other.run.directory}\` cannot be averaged with \`${first!.run.directory}\`: its ${differing} are ${own[differing]}, not ${expected[differing]}.`.replace(
        'postprocessing are',
        'postprocessing is',
      ),
      differing === 'postprocessing'
        ? 'Choose one for all with --postprocess.'
        : 'Average runs of networks with the same channels, classes and identifiers, in the same order.',
    );
  }
}

/** A loaded case and the prediction of the first output. */
export interface EnsemblePrediction {
  /** As the first run reads it. */
  readonly loaded: LoadedCase;
  readonly prediction: CasePrediction;
}

/** Predicts a case of the data set. */
export type EnsemblePredictor = (
  id: string,
  hooks: PredictionHooks & { readonly onLoaded?: (loaded: LoadedCase) => void },
) => Promise<EnsemblePrediction>;

/** Whether both runs read a case as the same numbers. */
function readsAlike(a: Member, b: Member): boolean {
  const settings = ({ preparation, matching }: Member) => ({ preparation, matching });
  return isDeepStrictEqual(settings(a), settings(b));
}

/**
 * Averages the probabilities of the first output over runs, and decides and postprocesses the mean as the first run
 * specifies. Each run reads the case with its own grid and normalisation, and predicts with its own patch and windows. The
 * mean of one run is its prediction, bit for bit.
 *
 * Memory besides one prediction: one sum, 4 bytes * voxels * labels, whatever the number of runs.
 * @throws UserError as `probabilityPredictor`, `loadCase` and `slidingWindow`
 */
export function ensemblePredictor(members: readonly Member[], dataset: Dataset): EnsemblePredictor {
  const prepared = members.map((member) => ({ ...member, predict: probabilityPredictor(member.run, member.network) }));
  const [first] = prepared;
  return async (id, { onLoaded, onProgress, signal }) => {
    let loaded: LoadedCase | undefined;
    let mean: FloatTensor | undefined;
    const read = (member: Member): Promise<LoadedCase> => loadCase(dataset, id, member.matching, member.preparation);
    for (const [index, member] of prepared.entries()) {
      const own = loaded !== undefined && readsAlike(member, first!) ? loaded : await read(member);
      if (loaded === undefined) onLoaded?.(own);
      loaded ??= own;
      const [found] = await member.predict(own, identifiersOf(member.identification, id), {
        onProgress: (done, total) => onProgress?.(index * total + done, members.length * total),
        signal,
      });
      if (mean === undefined) mean = found!;
      else addTo(mean.data, found!.data);
    }
    if (members.length > 1) divide(mean!.data, members.length);
    const [prediction] = decidedPredictions(first!.run, first!.network.description, [mean!], loaded!);
    return { loaded: loaded!, prediction: prediction! };
  };
}

function addTo(sum: Float32Array, other: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += other[i]!;
}

function divide(sum: Float32Array, by: number): void {
  for (let i = 0; i < sum.length; i++) sum[i]! /= by;
}
