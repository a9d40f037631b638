/** `npm run bench -- NAME [flags]`: the benchmarks. */
import { Command } from 'commander';
import { modesCommand } from './modes.js';
import { stepCommand } from './step.js';

const program = new Command('npm run bench --')
  .description('Benchmarks. Each but `runtime-conv` prints one JSON object as its last line.')
  .addCommand(stepCommand())
  .addCommand(modesCommand());

await program.parseAsync();
