/** `npm run bench -- step`: a training step (forward, backward, clip, AdamW) beside PyTorch's. */
import { Command } from 'commander';
import { againstPyTorch } from './harness/against-pytorch.js';
import { engineOption, networksOption, wholeOption } from './harness/options.js';
import { measureSteps } from './harness/steps.js';
import { writeBatch } from './harness/workspace.js';
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
  const { size, pairs } = flags;
  await againstPyTorch({
    benchmark: 'step',
    ...flags,
    setting: { size, batch: 1, pairs },
    measure: (name, sides, folder) => measureSteps(name, sides, writeBatch(folder, size), flags),
  });
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
