import { isPresent } from '../../runtime/files/file-error.js';
import { readMetrics } from '../../runtime/training/metrics-log.js';
import { logEnd, meanDice } from '../../runtime/study/collect.js';
import type { StudyJob } from '../../runtime/study/evidence.js';
import { endText } from '../../runtime/study/job-process.js';
import { jobPaths, jobState, jobsOf, type JobState } from '../../runtime/study/jobs.js';
import { openStudy, type StudyFolder } from '../../runtime/study/study-folder.js';
import { runPaths } from '../../runtime/training/run-paths.js';
import { printable } from '../../text/printable.js';
import { columnsOf, tableText } from '../../text/table.js';
import { outputColumns, print } from '../terminal.js';
import { jsonText } from '../../text/json.js';

/** A job with its state. */
interface JobStatus {
  readonly job: StudyJob;
  readonly state: JobState;
  /** Training steps at the end of the last epoch. */
  readonly step: number;
  /** Mean Dice of a finished job, computed as in the report: per case over classes, then over cases. */
  readonly meanDice: number | null;
}

/** A stopped job and a killed one cannot be distinguished, because neither records how it ended. */
const CUT_SHORT = 'The job was stopped or killed before it finished; run `study run` again to resume it.';

/** `unet study status DIR`: shows the state of each job, and the end of the log of failed and interrupted jobs. */
export async function studyStatus(directory: string, flags: { readonly format: string }): Promise<void> {
  const study = await openStudy(directory);
  const statuses: JobStatus[] = [];
  for (const job of jobsOf(study.record)) statuses.push(await statusOf(study, job));
  if (flags.format === 'json') {
    const jobs = statuses.map(({ job, state, step, meanDice }) => ({
      ...job,
      state: state.kind,
      step,
      dice: meanDice,
    }));
    print(jsonText({ study: study.record.name, counts: countsOf(statuses), jobs }));
    return;
  }
  print(`${tableOf(statuses)}\n${summaryOf(study, statuses)}\n`);
  for (const { job, state } of statuses) {
    if (state.kind !== 'failed' && state.kind !== 'interrupted') continue;
    const end = await logEnd(study.directory, job);
    const how = state.kind === 'failed' ? endText(state.failure) : CUT_SHORT;
    print(`\n${job.run}: ${how}\n    ${end.replaceAll('\n', '\n    ')}\n`);
  }
}

async function statusOf(study: StudyFolder, job: StudyJob): Promise<JobStatus> {
  const state = await jobState(study, job);
  const { metrics } = runPaths(jobPaths(study.directory, job).folder);
  const curve = isPresent(metrics) ? await readMetrics(metrics) : [];
  const dice = state.kind === 'done' ? await meanDice(study, job) : null;
  return { job, state, step: curve.at(-1)?.step ?? 0, meanDice: dice };
}

function countsOf(statuses: readonly JobStatus[]): Record<JobState['kind'], number> {
  const counts = { done: 0, running: 0, failed: 0, interrupted: 0, waiting: 0 };
  for (const { state } of statuses) counts[state.kind]++;
  return counts;
}

function tableOf(statuses: readonly JobStatus[]): string {
  const columns = columnsOf(['variant', 'state', 'seed', 'fold', 'steps', 'mean Dice'], 2);
  const rows = statuses.map(({ job, state, step, meanDice }) => {
    const figures = [String(job.seed), String(job.fold), String(step), meanDice?.toFixed(4) ?? ''];
    return [printable(job.variant), state.kind, ...figures];
  });
  return tableText(columns, rows, outputColumns());
}

function summaryOf({ record }: StudyFolder, statuses: readonly JobStatus[]): string {
  const counts = Object.entries(countsOf(statuses)).filter(([, count]) => count > 0);
  return `${record.name}: ${counts.map(([state, count]) => `${count} ${state}`).join(', ')} of ${statuses.length} jobs`;
}
