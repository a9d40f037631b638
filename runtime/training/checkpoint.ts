import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { z } from 'zod';
import { UserError } from '../errors/user-error.js';
import { readJson } from '../files/read-json.js';
import {
  asFloat32,
  encodeSafetensors,
  readSafetensors,
  type HostTensor,
  type TensorFile,
} from '../files/safetensors.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import type { WeightAverage } from './average.js';
import type { Optimizer } from './optimizer.js';

const sumsSchema = z.strictObject({
  steps: z.int().nonnegative(),
  loss: z.number(),
  terms: z.record(z.string(), z.number()),
  gradientNorm: z.number(),
  seconds: z.number(),
  waitedSeconds: z.number(),
});

const progressSchema = z.strictObject({
  step: z.int().nonnegative(),
  sums: sumsSchema,
  best: z.number().nullable(),
  metricsBytes: z.int().nonnegative(),
});

/** Sums over the steps since the last line of the metrics. */
export type EpochSums = z.infer<typeof sumsSchema>;

/**
 * The progress of a training. All randomness is keyed by seed and step, so this and the tensors are its whole state.
 */
export interface Progress {
  /** The number of completed steps. */
  step: number;
  /** Sums over the current epoch. */
  sums: EpochSums;
  /** Best mean validation Dice so far; null before the first validation. */
  best: number | null;
  /**
   * The length of `metrics.jsonl` that belongs to this state; anything beyond it is removed when the training resumes.
   */
  metricsBytes: number;
}

/** Version of the checkpoint format. */
const checkpointFormat = 3;

const stateSchema = z.strictObject({
  format: z.literal(checkpointFormat),
  progress: progressSchema,
  updates: z.record(z.string(), z.int().positive()),
  /** Whether there are averages of the weights. */
  averaged: z.boolean(),
});

/** The contents of a checkpoint, as plain data. */
export interface Checkpoint {
  readonly file: string;
  readonly progress: Progress;
  /** By weight id, in PyTorch's axis order. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly moments: ReadonlyMap<string, { first: HostTensor; second: HostTensor | null; steps: number }>;
  /** Averages of the weights by id; undefined if the protocol does not average. */
  readonly average: ReadonlyMap<string, HostTensor> | undefined;
}

/** The weights that are used after training: the averages if there are any. */
export function usedWeights({ weights, average }: Checkpoint): ReadonlyMap<string, HostTensor> {
  return average ?? weights;
}

const firstPrefix = 'optimizer.first/';
const secondPrefix = 'optimizer.second/';
const averagePrefix = 'average/';

/** The progress of a new training. */
export function newProgress(): Progress {
  return { step: 0, sums: emptySums(), best: null, metricsBytes: 0 };
}

/** The sums of an epoch before its first step. */
export function emptySums(): EpochSums {
  return { steps: 0, loss: 0, terms: {}, gradientNorm: 0, seconds: 0, waitedSeconds: 0 };
}

async function toHost(tensor: tf.Tensor): Promise<HostTensor> {
  return { shape: tensor.shape, data: (await tensor.data()) as Float32Array };
}

/**
 * SHA-256 of the whole contents of a checkpoint: the JSON of its state, and each tensor's name, type, shape and values.
 */
