import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { readMetrics } from '../../../runtime/training/metrics-log.js';
import { runPaths } from '../../../runtime/training/run-paths.js';
import { readCheckpoint } from '../../../runtime/training/checkpoint.js';
import type { TrainingEvent } from '../../../runtime/training/events.js';
import type { TrainableNetwork } from '../../../runtime/network/trainable-network.js';
import { train, type TrainOptions } from '../../../runtime/training/train.js';
import { failWrites } from '../run/full-disk.js';
import { tinyBatch, tinyLoader, tinyNetwork, tinyProtocol, weightValues } from './tiny-network.js';

const protocol = tinyProtocol({
  length: { kind: 'epochs', epochs: 4 },
  validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', region: 'all', mirror: null, every: 2 },
  postprocess: [],
  select: { kind: 'best', metric: 'mean_dice' },
});

let directory: string;

beforeAll(() => selectEngine('cpu'));
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'unet-train-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** A score that depends on the weights alone. */
function scoreBy(network: TrainableNetwork): TrainOptions['validate'] {
  return () => {
    const mean = Math.abs(weightValues(network)[0]![0]!);
    return Promise.resolve({ dice: { edema: mean, core: null }, mean });
  };
}

function optionsFor(network: TrainableNetwork, folder: string, more: Partial<TrainOptions> = {}): TrainOptions {
  const validate = scoreBy(network)!;
  return { network, protocol, loader: tinyLoader(3), seed: 7, directory: folder, resume: false, validate, ...more };
}

async function linesOf(folder: string): Promise<object[]> {
  const lines = await readMetrics(runPaths(folder).metrics);
  return lines.map((line) => ({ ...line, seconds: 0, waitedSeconds: 0, memory: 0 }));
}

/** A training in one go. */
async function whole(folder: string) {
  const network = tinyNetwork();
  const outcome = await train(optionsFor(network, folder));
  return { outcome, weights: weightValues(network), lines: await linesOf(folder) };
}

