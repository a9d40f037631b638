import { UserError } from '../../runtime/errors.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { isStudy, openStudy, studyPaths, type StudyFolder } from '../../runtime/study/study-folder.js';
import { collectUnchanged, writeReport } from '../../runtime/study/write-report.js';
import { localExecutor } from '../../runtime/study/local-executor.js';
import { startEngine, type EngineFlags } from '../engine.js';
import type { Executor } from '../../runtime/study/executor.js';
import { parseSlurmOption } from '../../runtime/study/slurm/options.js';
import { slurmExecutor } from '../../runtime/study/slurm/slurm-executor.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import type { ResultFlags } from '../result.js';
import { availableMemory } from '../memory.js';
import { makeStudy } from '../study/make-study.js';
import { compileStudy, type CompiledStudy } from '../study/open-study-spec.js';
import { planStudy, type StudyPlan } from '../study/plan-study.js';
import { lintTraining } from '../study/lint-study.js';
import { lintLines, mergeLints } from './study-plan.js';
import { runJobs, tellFailures } from '../study/run-jobs.js';
import { renderResult } from './study-report.js';

/** Flags of the commands that run a study. */
export interface StudyFlags extends EngineFlags, ResultFlags {
  readonly data: string;
  readonly out: string;
  readonly jobs?: number;
  readonly executor: 'local' | 'slurm';
  /** Further options of sbatch. */
  readonly slurmOption: readonly string[];
}

/** Flags of `unet study run`. */
export interface StudyRunFlags extends StudyFlags {
  readonly study?: string;
}

/** `unet study run FILE --data DIR --out DIR`: runs what is missing of a study. */
export async function studyRun(file: string, flags: StudyRunFlags): Promise<void> {
  await runStudy(file, compileStudy(file, flags.study), flags);
}

/** Makes or opens a study's folder, runs its jobs and writes its report. */
export async function runStudy(file: string, compiled: CompiledStudy, flags: StudyFlags): Promise<void> {
  checkExecutor(flags);
  const dataset = await openDataset(flags.data);
  const engine = await startEngine(flags);
  const { data } = flags;
  const share = await shareOf(flags);
  const plan = await planStudy(compiled, { file, data, dataset, engine, ...share });
  await refuseOnLints(flags.out, plan);
  const { study, lock } = await makeStudy(flags.out, plan);
  try {
    await runMade(study, plan, flags);
  } finally {
    lock.release();
  }
}

async function runMade(study: StudyFolder, plan: StudyPlan, flags: StudyFlags): Promise<void> {
  // Changed by hand, what is finished makes no table: said before hours of training.
  await collectUnchanged(study);
  const { failed, interrupted } = await runJobs(study, (say) => executorOf(flags, say), plan);
  const result = await writeReport(study);
  process.stdout.write(renderResult(study, result, flags.json === true ? 'json' : 'text', true));
  if (flags.json !== true) process.stdout.write(`\nreport  ${studyPaths(flags.out).reportHtml}\n`);
  tellFailures(flags.out, failed);
  if (interrupted) throw new Finished(exitCodes.interrupted);
  if (failed.length > 0) throw new Finished(exitCodes.diagnostics);
}

/** Threads of the jobs a study was begun with, which are part of its protocol; they do not follow the memory of the day. */
async function threadsOf(directory: string): Promise<number | undefined> {
  return (await isStudy(directory)) ? ((await openStudy(directory)).protocol.engine.threads ?? undefined) : undefined;
}

/** On a cluster, whose nodes this machine knows nothing of: cores of a job, and jobs at a time, which its queue bounds. */
const onSlurm = { threads: 2, jobs: 10_000 };

/** Jobs at a time and threads for each: as asked for, else as the study was begun, else as the executor has it. */
async function shareOf(flags: StudyFlags): Promise<{ jobs: number | undefined; threads: number | undefined }> {
  const usual = flags.executor === 'slurm' ? onSlurm : { jobs: undefined, threads: undefined };
  const threads = flags.threads ?? (await threadsOf(flags.out)) ?? usual.threads;
  return { jobs: flags.jobs ?? usual.jobs, threads };
}

function executorOf({ executor, slurmOption }: StudyFlags, say: (line: string) => void): Executor {
  if (executor === 'slurm') return slurmExecutor({ options: slurmOption, onNote: say });
  return localExecutor(availableMemory());
}

/** Options that Slurm cannot take are said before anything is made. */
function checkExecutor({ executor, slurmOption }: StudyFlags): void {
  if (executor === 'local' && slurmOption.length > 0) {
    throw new UsageError('--slurm-option is for --executor slurm.');
  }
  slurmOption.forEach(parseSlurmOption);
}

/**
 * Every network is checked before the first one trains; a study that has begun has been.
 * @throws UserError UNET6117 where a row is not what the table would take it for
 */
async function refuseOnLints(directory: string, plan: StudyPlan): Promise<void> {
  if (await isStudy(directory)) return;
  const lints = mergeLints(plan.lints, await lintTraining(plan.compiled.study, plan.rows));
  for (const lint of lints) for (const line of lintLines(lint)) process.stderr.write(`${line}\n`);
  const refused = lints.filter(({ refusals }) => refusals.length > 0);
  const [first] = refused;
  if (first === undefined) return;
  throw new UserError(
    'UNET6117',
    `\`${first.name}\` is not what the table would take it for. ${first.refusals[0]}`,
    'Change the spec or leave the row out; nothing was trained.',
  );
}
