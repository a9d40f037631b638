import { UserError } from '../../runtime/errors.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { isStudy, studyPaths } from '../../runtime/study/study-folder.js';
import { writeReport } from '../../runtime/study/write-report.js';
import { localExecutor } from '../../runtime/study/local-executor.js';
import { startEngine, type EngineFlags } from '../engine.js';
import { exitCodes, Finished } from '../exit.js';
import { availableMemory } from '../memory.js';
import { makeStudy } from '../study/make-study.js';
import { compileStudy, type CompiledStudy } from '../study/open-study-spec.js';
import { planStudy, type StudyPlan } from '../study/plan-study.js';
import { lintTraining } from '../study/lint-study.js';
import { lintLines, mergeLints } from './study-plan.js';
import { runJobs, tellFailures } from '../study/run-jobs.js';
import { renderResult } from './study-report.js';

/** Flags of the commands that run a study. */
export interface StudyFlags extends EngineFlags {
  readonly data: string;
  readonly out: string;
  readonly jobs?: number;
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
  const dataset = await openDataset(flags.data);
  const engine = await startEngine(flags);
  const { data, jobs, threads } = flags;
  const plan = await planStudy(compiled, { file, data, dataset, engine, jobs, threads });
  await refuseOnLints(flags.out, plan);
  const study = await makeStudy(flags.out, plan);
  const { failed, interrupted } = await runJobs(study, localExecutor(availableMemory()), plan);
  const result = await writeReport(study);
  process.stdout.write(renderResult(study, result, 'text', true));
  process.stdout.write(`\nreport  ${studyPaths(flags.out).reportHtml}\n`);
  tellFailures(flags.out, failed);
  if (interrupted) throw new Finished(exitCodes.interrupted);
  if (failed.length > 0) throw new Finished(exitCodes.diagnostics);
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
    `\`${first.name}\` is not what the table would take it for: ${first.refusals[0]}.`,
    'Change the spec or leave the row out; nothing was trained.',
  );
}
