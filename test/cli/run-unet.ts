/**
 * The built command: in the process of the tests, which spares its start, or as a user runs it, `dist/cli/main.js` in a
 * process of its own.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { runHere, type Ended } from './run-here.js';

export type { Ended };

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dalight = path.join(root, 'specs/dalight3d.unet');
const main = path.join(root, 'dist/cli/main.js');

export interface UnetOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error has shown `text`; rejects where the command ends before. */
  saw(text: string): Promise<void>;
}

/** Starts `unet ARGS`. No colours are asked for and prepared cases go to a folder of this process. */
export function startUnet(args: readonly string[], options: UnetOptions = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? root,
    env: { ...process.env, UNET_CACHE: path.join(scratch(), 'cache'), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...texts }));
  const saw = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (texts.stderr.includes(text)) resolve();
      };
      child.stderr.on('data', look);
      look();
      void ended.then(() => reject(new Error(`ended without \`${text}\`: ${texts.stderr}`)));
    });
  return { child, ended, saw };
}

/** Runs `unet ARGS` to its end in a process of its own. */
export function spawnUnet(args: readonly string[], options: UnetOptions = {}): Promise<Ended> {
  return startUnet(args, options).ended;
}

let isSpawning = false;

/** From now on `unet` starts processes: for tests that load onnxruntime themselves, which a process can load once. */
export function spawnEach(): void {
  isSpawning = true;
}

let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs `unet ARGS` to its end in this process, one command after the other; in a process of its own if it is given
 * variables or a folder, which modules may read only once.
 */
export function unet(args: readonly string[], options: UnetOptions = {}): Promise<Ended> {
  if (isSpawning || options.env !== undefined || options.cwd !== undefined) return spawnUnet(args, options);
  const cache = path.join(scratch(), 'cache');
  const ended = previous.then(() => runHere([main, ...args], cache));
  previous = ended.catch(() => undefined);
  return ended;
}

/** Runs a command that must succeed. @returns its standard output */
export async function succeeds(args: readonly string[], options: UnetOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await unet(args, options);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** Runs a command that must refuse: an exit code, a message, nothing on standard output, no stack. @returns the message */
export async function refuses(code: number, args: readonly string[], options: UnetOptions = {}): Promise<string> {
  const ended = await unet(args, options);
  expect(ended).toMatchObject({ code, stdout: '' });
  expectNoStack(ended.stderr);
  return ended.stderr;
}

/** No trace of our insides in what a user reads. */
export function expectNoStack(text: string): void {
  expect(text).not.toMatch(/^\s+at .*[:(]/m);
  expect(text).not.toContain('Internal error');
}

let folder: string | undefined;

/** A folder of this test file, removed when its process ends. */
export function scratch(): string {
  if (folder === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), 'unet-cli-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}