function checksumOf(tensors: ReadonlyMap<string, HostTensor>, state: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(state));
  for (const [name, { shape, data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(JSON.stringify([name, data.constructor.name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

/** The weights of a network by id, in PyTorch's axis order. */
export async function readWeights(network: TrainableNetwork): Promise<Map<string, HostTensor>> {
  const weights = new Map<string, HostTensor>();
  for (const { id, variable } of network.weights) weights.set(id, await toHost(variable));
  return weights;
}

async function add(tensors: Map<string, HostTensor>, name: string, tensor: tf.Tensor): Promise<void> {
  if (tensors.has(name)) throw new Error(`a weight has the name ${name} of another tensor of the checkpoint`);
  tensors.set(name, await toHost(tensor));
}

/**
 * Encodes a checkpoint: a safetensors file with the weights under their ids, the optimiser's moments and the averages; its metadata
 * contain progress and update counts (`state`) and a checksum of everything (`checksum`).
 */
export async function encodeCheckpoint(
  network: TrainableNetwork,
  optimizer: Optimizer | undefined,
  progress: Progress,
  average?: WeightAverage,
): Promise<Uint8Array> {
  const tensors = await readWeights(network);
  const updates: Record<string, number> = {};
  for (const [id, { first, second, steps }] of optimizer?.moments ?? []) {
    await add(tensors, firstPrefix + id, first);
    if (second !== null) await add(tensors, secondPrefix + id, second);
    updates[id] = steps;
  }
  if (average?.hasBegun === true) {
    for (const [id, variable] of average.variables) await add(tensors, averagePrefix + id, variable);
  }
  const averaged = average?.hasBegun === true;
  const state = JSON.stringify({ format: checkpointFormat, progress, updates, averaged });
  return encodeSafetensors(tensors, { state, checksum: checksumOf(tensors, state) });
}

/**
 * Writes a checkpoint atomically.
 * @throws UserError UNET6058 for lack of space or permission; the previous checkpoint stays
 */
export async function saveCheckpoint(
  file: string,
  network: TrainableNetwork,
  optimizer: Optimizer | undefined,
  progress: Progress,
): Promise<void> {
  await writeFileAtomic(file, await encodeCheckpoint(network, optimizer, progress));
}

function corrupted(file: string, fault: string): UserError {
  const best = path.join(path.dirname(file), 'best.safetensors');
  const other = best !== file && existsSync(best) ? ` (\`${best}\` is another checkpoint of the run)` : '';
  return new UserError(
    'UNET6059',
    `The checkpoint \`${file}\` cannot be used: ${fault}.`,
    `Restore it from a copy${other}, or start the run again in another folder.`,
  );
}

/** The JSON of a checkpoint's state, with its checksum verified. */
function verifiedState({ tensors, metadata }: TensorFile, file: string): string {
  const { state, checksum, ...others } = metadata;
  if (state === undefined) throw corrupted(file, 'it is a safetensors file without a training state');
  if (checksum === undefined) throw corrupted(file, 'it has no checksum: another version of unet-lang wrote it');
  if (checksum !== checksumOf(tensors, state) || Object.keys(others).length > 0) {
    throw corrupted(file, 'its content does not match its checksum');
  }
  return state;
}

async function readFileOf(file: string): Promise<TensorFile> {
  try {
    return await readSafetensors(file);
  } catch (error) {
    throw error instanceof UserError ? corrupted(file, error.message.replace(/\.$/, '')) : error;
  }
}

/**
 * Reads a checkpoint and verifies its checksum, which covers all of it.
 * @throws UserError UNET6059 with the file name, if it is missing, truncated, modified or of another format
 */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  const content = await readFileOf(file);
  const state = readJson(stateSchema, verifiedState(content, file), ({ fault }) =>
    corrupted(file, `its training state ${fault}`),
  );
  const { tensors } = content;
  const weights = new Map(tensors);
  const moments = new Map<string, { first: HostTensor; second: HostTensor | null; steps: number }>();
  for (const [id, steps] of Object.entries(state.updates)) {
    const first = tensors.get(firstPrefix + id);
    const second = tensors.get(secondPrefix + id) ?? null;
    if (first === undefined) throw corrupted(file, `the moments of \`${id}\` are missing`);
    weights.delete(firstPrefix + id);
    weights.delete(secondPrefix + id);
    moments.set(id, { first, second, steps });
  }
  return { file, progress: state.progress, weights, moments, average: takeAverage(weights, state.averaged) };
}

/** Removes the averages from the tensors of a checkpoint. A weight's own id may begin with their prefix. */
function takeAverage(weights: Map<string, HostTensor>, averaged: boolean): Map<string, HostTensor> | undefined {
  if (!averaged) return undefined;
  const average = new Map<string, HostTensor>();
  for (const [name, value] of [...weights]) {
    const id = name.startsWith(averagePrefix) ? name.slice(averagePrefix.length) : undefined;
    if (id === undefined || !weights.has(id)) continue;
    average.set(id, value);
    weights.delete(name);
  }
  return average;
}

function toTensor({ shape, data }: HostTensor): tf.Tensor {
  return tf.tensor(asFloat32({ shape, data }), [...shape], 'float32');
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * Assigns every weight of the network the value with its id.
 * @param source origin of the values, for the message
 * @throws UserError UNET6063 if a weight is missing, has another shape, or is unknown; nothing is changed in that case
 */
export function assignWeights(
  network: TrainableNetwork,
  values: ReadonlyMap<string, HostTensor>,
  source: string,
): void {
  const faults = network.weights.flatMap(({ id, variable }) => {
    const value = values.get(id);
    if (value === undefined) return [`\`${id}\` is missing`];
    return sameShape(value.shape, variable.shape)
      ? []
      : [`\`${id}\` has the shape [${value.shape.join(', ')}], but the network has [${variable.shape.join(', ')}]`];
  });
  const known = new Set(network.weights.map(({ id }) => id));
  const unknown = [...values.keys()].filter((id) => !known.has(id)).map((id) => `\`${id}\` is not in the network`);
  const all = [...faults, ...unknown];
  if (all.length > 0) {
    throw new UserError(
      'UNET6063',
      `\`${source}\` does not hold the weights of this network: ${all.slice(0, 5).join('; ')}${all.length > 5 ? `; and ${all.length - 5} more` : ''}.`,
      'Take a checkpoint of the same model with the same knobs.',
    );
  }
  tf.tidy(() => {
    for (const { id, variable } of network.weights) variable.assign(toTensor(values.get(id)!));
  });
}

/**
 * Restores network, optimiser and average from a checkpoint.
 * @throws UserError UNET6063 if it belongs to another network
 */
export function restoreCheckpoint(
  checkpoint: Checkpoint,
  network: TrainableNetwork,
  optimizer: Optimizer,
  average?: WeightAverage,
): Progress {
  assignWeights(network, checkpoint.weights, checkpoint.file);
  tf.tidy(() => {
    const moments = [...checkpoint.moments].map(
      ([id, { first, second, steps }]) =>
        [id, { first: toTensor(first), second: second === null ? null : toTensor(second), steps }] as const,
    );
    optimizer.restore(new Map(moments));
    if (checkpoint.average !== undefined) {
      average?.restore(new Map([...checkpoint.average].map(([id, value]) => [id, toTensor(value)])));
    }
  });
  return structuredClone(checkpoint.progress);
}
