import { openDataset } from '../../runtime/data/dataset.js';
import { studyPaths } from '../../runtime/study/study-folder.js';
import { writeReport } from '../../runtime/study/write-report.js';
import { localExecutor } from '../../runtime/study/local-executor.js';
import { startEngine, type EngineFlags } from '../engine.js';
import { exitCodes, Finished } from '../exit.js';
import { availableMemory } from '../memory.js';
import { makeStudy } from '../study/make-study.js';
import { compileStudy, type CompiledStudy } from '../study/open-study-spec.js';
import { planStudy } from '../study/plan-study.js';
import { runJobs, tellFailures } from '../study/run-jobs.js';
import { renderResult } from './study-report.js';

/** Flags of `unet study run`. */
export interface StudyRunFlags extends EngineFlags {
  readonly study?: string;
  readonly data: string;
  readonly out: string;
  readonly jobs?: number;
}

/** `unet study run FILE --data DIR --out DIR`: runs what is missing of a study. */
export async function studyRun(file: string, flags: StudyRunFlags): Promise<void> {
  await runStudy(file, compileStudy(file, flags.study), flags);
}

/** Makes or opens a study's folder, runs its jobs and writes its report. */
export async function runStudy(file: string, compiled: CompiledStudy, flags: StudyRunFlags): Promise<void> {
  const dataset = await openDataset(flags.data);
  const engine = await startEngine(flags);
  const { data, jobs, threads } = flags;
  const plan = await planStudy(compiled, { file, data, dataset, engine, jobs, threads });
  const study = await makeStudy(flags.out, plan);
  const { failed, interrupted } = await runJobs(study, localExecutor(availableMemory()), plan);
  const result = await writeReport(study);
  process.stdout.write(renderResult(study, result, 'text', true));
  process.stdout.write(`\nreport  ${studyPaths(flags.out).reportHtml}\n`);
  tellFailures(flags.out, failed);
  if (interrupted) throw new Finished(exitCodes.interrupted);
  if (failed.length > 0) throw new Finished(exitCodes.diagnostics);
}
