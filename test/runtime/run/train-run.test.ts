import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from '../../../runtime/data/dataset.js';
import { foldsOf } from '../../../runtime/data/split.js';
import { synthesize } from '../../../runtime/data/synth.js';
import type { Dataset } from '../../../runtime/data/types.js';
import { importModule, type ModelModule } from '../../../runtime/run/load-module.js';
import { readMetrics } from '../../../runtime/training/metrics-log.js';
import { openNetwork } from '../../../runtime/run/open-network.js';
import { createRun, openRun, type RunContents } from '../../../runtime/run/run-folder.js';
import { runPaths } from '../../../runtime/training/run-paths.js';
import { trainRun } from '../../../runtime/run/train-run.js';
import { readCheckpoint } from '../../../runtime/training/checkpoint.js';
import type { TrainingEvent } from '../../../runtime/training/events.js';
import { moduleText, runContents } from './tiny-run.js';

let parent: string;
let dataset: Dataset;
let module: ModelModule;

beforeAll(async () => {
  await tf.setBackend('cpu');
  parent = await mkdtemp(path.join(tmpdir(), 'unet-train-run-'));
  await synthesize(path.join(parent, 'data'), { cases: 3, size: [16, 16, 16] });
  dataset = await openDataset(path.join(parent, 'data'));
  module = await importModule(moduleText());
});
afterAll(() => rm(parent, { recursive: true }));

function contents(): RunContents {
  const base = runContents();
  const protocol = {
    ...base.protocol,
    optimizer: { ...base.protocol.optimizer, lr: 0.01 },
    split: { kind: 'kfold', folds: 3, seed: 1, group: null, stratify: null },
    length: { kind: 'epochs', epochs: 3 },
    validate: { kind: 'sliding_window', overlap: 0.25, blend: 'gaussian', region: 'all', mirror: null, every: 3 },
    identify: [{ input: 'site', source: { kind: 'column', name: 'site' } }],
  } as const;
  const ids = dataset.cases.map(({ id }) => id);
  return runContents({
    protocol,
    split: foldsOf(
      ids.map((id) => ({ id, columns: {} })),
      protocol.split,
    )[0]!,
  });
}

/** Trains a run in one go, or in sessions that each end after a step. */
async function trainedRun(name: string, ends: readonly number[]) {
  const { run, lock } = await createRun(path.join(parent, name), contents());
  const statuses: string[] = [];
  for (const end of [...ends, Infinity]) {
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind === 'step' && event.step === end) stop.abort();
    };
    const cacheDirectory = path.join(parent, 'cache');
    await trainRun({ run, module, dataset, resume: true, onEvent, signal: stop.signal, workers: 0, cacheDirectory });
    statuses.push((await openRun(run.directory)).info.status);
  }
  lock.release();
  const lines = await readMetrics(runPaths(run.directory).metrics);
  const { weights } = await readCheckpoint(runPaths(run.directory).last);
  return { run, statuses, weights, lines: lines.map((line) => ({ ...line, seconds: 0, waitedSeconds: 0, memory: 0 })) };
}

describe('trainRun', () => {
  it('trains on a data set, with dropout and identifiers, and resumes to the same bits', async () => {
    const [whole, parts] = [await trainedRun('whole', []), await trainedRun('parts', [1, 4])];
    expect(whole.statuses).toEqual(['done']);
    expect(parts.statuses).toEqual(['interrupted', 'interrupted', 'done']);
    expect(parts.lines).toEqual(whole.lines);
    expect([...parts.weights]).toEqual([...whole.weights]);
    expect(whole.lines.map(({ step }) => step)).toEqual([2, 4, 6]);
    expect(Object.keys(whole.lines[2]!.validation!.dice)).toEqual(['edema', 'non-enhancing tumor', 'enhancing tumour']);
    expect(whole.lines[2]!.loss).toBeLessThan(whole.lines[0]!.loss);
    const network = await openNetwork(whole.run, module);
    expect([...network.weights[0]!.variable.dataSync()]).toEqual(
      [...whole.weights.get('first.weight')!.data].map(Number),
    );
  });

  it('ends in the middle of a validation, too', async () => {
    const { run, lock } = await createRun(path.join(parent, 'validating'), contents());
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind === 'validating') stop.abort();
    };
    const cacheDirectory = path.join(parent, 'cache');
    const outcome = await trainRun({
      run,
      module,
      dataset,
      resume: false,
      onEvent,
      signal: stop.signal,
      workers: 0,
      cacheDirectory,
    });
    expect(outcome).toMatchObject({ status: 'interrupted', step: 6 });
    expect(await readMetrics(runPaths(run.directory).metrics)).toHaveLength(2);
    lock.release();
  });
});
