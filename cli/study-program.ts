import type { Command, Option } from 'commander';
import type { AblateFlags } from './commands/ablate.js';
import type { StudyRunFlags } from './commands/study.js';
import type { StudyJobFlags } from './commands/study-job.js';
import type { StudyPlanFlags } from './commands/study-plan.js';
import type { StudyReportFlags } from './commands/study-report.js';
import {
  allowFlag,
  choice,
  engineFlag,
  example,
  forceFlag,
  jsonFlag,
  modelFlag,
  several,
  threadsFlag,
  wholeFrom,
  wholeNumbers,
} from './flags.js';

const executorFlag = (): Option =>
  choice(
    '--executor <name>',
    'Where to run jobs: on this machine, or as a Slurm job array',
    ['local', 'slurm'],
    'local',
  );
const slurmFlag = (): Option =>
  several('--slurm-option <option>', 'Long option of sbatch, such as partition=gpu or time=4:00:00 (repeatable)');

/** Adds the flags of commands that run jobs. */
function addJobFlags(command: Command): Command {
  return command
    .option('--jobs <n>', 'Maximum number of parallel jobs (default: as many as cores and memory allow)', wholeFrom(1))
    .addOption(executorFlag())
    .addOption(slurmFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(allowFlag('shared-labels'))
    .addOption(allowFlag('training-cases'))
    .addOption(jsonFlag());
}

/** Adds `unet ablate` and `unet study ...`, which compare networks. */
export function addStudyCommands(program: Command): void {
  const ablate = program
    .command('ablate')
    .description('Train the model, then again with each switchable component removed in turn, and report the results')
    .argument('<file>', 'A .unet file, or FILE#Model')
    .requiredOption('--data <dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .requiredOption('-o, --output <dir>', 'Study folder to create or resume')
    .option(...modelFlag)
    .addOption(
      choice(
        '--mode <mode>',
        'Remove each component from the full model, or add each one alone to the bare model',
        ['leave_one_out', 'add_one_in'],
        'leave_one_out',
      ),
    )
    .option('--protocol <name>', 'Protocol to use if the spec has several in scope (default: Matched50)')
    .option('--seeds <numbers>', 'Comma-separated random seeds', wholeNumbers, [1, 2, 3])
    .option('--folds <numbers>', 'Comma-separated folds of the split (default: all)', wholeNumbers)
    .option('-y, --yes', 'Start without asking for confirmation');
  addJobFlags(ablate)
    .addHelpText(
      'after',
      example('ablate specs/dalight3d.unet --data Task01_BrainTumour -o studies/ablation --seeds 1,2,3,4,5'),
    )
    .action(async (file: string, options: AblateFlags) => (await import('./commands/ablate.js')).ablate(file, options));
  const study = program
    .command('study')
    .description('Compare networks under one protocol with several seeds and statistics');
  const run = study
    .command('run')
    .description('Train and score every network of a study on every seed and fold; run again to resume')
    .argument('<file>', 'A .unet file that declares a study')
    .requiredOption('--data <dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .requiredOption('-o, --output <dir>', 'Study folder to create or resume')
    .option('--study <name>', 'Study to use if the file declares several');
  addJobFlags(run)
    .addHelpText(
      'after',
      example(
        'study run specs/studies/quickstart.unet --data phantoms -o studies/quickstart',
        'study run specs/studies/dalight3d-components.unet --data Task01_BrainTumour -o studies/components --jobs 2',
      ),
    )
    .action(async (file: string, options: StudyRunFlags) =>
      (await import('./commands/study.js')).studyRun(file, options),
    );
  study
    .command('plan')
    .description('Show the jobs, parameters, MACs, memory and time of a study, and any warnings; trains nothing')
    .argument('<file>', 'A .unet file that declares a study')
    .requiredOption('--data <dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .option('--study <name>', 'Study to use if the file declares several')
    .option('--jobs <n>', 'Maximum number of parallel jobs (default: as many as cores and memory allow)', wholeFrom(1))
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(allowFlag('shared-labels'))
    .addOption(allowFlag('training-cases'))
    .addHelpText('after', example('study plan specs/studies/dalight3d-components.unet --data Task01_BrainTumour'))
    .action(async (file: string, options: StudyPlanFlags) =>
      (await import('./commands/study-plan.js')).studyPlan(file, options),
    );
  study
    .command('status')
    .description('Show the state of each job of a study, and the end of the log of failed and interrupted jobs')
    .argument('<dir>', 'Study folder')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText('after', example('study status studies/components'))
    .action(async (directory: string, options: { format: string }) =>
      (await import('./commands/study-status.js')).studyStatus(directory, options),
    );
  study
    .command('report')
    .description('Report the results of the finished jobs of a study')
    .argument('<dir>', 'Study folder')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json', 'csv', 'latex', 'html'], 'text'))
    .addOption(
      choice('--notes <which>', 'Notes below the table (text and latex; default: short)', ['none', 'short', 'full']),
    )
    .option('-o, --output <file>', 'Write the report to a file')
    .addOption(forceFlag())
    .addHelpText(
      'after',
      example('study report studies/components', 'study report studies/components --format latex -o components.tex'),
    )
    .action(async (directory: string, options: StudyReportFlags) =>
      (await import('./commands/study-report.js')).studyReport(directory, options),
    );
  study
    .command('verify')
    .description('Check that every file of a study matches its checksum and every figure follows from the scores')
    .argument('<dir>', 'Study folder')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText('after', example('study verify studies/components'))
    .action(async (directory: string, options: { format: string }) =>
      (await import('./commands/study-report.js')).studyVerify(directory, options),
    );
  study
    .command('job', { hidden: true })
    .description('Run one job of a study (started by executors)')
    .argument('<dir>', 'Study folder')
    .argument('<run>', 'Run folder within the study folder')
    .option('--worker', 'Do the work in this process instead of supervising a child process')
    .addHelpText('after', example('study job studies/components runs/NoCSA/seed-1-fold-0'))
    .action(async (directory: string, run: string, options: StudyJobFlags) =>
      (await import('./commands/study-job.js')).studyJob(directory, run, options),
    );
}
