/** `npm run bench -- step`: a training step (forward, backward, clip, AdamW) beside PyTorch's. */
import { Command } from 'commander';
import { engineOption, networksOption, wholeOption } from './harness/options.js';
import { pyTorch, withSides } from './harness/prepare.js';
import { loadBefore, skipsWithoutPyTorch } from './harness/report.js';
import { benchmarkResult, jsonLine, type CaseResult } from './harness/result.js';
import { peerWaitPolicy, threads } from './harness/sides.js';
import { measureSteps } from './harness/steps.js';
import { makeWorkspace, writeBatch } from './harness/workspace.js';
import { publishedWidth, type BenchmarkNetwork } from './networks.js';

interface Flags {
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  readonly size: number;
  readonly width: number;
  readonly pairs: number;
  readonly warmup: number;
}

async function step(flags: Flags): Promise<void> {
  if (skipsWithoutPyTorch('step')) return;
  const { networks, size, width, pairs } = flags;
  const load = loadBefore();
  const folder = makeWorkspace();
  const batch = writeBatch(folder, size);
  const cases = new Map<string, CaseResult>();
  const named = { peer: '', engine: '' };
  for (const network of networks) {
    const result = await withSides({ ...flags, folder, network, peer: pyTorch }, (sides) => {
      Object.assign(named, { peer: sides.peer.name, engine: sides.engine });
      return measureSteps(network.name, sides, batch, flags);
    });
    cases.set(network.name, result);
  }
  const setting = { size, batch: 1, width, pairs, threads, engine: named.engine, load, peerWaitPolicy };
  console.log(jsonLine(benchmarkResult({ benchmark: 'step', peer: named.peer, setting }, cases, 'dalight3d')));
}

export const stepCommand = (): Command =>
  new Command('step')
    .description('a training step, batch 1, against PyTorch')
    .addOption(networksOption('dalight3d,unet3d'))
    .addOption(engineOption())
    .addOption(wholeOption('--size <voxels>', 'edge of the patch', 64))
    .addOption(wholeOption('--width <channels>', 'channels of the first level', publishedWidth))
    .addOption(wholeOption('--pairs <count>', 'steps of either side that count', 10))
    .addOption(wholeOption('--warmup <count>', 'steps of either side before them', 2))
    .action(step);
