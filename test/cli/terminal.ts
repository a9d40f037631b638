/** The built command in a terminal of its own, by util-linux's `script`. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root, scratch } from './run-unet.js';

/** Whether this machine lacks `script` of util-linux (BSD's takes other options). */
export const noTerminal = !String(spawnSync('script', ['--version']).stdout ?? '').includes('util-linux');

/** What a command showed in a terminal, control sequences included. */
export interface Shown {
  readonly code: number | null;
  readonly shown: string;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Runs `unet ARGS` in a terminal of 100 columns and 24 rows, with `typed` as its input. */
export async function inTerminal(args: readonly string[], typed = ''): Promise<Shown> {
  const main = path.join(root, 'dist/cli/main.js');
  const command = [process.execPath, main, ...args].map(quoted).join(' ');
  const child = spawn('script', ['-qec', `stty cols 100 rows 24; ${command}`, '/dev/null'], {
    env: { ...process.env, UNET_CACHE: path.join(scratch(), 'cache'), TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  child.stdin.write(typed);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, shown };
}
