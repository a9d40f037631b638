import type { Command } from 'commander';
import type { StudyRunFlags } from './commands/study.js';
import type { StudyJobFlags } from './commands/study-job.js';
import { engineFlag, example, threadsFlag, wholeFrom } from './flags.js';

/** `unet study ...`: comparisons of networks that can be believed. */
export function addStudyCommands(program: Command): void {
  const study = program.command('study').description('compares networks: one protocol, several seeds, statistics');
  study
    .command('run')
    .description(
      'trains and scores every network of a study on every seed and fold; run again, it does what is missing',
    )
    .argument('<file>', 'a .unet file that declares a study')
    .requiredOption('--data <dir>', 'the folder that holds dataset.json')
    .requiredOption('--out <dir>', "the study's folder, to be made or gone on with")
    .option('--study <name>', 'the study to take, where the file declares several')
    .option('--jobs <n>', 'most jobs at a time; default: as many as cores and memory allow', wholeFrom(1))
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addHelpText(
      'after',
      example(
        'study run specs/studies/quickstart.unet --data phantoms --out studies/quickstart',
        'study run specs/studies/dalight3d-components.unet --data Task01_BrainTumour --out studies/components --jobs 2',
      ),
    )
    .action(async (file: string, options: StudyRunFlags) =>
      (await import('./commands/study.js')).studyRun(file, options),
    );
  study
    .command('job', { hidden: true })
    .description('one job of a study, as executors start it')
    .argument('<dir>', "the study's folder")
    .argument('<run>', 'the run folder in it')
    .option('--worker', 'does the work itself, instead of watching over a process that does')
    .action(async (directory: string, run: string, options: StudyJobFlags) =>
      (await import('./commands/study-job.js')).studyJob(directory, run, options),
    );
}
