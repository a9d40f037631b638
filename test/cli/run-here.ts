import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { main as runCommandLine } from '../../cli/front.js';

/** What a command left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collects what is written to a stream instead of writing it. */
function capture(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const write = stream.write.bind(stream);
  let text = '';
  stream.write = (part: string | Uint8Array, ...rest: unknown[]): boolean => {
    text += typeof part === 'string' ? part : Buffer.from(part).toString();
    const done = rest.find((each) => typeof each === 'function');
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  return { text: () => text, restore: () => (stream.write = write) };
}

/** Sets what a process has one of, and returns a function that sets it back. */
function enter(argv: readonly string[], cache: string): () => void {
  const before = {
    argv: process.argv,
    exitCode: process.exitCode,
    cwd: process.cwd(),
    cache: process.env['UNET_CACHE'],
  };
  const listeners = new Set(process.listeners('uncaughtException'));
  process.argv = [...argv];
  process.exitCode = undefined;
  process.env['UNET_CACHE'] = cache;
  return () => {
    process.argv = before.argv;
    process.exitCode = before.exitCode;
    if (before.cache === undefined) delete process.env['UNET_CACHE'];
    else process.env['UNET_CACHE'] = before.cache;
    for (const each of process.listeners('uncaughtException'))
      if (!listeners.has(each)) process.off('uncaughtException', each);
  };
}

/**
 * Runs a command line in this process, from the built modules; not two at a time.
 * @param args the program and its arguments
 * @param cache the folder of prepared cases
 */
export async function runHere([program = '', ...args]: readonly string[], cache: string): Promise<Ended> {
  const front = pathToFileURL(path.join(path.dirname(program), 'front.js')).href;
  const { main } = (await import(front)) as { main: typeof runCommandLine };
  const leave = enter([process.execPath, program, ...args], cache);
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    const code = await main(process.argv);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
    leave();
  }
}
