import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockRun } from '../../../runtime/run/lock.js';
import { readMetrics } from '../../../runtime/training/metrics-log.js';
import { runPaths } from '../../../runtime/training/run-paths.js';
import { readCheckpoint } from '../../../runtime/training/checkpoint.js';
import { train } from '../../../runtime/training/train.js';
import { tinyLoader, tinyNetwork, tinyProtocol, weightValues } from '../training/tiny-network.js';

let parent: string;

beforeEach(async () => {
  await tf.setBackend('cpu');
  parent = await mkdtemp(path.join(tmpdir(), 'unet-kill-'));
});
afterEach(() => rm(parent, { recursive: true }));

/** Trains in another process and kills it some milliseconds after a number of steps, wherever it is then. */
async function trainAndKill(directory: string, steps: number, milliseconds: number): Promise<void> {
  const script = path.join(import.meta.dirname, 'killed-training.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let done = 0;
  for await (const text of child.stdout.setEncoding('utf8')) {
    done += (text as string).split('.').length - 1;
    if (done >= steps) break;
  }
  await setTimeout(milliseconds);
  child.kill('SIGKILL');
  await exit;
}

async function finish(directory: string) {
  const network = tinyNetwork({ seed: 5 });
  const protocol = tinyProtocol({ length: { kind: 'epochs', epochs: 20 } });
  const outcome = await train({ network, protocol, loader: tinyLoader(2), seed: 7, directory, resume: true });
  const lines = await readMetrics(runPaths(directory).metrics);
  return { outcome, weights: weightValues(network), lines: lines.map(({ step, loss }) => ({ step, loss })) };
}

it('a training killed again and again ends as one that ran through', async () => {
  const [whole, killed] = [path.join(parent, 'whole'), path.join(parent, 'killed')];
  await train({
    network: tinyNetwork(),
    protocol: tinyProtocol({ length: { kind: 'epochs', epochs: 20 } }),
    loader: tinyLoader(2),
    seed: 7,
    directory: whole,
    resume: false,
  });
  await mkdir(killed);
  let reached = 0;
  for (const [steps, milliseconds] of [
    [3, 0],
    [4, 3],
    [5, 7],
  ] as const) {
    await trainAndKill(killed, steps, milliseconds);
    const { progress } = await readCheckpoint(runPaths(killed).last);
    expect(progress.step).toBeGreaterThanOrEqual(reached + steps - 1);
    reached = progress.step;
  }
  await writeFile(`${runPaths(killed).last}.1.0.1.tmp`, 'half a check');
  (await lockRun(killed)).release();
  const [a, b] = [await finish(killed), await finish(whole)];
  expect(a).toEqual(b);
  expect(await readdir(runPaths(killed).checkpoints)).toEqual(['last.safetensors']);
  expect(a.lines.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, epoch) => 2 * (epoch + 1)));
});
