/** Starts the two sides: this project's runtime, and PyTorch. */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { helloReply, rssReply, threadsReply } from './replies.js';
import { startSide, type Side } from './side.js';

/** Debian's has torch as the package python3-torch. */
const usualPython = '/usr/bin/python3';

/** Threads of either side: as many as cores that this process may use. */
export const threads = availableParallelism();

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export type NamedSide = Side & { readonly name: string };

async function start(command: string, args: readonly string[], name: string): Promise<NamedSide> {
  const side = await startSide({ name, command, arguments: args }, helloReply);
  await side.ask({ do: 'threads', count: threads }, threadsReply);
  return { ...side, name: side.hello.name };
}

/** Our side, from the sources. */
export async function startOurs(): Promise<NamedSide> {
  return start(process.execPath, ['--import', import.meta.resolve('tsx'), path('../ours/main.ts')], 'ours');
}

/** The interpreter that runs the peer. */
export function peerPython(): string {
  return process.env['UNET_PEER_PYTHON'] ?? usualPython;
}

/** Why the peer cannot run here; undefined where it can. */
export function peerIsMissing(python = peerPython()): string | undefined {
  const { error, status, stderr } = spawnSync(python, ['-c', 'import torch, numpy'], { encoding: 'utf8' });
  if (error !== undefined) return `${python} cannot be started (${error.message})`;
  if (status === 0) return undefined;
  return `${python} has no PyTorch (${stderr.trim().split('\n').at(-1)}); set UNET_PEER_PYTHON to one that has`;
}

/** PyTorch. */
export async function startPeer(): Promise<NamedSide> {
  // -B: no compiled files among the sources.
  return start(peerPython(), ['-B', path('../peer/main.py')], 'peer');
}

/** Peak of resident memory so far, in bytes. */
export async function peakRss(side: Side): Promise<number | null> {
  return (await side.ask({ do: 'rss' }, rssReply)).bytes;
}