describe('train', () => {
  it('writes a line an epoch and both checkpoints, and tells what it does', async () => {
    const events: TrainingEvent[] = [];
    const network = tinyNetwork();
    const outcome = await train(optionsFor(network, directory, { onEvent: (event) => events.push(event) }));
    expect(outcome).toMatchObject({ status: 'done', step: 12 });
    const lines = await readMetrics(runPaths(directory).metrics);
    expect(lines.map(({ epoch, step }) => [epoch, step])).toEqual([[1, 3], [2, 6], [3, 9], [4, 12]]); // prettier-ignore
    expect(lines.map(({ validation }) => validation !== undefined)).toEqual([false, true, false, true]);
    expect(lines[3]!.loss).toBeLessThan(lines[0]!.loss);
    expect(lines[0]!.lr).toBeGreaterThan(lines[3]!.lr);
    expect(Object.keys(lines[0]!.terms)).toEqual(['dice', 'cross_entropy']);
    expect(outcome.best).toBe(Math.max(lines[1]!.validation!.mean!, lines[3]!.validation!.mean!));
    const last = await readCheckpoint(runPaths(directory).last);
    expect(last.progress).toMatchObject({ step: 12, best: outcome.best });
    expect([...last.weights.values()].map(({ data }) => [...data])).toEqual(weightValues(network));
    expect(existsSync(runPaths(directory).best)).toBe(true);
    const steps = events.filter((event) => event.kind === 'step');
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(steps.at(-1)).toMatchObject({ total: 12, epoch: 4, epochs: 4, secondsLeft: 0 });
    expect(events.at(-1)).toEqual({ kind: 'done', status: 'done', step: 12 });
    expect((await readdir(runPaths(directory).checkpoints)).sort()).toEqual(['best.safetensors', 'last.safetensors']);
  });

  it('calls none the best where the protocol selects none', async () => {
    const events: TrainingEvent[] = [];
    const last = { ...protocol, select: { kind: 'last' } } as const;
    const onEvent = (event: TrainingEvent): void => void events.push(event);
    const outcome = await train(optionsFor(tinyNetwork(), directory, { protocol: last, onEvent }));
    expect(outcome).toMatchObject({ status: 'done', best: null });
    expect(events.filter(({ kind }) => kind === 'validation')).toHaveLength(2);
    expect(events.filter((event) => event.kind === 'validation' && event.best)).toEqual([]);
    expect(await readdir(runPaths(directory).checkpoints)).toEqual(['last.safetensors']);
  });

  it.each([1, 3, 4, 6, 11])('goes on after an interruption at step %i as if there had been none', async (end) => {
    const expected = await whole(path.join(directory, 'whole'));
    const folder = path.join(directory, 'parts');
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind === 'step' && event.step === end) stop.abort();
    };
    const first = await train(optionsFor(tinyNetwork(), folder, { onEvent, signal: stop.signal }));
    expect(first).toMatchObject({ status: 'interrupted', step: end });
    const network = tinyNetwork({ seed: 99 });
    const second = await train(optionsFor(network, folder, { resume: true }));
    expect(second).toEqual(expected.outcome);
    expect(weightValues(network)).toEqual(expected.weights);
    expect(await linesOf(folder)).toEqual(expected.lines);
    const [a, b] = await Promise.all(
      [folder, path.join(directory, 'whole')].map((each) => readCheckpoint(runPaths(each).last)),
    );
    expect([...a!.moments]).toEqual([...b!.moments]);
  });

  it('trains and resumes with any loss of the table', async () => {
    const focal = tinyProtocol({
      loss: [{ kind: 'focal', weight: 2, gamma: 2, alpha: null, weights: null }],
      length: protocol.length,
    });
    const trainWith = (folder: string, more: Partial<TrainOptions> = {}) => {
      const network = tinyNetwork();
      return { network, done: train(optionsFor(network, folder, { protocol: focal, ...more })) };
    };
    const whole = trainWith(path.join(directory, 'whole'));
    await whole.done;
    const folder = path.join(directory, 'parts');
    const stop = new AbortController();
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind === 'step' && event.step === 5) stop.abort();
    };
    await trainWith(folder, { onEvent, signal: stop.signal }).done;
    const resumed = trainWith(folder, { resume: true });
    await resumed.done;
    expect(weightValues(resumed.network)).toEqual(weightValues(whole.network));
    const lines = await readMetrics(runPaths(folder).metrics);
    expect(lines.at(-1)!.loss).toBeLessThan(lines[0]!.loss);
    expect(lines.map(({ loss, terms }) => loss / terms['focal']!)).toEqual(lines.map(() => 2));
  });

  it('goes on after a kill: what came after the last checkpoint is done again, without double lines', async () => {
    const expected = await whole(path.join(directory, 'whole'));
    const folder = path.join(directory, 'killed');
    const { last, metrics } = runPaths(folder);
    const kept = path.join(directory, 'kept');
    // The state on disk just after the second epoch's line, before its checkpoint: an older checkpoint, half a line more.
    await train(
      optionsFor(tinyNetwork(), folder, {
        onEvent: (event) => {
          if (event.kind === 'step' && event.step === 8) throw new Error('killed');
        },
      }),
    ).catch((error: unknown) => expect(String(error)).toMatch('killed'));
    await copyFile(last, kept);
    await writeFile(metrics, `${await readFile(metrics, 'utf8')}{"epoch":3,"step":9}\n{"epoch":4,"st`);
    await copyFile(kept, last);
    const network = tinyNetwork({ seed: 3 });
    await train(optionsFor(network, folder, { resume: true }));
    expect(weightValues(network)).toEqual(expected.weights);
    expect(await linesOf(folder)).toEqual(expected.lines);
  });

  it('starts afresh on resume where the first checkpoint was never written', async () => {
    const expected = await whole(path.join(directory, 'whole'));
    const network = tinyNetwork();
    await train(optionsFor(network, path.join(directory, 'other'), { resume: true }));
    expect(weightValues(network)).toEqual(expected.weights);
  });

  it('saves before a validation, and validates on resume where that was cut short', async () => {
    const expected = await whole(path.join(directory, 'whole'));
    const folder = path.join(directory, 'cut');
    const cut = await train(optionsFor(tinyNetwork(), folder, { validate: () => Promise.resolve(undefined) }));
    expect(cut).toEqual({ status: 'interrupted', step: 6, best: null });
    const network = tinyNetwork();
    await train(optionsFor(network, folder, { resume: true }));
    expect(await linesOf(folder)).toEqual(expected.lines);
    expect(weightValues(network)).toEqual(expected.weights);
  });

  it('counts steps where the protocol does, and ends in mid-epoch', async () => {
    const steps = { ...protocol, length: { kind: 'steps', steps: 5 } } as const;
    const network = tinyNetwork();
    expect(await train(optionsFor(network, directory, { protocol: steps }))).toMatchObject({ status: 'done', step: 5 });
    expect(await linesOf(directory)).toMatchObject([
      { epoch: 1, step: 3 },
      { epoch: 2, step: 5, validation: {} },
    ]);
    expect(await train(optionsFor(network, directory, { protocol: steps, resume: true }))).toMatchObject({ step: 5 });
    expect(await linesOf(directory)).toHaveLength(2);
  });

  it('saves in mid-epoch when enough time has passed', async () => {
    const saved: number[] = [];
    const onEvent = (event: TrainingEvent): void => {
      if (event.kind === 'checkpoint') saved.push(event.step);
    };
    await train(optionsFor(tinyNetwork(), directory, { onEvent, checkpointMinutes: 0 }));
    expect(saved).toContain(1);
    expect(saved).toContain(5);
  });

  it('names the step and the last good checkpoint where the loss is not finite', async () => {
    const poisoned = tinyLoader(3, (step) => {
      const batch = tinyBatch(step);
      if (step === 4) batch.inputs['scan']!.data[0] = Infinity;
      return batch;
    });
    const failing = train(optionsFor(tinyNetwork(), directory, { loader: poisoned }));
    await expect(failing).rejects.toMatchObject({ code: 'UNET6050' });
    await expect(failing).rejects.toThrow(/step 5; the last good checkpoint is `.*last\.safetensors` \(step 3\)/);
    expect((await readCheckpoint(runPaths(directory).last)).progress.step).toBe(3);
  });

  it('hears of a signal that comes from outside while it computes', async () => {
    const endless = { ...protocol, length: { kind: 'steps', steps: 100_000 } } as const;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    const loader = tinyLoader(100_000);
    const outcome = await train(
      optionsFor(tinyNetwork(), directory, { protocol: endless, loader, signal: stop.signal }),
    );
    expect(outcome.status).toBe('interrupted');
    expect((await readCheckpoint(runPaths(directory).last)).progress.step).toBe(outcome.step);
  });

  it('leaks no tensor', async () => {
    const network = tinyNetwork();
    await train(optionsFor(network, path.join(directory, 'a')));
    const before = tf.memory().numTensors;
    await train(optionsFor(network, path.join(directory, 'b')));
    await train(optionsFor(network, path.join(directory, 'b'), { resume: true }));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe.skipIf(process.platform !== 'linux')('a full disk', () => {
  afterEach(() => vi.restoreAllMocks());

  it('ends the training with a clear message, and the former checkpoint resumes', async () => {
    const expected = await whole(path.join(directory, 'whole'));
    const folder = path.join(directory, 'full');
    const failing = await failWrites((file) => file.includes('last.safetensors'), 3);
    await expect(train(optionsFor(tinyNetwork(), folder))).rejects.toMatchObject({
      code: 'UNET6058',
      message: expect.stringMatching(/last\.safetensors` could not be written: the disk is full/) as string,
    });
    failing.mockRestore();
    expect((await readdir(runPaths(folder).checkpoints)).sort()).toEqual(['best.safetensors', 'last.safetensors']);
    const network = tinyNetwork();
    await train(optionsFor(network, folder, { resume: true }));
    expect(weightValues(network)).toEqual(expected.weights);
    expect(await linesOf(folder)).toEqual(expected.lines);
  });
});
