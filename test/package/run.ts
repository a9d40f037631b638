import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect } from 'vitest';

/** What a program left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. On Windows npm is a script, which only a shell starts. */
export async function run(program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const shell = process.platform === 'win32' && program !== process.execPath;
  const env = { ...process.env, UNET_CACHE: path.join(folder, 'cache') };
  const child = spawn(program, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Runs a program that must succeed. @returns its standard output */
export async function succeeds(program: string, args: readonly string[], cwd: string): Promise<string> {
  const ended = await run(program, args, cwd);
  expect(ended.code, `${program} ${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
  return ended.stdout;
}

/** A folder of this test file, with a space in its name; removed at the end. */
export const folder = mkdtempSync(path.join(tmpdir(), 'unet package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
