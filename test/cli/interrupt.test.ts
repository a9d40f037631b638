import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../runtime/training/checkpoint.js';
import type { MetricsLine } from '../../runtime/training/events.js';
import { expectNoStack, refuses, scratch, startUnet, succeeds, unet } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

let spec: string;
let data: string;
let whole: Awaited<ReturnType<typeof outcome>>;

/** Seven epochs of four steps and a part of one: an end in mid-epoch, too. */
const steps = '30';

beforeAll(async () => {
  spec = writeSpec('tiny.unet', tinySpec);
  data = await makeData();
  const run = path.join(scratch(), 'whole');
  await succeeds(['train', spec, '--data', data, '-o', run, '--steps', steps]);
  whole = await outcome(run);
});

/** What a training leaves that does not depend on the clock. */
async function outcome(run: string) {
  const { weights, moments, progress } = await readCheckpoint(path.join(run, 'checkpoints', 'last.safetensors'));
  const text = readFileSync(path.join(run, 'metrics.jsonl'), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as MetricsLine), seconds: 0, waitedSeconds: 0, memory: 0 }));
  return { weights: [...weights], moments: [...moments], step: progress.step, best: progress.best, lines };
}

function status(run: string): unknown {
  return (JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8')) as { status: unknown }).status;
}

describe('a training that is stopped', () => {
  it('by Ctrl-C in mid-epoch exits 130 and goes on to the same weights', async () => {
    const run = path.join(scratch(), 'interrupted');
    const running = startUnet(['train', spec, '--data', data, '-o', run, '--steps', steps]);
    await running.saw('step 1/');
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('use --resume to continue');
    expectNoStack(stderr);
    expect(status(run)).toBe('interrupted');
    const { progress } = await readCheckpoint(path.join(run, 'checkpoints', 'last.safetensors'));
    expect(progress.step).toBeGreaterThanOrEqual(1);
    expect(progress.step).toBeLessThan(30);
    expect(await refuses(1, ['train', spec, '--data', data, '-o', run])).toContain('--resume');
    // The very command that began it.
    await succeeds(['train', spec, '--data', data, '-o', run, '--steps', steps, '--resume']);
    expect(await outcome(run)).toEqual(whole);
    expect(status(run)).toBe('done');
  });

  it('by kill -9 in mid-step goes on to the same weights', async () => {
    const run = path.join(scratch(), 'killed');
    const running = startUnet(['train', spec, '--data', data, '-o', run, '--steps', steps]);
    await running.saw('step 1/');
    await setTimeout(150);
    running.child.kill('SIGKILL');
    await running.ended;
    const resumed = await unet(['train', spec, '--data', data, '-o', run, '--resume']);
    expect(resumed).toMatchObject({ code: 0, stdout: `${run}\n` });
    expect(await outcome(run)).toEqual(whole);
  });

  it('is held while it runs', async () => {
    const run = path.join(scratch(), 'held');
    const running = startUnet(['train', spec, '--data', data, '-o', run, '--steps', '1000']);
    await running.saw('step 1/');
    const message = await refuses(1, ['train', spec, '--data', data, '-o', run, '--resume']);
    expect(message).toContain(`process ${running.child.pid}`);
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(130);
  });
});
