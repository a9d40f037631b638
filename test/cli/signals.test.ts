/** Signals that end a command, from its first moment to its last. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../runtime/training/checkpoint.js';
import { expectNoStack, root, scratch, startUnet, succeeds, type Ended } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;
type Signal = (typeof signals)[number];

let spec: string;
let data: string;

beforeAll(async () => {
  spec = writeSpec('tiny.unet', tinySpec);
  data = await makeData();
});

/**
 * Runs a command that sends itself a signal: as soon as its event loop turns, while it still loads its modules, or once
 * `file` exists.
 */
async function signalled(args: readonly string[], signal: Signal, file?: string): Promise<Ended> {
  const send = `process.kill(process.pid, '${signal}')`;
  const text =
    file === undefined
      ? `setImmediate(() => ${send});`
      : `const { existsSync } = require('node:fs');
const timer = setInterval(() => existsSync(${JSON.stringify(file)}) && (clearInterval(timer), ${send}), 1);
timer.unref();`;
  // Worker threads load it, too.
  const preload = writeSpec(
    `preload-${signal}-${file === undefined}.cjs`,
    `if (require('node:worker_threads').isMainThread) { ${text} }`,
  );
  const child = spawn(process.execPath, ['--require', preload, path.join(root, 'dist/cli/main.cjs'), ...args], {
    cwd: scratch(),
    env: { ...process.env, UNET_CACHE: path.join(scratch(), 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (texts.stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (texts.stderr += part));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

const long: readonly (readonly string[])[] = [
  ['train', 'tiny.unet', '--data', 'data', '-o', 'r'],
  ['study', 'run', 'tiny.unet', '--data', 'data', '-o', 's'],
  ['study', 'job', 's', 'runs/base/seed-1-fold-0'],
  ['ablate', 'tiny.unet', '--data', 'data', '-o', 's'],
  ['quickstart', '-o', 'q'],
  ['evaluate', 'r', '--data', 'data'],
  ['predict', 'r', '--data', 'data', '--case', 'PHANTOM_001', '-o', 'm.nii.gz'],
  ['import', 'tiny.unet', '--weights', 'w.safetensors', '-o', 'r'],
  ['export', 'r', '--format', 'onnx', '-o', 'n.onnx'],
  ['apply', 'r', '--inputs', 'i.safetensors', '-o', 'o.safetensors'],
  ['data', 'check', 'data'],
  ['data', 'synth', '-o', 'phantoms', '--cases', '1'],
  ['engines'],
];

describe('a signal while a command still loads ends it with 130:', () => {
  it.each(long)('unet %s %s', async (...args) => {
    const { code, stdout, stderr } = await signalled(args, 'SIGUSR1');
    expect({ code, stdout, stderr }).toEqual({ code: 130, stdout: '', stderr: 'Stopped by SIGUSR1.\n' });
  });

  it.each(signals)('%s', async (signal) => {
    const { code, stdout, stderr } = await signalled(long[0]!, signal);
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toBe(signal === 'SIGHUP' ? '' : `Stopped by ${signal}.\n`);
  });

  it('SIGUSR1 opens no debugger in a fast command either', async () => {
    const { stderr } = await signalled(['lsp', '--stdio'], 'SIGUSR1');
    expect(stderr).not.toContain('Debugger');
  });
});

function status(run: string): unknown {
  return (JSON.parse(readFileSync(path.join(run, 'run.json'), 'utf8')) as { status: unknown }).status;
}

/** Locks and temporary files below a folder. */
function leftovers(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('run.lock') || name.endsWith('.tmp'));
}

describe('a training', () => {
  const train = (run: string): string[] => ['train', spec, '--data', data, '-o', run, '--steps', '4'];

  it.each(['SIGHUP', 'SIGUSR1'] as const)(
    'that gets %s before its first step is kept and can be resumed',
    async (signal) => {
      const run = path.join(scratch(), `early-${signal}`);
      const { code, stdout, stderr } = await signalled(train(run), signal, path.join(run, 'run.json'));
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expectNoStack(stderr);
      expect(stderr).not.toContain('Debugger');
      expect(leftovers(run)).toEqual([]);
      if (signal === 'SIGHUP') return;
      expect(['created', 'interrupted']).toContain(status(run));
      await succeeds([...train(run), '--resume']);
    },
  );

  it.each(['SIGHUP', 'SIGUSR1'] as const)('that gets %s writes a checkpoint', async (signal) => {
    const run = path.join(scratch(), `running-${signal}`);
    const running = startUnet(['train', spec, '--data', data, '-o', run, '--steps', '1000']);
    await running.saw('step 1/');
    // With SIGHUP its terminal is gone.
    if (signal === 'SIGHUP') for (const pipe of [running.child.stdout, running.child.stderr]) pipe?.destroy();
    running.child.kill(signal);
    // Whoever closes a terminal sends it twice.
    running.child.kill(signal);
    const { code } = await running.ended;
    expect(code).toBe(130);
    expect(status(run)).toBe('interrupted');
    expect(leftovers(run)).toEqual([]);
    const { progress } = await readCheckpoint(path.join(run, 'checkpoints', 'last.safetensors'));
    expect(progress.step).toBeGreaterThanOrEqual(1);
  });

  it('that is stopped while its folder is written leaves nothing in the way', async () => {
    const run = path.join(scratch(), 'folder');
    const { code } = await signalled(train(run), 'SIGTERM', path.join(run, 'run.lock'));
    expect(code).toBe(130);
    expect(leftovers(run)).toEqual([]);
    // Whatever is there is either a whole run or a folder that can be used.
    const resume = existsSync(path.join(run, 'run.json')) ? ['--resume'] : [];
    await succeeds([...train(run), ...resume]);
  });
});
