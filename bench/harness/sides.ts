/** Starts the processes that are compared. */
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

interface Program {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function start(program: Program): Promise<NamedSide> {
  const side = await startSide(program, helloReply);
  await side.ask({ do: 'threads', count: threads }, threadsReply);
  return { ...side, name: side.hello.name };
}

function typescript(name: string, file: string, env: Readonly<Record<string, string>>): Program {
  return {
    name,
    command: process.execPath,
    arguments: ['--import', import.meta.resolve('tsx'), path(file)],
    env,
  };
}

/** Settings of our engines that are read from the environment. */
export interface OursEnvironment {
  /** How the onnx engine runs steps. */
  readonly UNET_ONNX_MODE?: 'eager' | 'compiled';
}

/** This project's runtime, from the sources. */
export async function startOurs(env: OursEnvironment = {}): Promise<NamedSide> {
  return start(typescript('ours', '../ours/main.ts', { ...env }));
}

/** Plain tfjs. */
export async function startStock(): Promise<NamedSide> {
  return start(typescript('stock tfjs', '../stock/main.ts', {}));
}

/**
 * How PyTorch's threads wait for each other; OMP_WAIT_POLICY overrides. Spinning ones, OpenMP's default, come to a
 * standstill where anything else runs: a step takes up to a hundred times as long, which flatters ours.
 */
export const peerWaitPolicy = process.env['OMP_WAIT_POLICY'] ?? 'passive';

/** PyTorch. */
export async function startPyTorch(): Promise<NamedSide> {
  return start({
    name: 'PyTorch',
    command: peerPython(),
    // -B: no compiled files among the sources.
    arguments: ['-B', path('../peer/main.py')],
    env: { OMP_WAIT_POLICY: peerWaitPolicy },
  });
}

/** The interpreter that runs PyTorch. */
export function peerPython(): string {
  return process.env['UNET_PEER_PYTHON'] ?? usualPython;
}

/** Why PyTorch cannot run here; undefined where it can. */
export function pyTorchIsMissing(python = peerPython()): string | undefined {
  const { error, status, stderr } = spawnSync(python, ['-c', 'import torch, numpy'], { encoding: 'utf8' });
  if (error !== undefined) return `${python} cannot be started (${error.message})`;
  if (status === 0) return undefined;
  return `${python} has no PyTorch (${stderr.trim().split('\n').at(-1)}); set UNET_PEER_PYTHON to one that has`;
}

/** Peak of resident memory so far, in bytes. */
export async function peakRss(side: Side): Promise<number | null> {
  return (await side.ask({ do: 'rss' }, rssReply)).bytes;
}
