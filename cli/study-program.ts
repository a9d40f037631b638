import type { Command } from 'commander';
import type { StudyRunFlags } from './commands/study.js';
import type { StudyJobFlags } from './commands/study-job.js';
import type { StudyReportFlags } from './commands/study-report.js';
import { choice, engineFlag, example, threadsFlag, wholeFrom } from './flags.js';

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
    .command('status')
    .description('where each job of a study stands, and the end of the log of those that failed')
    .argument('<dir>', "the study's folder")
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
    .addHelpText('after', example('study status studies/components'))
    .action(async (directory: string, options: { format: string }) =>
      (await import('./commands/study-status.js')).studyStatus(directory, options),
    );
  study
    .command('report')
    .description('the table of a study, of what is finished by now')
    .argument('<dir>', "the study's folder")
    .addOption(choice('--format <form>', 'how to report', ['text', 'json', 'csv', 'latex', 'html'], 'text'))
    .option('-o, --out <file>', 'writes it to a file')
    .addHelpText(
      'after',
      example('study report studies/components', 'study report studies/components --format latex -o components.tex'),
    )
    .action(async (directory: string, options: StudyReportFlags) =>
      (await import('./commands/study-report.js')).studyReport(directory, options),
    );
  study
    .command('verify')
    .description('whether every file of a study has its checksum and every figure follows from the scores')
    .argument('<dir>', "the study's folder")
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
    .addHelpText('after', example('study verify studies/components'))
    .action(async (directory: string, options: { format: string }) =>
      (await import('./commands/study-report.js')).studyVerify(directory, options),
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
