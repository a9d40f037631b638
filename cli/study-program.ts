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
    'where jobs run: on this machine, or as a job array of Slurm',
    ['local', 'slurm'],
    'local',
  );
const slurmFlag = (): Option =>
  several('--slurm-option <option>', 'a long option of sbatch, such as partition=gpu or time=4:00:00; may be repeated');

/** What both commands that run jobs take of where and how they run. */
function addJobFlags(command: Command): Command {
  return command
    .option('--jobs <n>', 'most jobs at a time; default: as many as cores and memory allow', wholeFrom(1))
    .addOption(executorFlag())
    .addOption(slurmFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(allowFlag('shared-labels'))
    .addOption(allowFlag('training-cases'))
    .addOption(jsonFlag());
}

/** `unet ablate` and `unet study ...`: comparisons of networks that can be believed. */
export function addStudyCommands(program: Command): void {
  const ablate = program
    .command('ablate')
    .description('trains a model and, one by one, without what its knobs can take away, and writes the table')
    .argument('<file>', 'a .unet file, or FILE#Model')
    .requiredOption('--data <dir>', 'the folder that holds dataset.json')
    .requiredOption('--out <dir>', "the study's folder, to be made or gone on with")
    .option(...modelFlag)
    .addOption(
      choice(
        '--mode <mode>',
        'leaves each out of the whole, or adds each alone to the bare model',
        ['leave_one_out', 'add_one_in'],
        'leave_one_out',
      ),
    )
    .option('--protocol <name>', 'the protocol, where the spec sees several; default Matched50')
    .option('--seeds <numbers>', 'seeds, joined by commas', wholeNumbers, [1, 2, 3])
    .option('--folds <numbers>', 'folds of the split, joined by commas; default: all', wholeNumbers)
    .option('-y, --yes', 'start without asking; by default, a new study asks for confirmation in a terminal');
  addJobFlags(ablate)
    .addHelpText(
      'after',
      example('ablate specs/dalight3d.unet --data Task01_BrainTumour --out studies/ablation --seeds 1,2,3,4,5'),
    )
    .action(async (file: string, options: AblateFlags) => (await import('./commands/ablate.js')).ablate(file, options));
  const study = program.command('study').description('compares networks: one protocol, several seeds, statistics');
  const run = study
    .command('run')
    .description(
      'trains and scores every network of a study on every seed and fold; run again, it does what is missing',
    )
    .argument('<file>', 'a .unet file that declares a study')
    .requiredOption('--data <dir>', 'the folder that holds dataset.json')
    .requiredOption('--out <dir>', "the study's folder, to be made or gone on with")
    .option('--study <name>', 'the study to take, where the file declares several');
  addJobFlags(run)
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
    .command('plan')
    .description('jobs, parameters, MACs, memory and time of a study, and what speaks against it; trains nothing')
    .argument('<file>', 'a .unet file that declares a study')
    .requiredOption('--data <dir>', 'the folder that holds dataset.json')
    .option('--study <name>', 'the study to take, where the file declares several')
    .option('--jobs <n>', 'most jobs at a time; default: as many as cores and memory allow', wholeFrom(1))
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
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
    .description('where each job of a study stands, and the end of the log of those that failed or were cut short')
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
    .addHelpText('after', example('study job studies/components runs/NoCSA/seed-1-fold-0'))
    .action(async (directory: string, run: string, options: StudyJobFlags) =>
      (await import('./commands/study-job.js')).studyJob(directory, run, options),
    );
}
