/** `npm run bench -- NAME [flags]`: the benchmarks. */
import { Command } from 'commander';
import { inputCommand } from './input.js';
import { memoryCommand } from './memory.js';
import { modesCommand } from './modes.js';
import { stabilityCommand } from './stability.js';
import { stepCommand } from './step.js';
import { timeCommand } from './time.js';
import { volumeCommand } from './volume.js';

const runtimeConvCommand = (): Command =>
  new Command('runtime-conv')
    .description('the lowered convolutions of the wasm engine against stock conv3d; prints a table')
    // Loaded here alone: it computes in this process, and the others leave that to their sides.
    .action(async () => (await import('./runtime-conv.js')).runtimeConv());

const checkCommand = (): Command =>
  new Command('check')
    .description('cold start of `unet check`, and its time against the length of a spec')
    .action(async () => void (await import('./check.js')));

const program = new Command('npm run bench --')
  .description('Benchmarks. Each but `runtime-conv` prints one JSON object as its last line.')
  .addCommand(stepCommand())
  .addCommand(modesCommand())
  .addCommand(volumeCommand())
  .addCommand(inputCommand())
  .addCommand(memoryCommand())
  .addCommand(timeCommand())
  .addCommand(stabilityCommand())
  .addCommand(checkCommand())
  .addCommand(runtimeConvCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
