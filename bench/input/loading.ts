/** Patches as fast as they come, without compute: our loader, and PyTorch's DataLoader in a process of its own. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PatchOrder } from './patches.js';
import { type Pipeline, openLoader } from './pipeline.js';

const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('data_loader.py', import.meta.url));
const workers = 2;
/** Batches before the time counts: both sides have opened most cases by then, and our workers' code is compiled. */
export const warmup = 16;

export function hasPyTorch(): boolean {
  return spawnSync(python, ['-c', 'import torch, nibabel, numpy']).status === 0;
}

/** Seconds an image, with as many workers and batches ahead as the peer has. */
export async function loadTurn(pipeline: Pipeline, cacheDirectory: string, steps: number): Promise<number> {
  const loader = await openLoader(pipeline, { cacheDirectory, workers, prefetch: 2 * workers });
  try {
    let begun = 0;
    for (let step = 0; step < warmup + steps; step++) {
      await loader.batch(step);
      if (step === warmup - 1) begun = performance.now();
    }
    return (performance.now() - begun) / 1000 / steps;
  } finally {
    await loader.close();
  }
}

interface Reply {
  readonly name?: string;
  readonly seconds: number;
  readonly sums: readonly (readonly number[])[];
}

/** PyTorch's side; answers one order of work at a time. */
export class TorchLoader {
  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
    readonly name: string,
  ) {}

  static async start(): Promise<TorchLoader> {
    const child = spawn(python, [script]);
    child.stderr.pipe(process.stderr);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { name = '' } = JSON.parse((await lines.next()).value as string) as Reply;
    return new TorchLoader(child, lines, name);
  }

  /**
   * @param prepared folder of the peer's prepared cases; null: NIfTI files are read at each use
   * @returns seconds an image
   * @throws Error where its patches are not ours
   */
  async turn(orders: readonly PatchOrder[], prepared: string | null): Promise<number> {
    this.child.stdin.write(`${JSON.stringify({ prepared, warmup, orders })}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error('the PyTorch side ended');
    const { seconds, sums } = JSON.parse(line.value) as Reply;
    orders.forEach((order, step) =>
      order.sums.forEach((sum, channel) => {
        const other = sums[step]?.[channel] ?? NaN;
        if (!(Math.abs(other - sum) <= 1e-3 * Math.max(1, sum))) throw new Error(`patch ${step}: ${sum}, not ${other}`);
      }),
    );
    return seconds;
  }

  async close(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.stdin.end();
    await exit;
  }
}
