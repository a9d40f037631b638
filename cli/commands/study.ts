import { openDataset } from '../../runtime/data/dataset.js';
import { isStudy, openStudy, studyPaths, type StudyFolder } from '../../runtime/study/study-folder.js';
import { collectUnchanged, writeReport } from '../../runtime/study/write-report.js';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { jobState } from '../../runtime/study/jobs.js';
import { recordRuns } from '../../runtime/study/journal.js';
import { reopenJobs } from '../../runtime/study/score-again.js';
import { localExecutor } from '../../runtime/study/local-executor.js';
import { startEngine, type EngineFlags } from '../engine.js';
import type { Executor } from '../../runtime/study/executor.js';
import { parseSlurmOption } from '../../runtime/study/slurm/options.js';
import { slurmExecutor } from '../../runtime/study/slurm/slurm-executor.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import type { ResultFlags } from '../result.js';
import { availableMemory } from '../memory.js';
import { canAsk, confirm } from '../confirm.js';
import type { AllowanceFlags } from '../cautions.js';
import { applyStudyCautions } from '../study/plan-cautions.js';
import { checkNewRows } from '../study/check-rows.js';
import { forecastOf, jobsLine, plannedJobs, prospectLines } from '../study/forecast.js';
import { makeStudy } from '../study/make-study.js';
import { compileStudy, type CompiledStudy } from '../study/open-study-spec.js';
import { drawArchitectures } from '../study/draw-architectures.js';
import { planStudy, type StudyPlan } from '../study/plan-study.js';
import { runJobs, tellFailures } from '../study/run-jobs.js';
import { renderResult } from './study-report.js';
import { counted } from '../../text/count.js';
import { note, print, tell } from '../terminal.js';

/** Flags of the commands that run a study. */
export interface StudyFlags extends EngineFlags, ResultFlags, AllowanceFlags {
  readonly data: string;
  readonly output: string;
  readonly jobs?: number;
  readonly executor: 'local' | 'slurm';
  /** Further options of sbatch. */
  readonly slurmOption: readonly string[];
}

/** Flags of `unet study run`. */
export interface StudyRunFlags extends StudyFlags {
  readonly study?: string;
}

/** `unet study run FILE --data DIR -o DIR`: runs the missing jobs of a study. */
export async function studyRun(file: string, flags: StudyRunFlags): Promise<void> {
  await runStudy(file, compileStudy(file, flags.study), flags);
}

/**
 * Creates or opens the folder of a study, runs its jobs and writes its report.
 * @param asks whether to ask for confirmation on a terminal before a new study starts
 */
export async function runStudy(file: string, compiled: CompiledStudy, flags: StudyFlags, asks = false): Promise<void> {
  checkExecutor(flags);
  const dataset = await openDataset(flags.data);
  const engine = await startEngine(flags);
  const { data } = flags;
  const share = await shareOf(flags);
  const planned = await planStudy(compiled, { file, data, dataset, engine, ...share });
  applyStudyCautions(planned.cautions, flags);
  const plan = await checkNewRows(flags.output, planned);
  await announce(plan, flags.output, asks);
  const { study, lock } = await makeStudy(flags.output, plan);
  try {
    await runPlanned(study, plan, flags);
  } finally {
    lock.release();
  }
}

/** Prints the jobs, their expected duration and the best possible result, and asks for confirmation. */
async function announce(plan: StudyPlan, directory: string, asks: boolean): Promise<void> {
  const left: StudyJob[] = [];
  for (const job of plannedJobs(plan)) if ((await jobState({ directory }, job)).kind !== 'done') left.push(job);
  if (left.length === 0) return;
  const forecast = forecastOf(plan, left);
  for (const line of [jobsLine(plan, forecast), ...prospectLines(forecast)]) note(`${line}\n`);
  if (!asks || !canAsk() || (await isStudy(directory))) return;
  if (await confirm(`Run ${left.length === 1 ? 'this job' : `these ${counted(left.length, 'job')}`}?`)) return;
  tell('Cancelled: nothing was trained.\n');
  throw new Finished(exitCodes.interrupted);
}

async function runPlanned(study: StudyFolder, plan: StudyPlan, flags: StudyFlags): Promise<void> {
  // Reject manually changed runs before hours of training.
  await recordRuns(study);
  await collectUnchanged(study);
  const reopened = await reopenJobs(study);
  if (reopened > 0)
    note(`Measures were added: ${counted(reopened, 'finished job')} will be scored again, not trained.\n`);
  const { failed, interrupted } = await runJobs(study, (say) => executorOf(flags, say), plan);
  const result = await writeReport(study, drawArchitectures);
  print(await renderResult(study, result, { format: flags.json === true ? 'json' : 'text' }, true));
  if (flags.json !== true) print(`\nreport  ${studyPaths(flags.output).reportHtml}\n`);
  tellFailures(flags.output, failed);
  if (interrupted) throw new Finished(exitCodes.interrupted);
  if (failed.length > 0) throw new Finished(exitCodes.diagnostics);
}

/** The number of threads per job when the study was created. It is part of the protocol and independent of free memory. */
async function threadsOf(directory: string): Promise<number | undefined> {
  return (await isStudy(directory)) ? ((await openStudy(directory)).protocol.engine.threads ?? undefined) : undefined;
}

/** Cores per job and parallel jobs on a cluster, whose nodes are unknown and whose queue limits the number of jobs. */
const onSlurm = { threads: 2, jobs: 10_000 };

/** The number of parallel jobs and threads per job: as given, else as in the existing study, else the executor's default. */
async function shareOf(flags: StudyFlags): Promise<{ jobs: number | undefined; threads: number | undefined }> {
  const usual = flags.executor === 'slurm' ? onSlurm : { jobs: undefined, threads: undefined };
  const threads = flags.threads ?? (await threadsOf(flags.output)) ?? usual.threads;
  return { jobs: flags.jobs ?? usual.jobs, threads };
}

function executorOf({ executor, slurmOption }: StudyFlags, say: (line: string) => void): Executor {
  if (executor === 'slurm') return slurmExecutor({ options: slurmOption, onNote: say });
  return localExecutor(availableMemory());
}

/** Rejects invalid Slurm options before anything is created. */
function checkExecutor({ executor, slurmOption }: StudyFlags): void {
  if (executor === 'local' && slurmOption.length > 0) {
    throw new UsageError('--slurm-option requires --executor slurm.');
  }
  slurmOption.forEach(parseSlurmOption);
}
