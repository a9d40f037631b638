/** What the benchmark of the input pipeline trains: a data set, a protocol and a narrow network. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { moduleOf } from '../../cli/run-network.js';
import { packageRoot } from '../../cli/package-root.js';
import { selectProtocol } from '../../cli/protocol.js';
import { compileSpec } from '../../cli/spec.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { createLoader } from '../../runtime/data/loader.js';
import { matchInputs } from '../../runtime/data/match.js';
import { preparationOf } from '../../runtime/data/preparation.js';
import { synthesize } from '../../runtime/data/synth.js';
import type { Dataset, Loader, LoaderOptions } from '../../runtime/data/types.js';
import type { Protocol } from '../../contract/protocol.js';
import { trainableNetwork, type TrainableNetwork } from '../../runtime/network/trainable-network.js';

const realCases = fileURLToPath(new URL('../shared/data/Task01_BrainTumour', packageRoot));
/** The quickstart's narrow DALight-3D. */
const narrow = ['width=8', 'neck=32', 'join=ssfb(rank: 4)'];
const seed = 7;

export interface Pipeline {
  readonly dataset: Dataset;
  readonly protocol: Protocol;
  readonly network: TrainableNetwork;
}

/** The data set that was named, else the real cases beside the project, else phantoms of the same size. */
async function openCases(data: string | undefined, folder: string): Promise<Dataset> {
  if (data !== undefined) return openDataset(data);
  if (existsSync(realCases)) return openDataset(realCases);
  const phantoms = join(folder, 'phantoms');
  await synthesize(phantoms, { cases: 7, size: [155, 240, 240] });
  return openDataset(phantoms);
}

export interface PipelineOptions {
  /** Edge of the cubic patch. */
  readonly patch: number;
  readonly data: string | undefined;
  /** DALight-3D at its published width instead of the narrow one. */
  readonly full: boolean;
}

/** @param folder for phantoms, where those are needed */
export async function openPipeline({ patch, data, full }: PipelineOptions, folder: string): Promise<Pipeline> {
  const spec = fileURLToPath(new URL('specs/dalight3d.unet', packageRoot));
  const compiled = compileSpec(spec, { set: full ? [] : narrow });
  const written = selectProtocol(compiled.program, 'Matched50');
  const protocol: Protocol = { ...written, patch: { ...written.patch, size: [patch, patch, patch] }, identify: [] };
  const { build, description } = await moduleOf(compiled.network);
  const network = trainableNetwork(build({ seed }), description);
  return { dataset: await openCases(data, folder), protocol, network };
}

/** The same pipeline with nnU-Net's augmentations, or with none. */
export function withAugmentation(pipeline: Pipeline, augment: Protocol['augment']): Pipeline {
  return { ...pipeline, protocol: { ...pipeline.protocol, augment } };
}

export type LoaderChange = Pick<LoaderOptions, 'cacheDirectory' | 'workers' | 'prefetch'>;

/** The loader of a training on all cases. */
export function openLoader(pipeline: Pipeline, change: LoaderChange, protocol = pipeline.protocol): Promise<Loader> {
  const { dataset, network } = pipeline;
  const { description } = network;
  const cases = dataset.cases.map(({ id }) => id);
  const matching = matchInputs(dataset, description);
  return createLoader({
    dataset,
    description,
    matching,
    protocol: { ...protocol, ...preparationOf(protocol, description, matching, dataset, undefined) },
    seed,
    cases,
    ...change,
  });
}
