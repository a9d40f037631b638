import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ReportProtocol } from '../../contract/protocol.js';
import { makeFolder } from '../files/make-folder.js';
import { readTextFile } from '../files/read-file.js';
import { defaultCacheDirectory } from '../data/cache.js';
import { allowances, withAllowances } from '../data/cautions/caution.js';
import { loadCase } from '../data/load-case.js';
import type { Dataset } from '../data/types.js';
import type { CaseEvaluation } from '../metrics/evaluate.js';
import { pooledCalibration, summarize } from '../metrics/summarize.js';
import { casePictureName, writeCasePicture } from '../pictures/case-picture.js';
import { caseSliceName, writeCaseSlice } from '../pictures/case-slice.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { evaluatePrediction } from '../run/evaluate-prediction.js';
import { matchRun } from '../run/match-run.js';
import { casePredictor, identifiersOf } from '../run/predict-case.js';
import { runPaths } from '../training/run-paths.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { readMetrics } from '../training/metrics-log.js';
import type { JobOutcome, StudyJob } from './evidence.js';
import { jobPaths } from './jobs.js';
import type { OpenedJob } from './open-job.js';
import { foldCautions } from './study-cautions.js';
import { SCORES_FORMAT, type JobScores } from './scores-file.js';
import type { StudyFolder } from './study-folder.js';
import { thisMachine } from './machine.js';

export interface ScoreOptions {
  readonly study: StudyFolder;
  readonly job: StudyJob;
  readonly opened: OpenedJob;
  readonly dataset: Dataset;
  /** With the weights that the protocol selects. */
  readonly network: TrainableNetwork;
  /** Versions of unet-lang, Node.js and the compute backend. */
  readonly versions: Readonly<Record<string, string>>;
  readonly onCase?: (done: number, of: number, id: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Scores a job's test cases on whole volumes and writes `scores.json`, then `outcome.json`. A case scored before a kill
 * is not scored again. Pictures are written for the study's first seed only, as stated in the report.
 * @returns whether it was completed rather than stopped by the signal
 */
export async function scoreJob(options: ScoreOptions): Promise<boolean> {
  const { study, job, opened, onCase, signal } = options;
  const paths = jobPaths(study.directory, job);
  await makeFolder(paths.evaluation);
  const { test } = opened.fold;
  const score = caseScorer(options);
  const { report } = study.protocol.protocol;
  const begun = performance.now();
  const evaluations: CaseEvaluation[] = [];
  for (const [index, id] of test.entries()) {
    if (signal?.aborted === true) return false;
    onCase?.(index, test.length, id);
    const file = path.join(paths.evaluation, `${index}.json`);
    const evaluation = (await readEvaluation(file, id, report)) ?? (await score(id));
    await writeFileAtomic(file, JSON.stringify({ report, evaluation }));
    evaluations.push(evaluation);
  }
  onCase?.(test.length, test.length, '');
  const { cases, ece, ece_foreground } = summarize(job.run, evaluations);
  const scores: JobScores = {
    format: SCORES_FORMAT,
    report,
    classes: cases,
    regions: evaluations.flatMap(({ regions }) => regions),
    calibration: pooledCalibration(evaluations),
  };
  await writeFileAtomic(paths.scores, `${JSON.stringify(scores, null, 1)}\n`);
  const { dataset, network } = options;
  const subject = { dataset, description: network.description, protocol: opened.run.protocol, fold: opened.fold };
  // Whether the study is allowed to run was decided when it was planned.
  const cautions = withAllowances(await foldCautions(subject, defaultCacheDirectory()), allowances);
  const measured = { ece, eceForeground: ece_foreground, cautions };
  const outcome = await outcomeOf(options, measured, performance.now() - begun);
  await writeFileAtomic(paths.outcome, `${JSON.stringify(outcome, null, 2)}\n`);
  await rm(paths.evaluation, { recursive: true, force: true });
  return true;
}

/** The scores of a case from before the job was interrupted; undefined if the report has changed since. */
async function readEvaluation(file: string, id: string, report: ReportProtocol): Promise<CaseEvaluation | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    const found = JSON.parse(await readTextFile(file)) as { report?: unknown; evaluation?: CaseEvaluation } | null;
    return found?.evaluation?.case === id && isDeepStrictEqual(found.report, report) ? found.evaluation : undefined;
  } catch {
    // A damaged score is computed again.
    return undefined;
  }
}

function caseScorer({ study, job, opened, dataset, network }: ScoreOptions): (id: string) => Promise<CaseEvaluation> {
  const { run } = opened;
  const { matching, identification } = matchRun(run, network.description, dataset);
  const predict = casePredictor(run, network);
  const [image] = network.description.inputs.filter((input) => input.kind === 'image');
  const { overlays, slices } = jobPaths(study.directory, job);
  const isPictured = job.seed === study.record.seeds[0];
  return async (id) => {
    const loaded = await loadCase(dataset, id, matching, run.protocol, defaultCacheDirectory());
    const [first] = await predict(loaded, identifiersOf(identification, id));
    if (isPictured) {
      const subject = { loaded, prediction: first!, title: `${job.variant} ${id}` };
      await writeCasePicture(overlays, casePictureName(id, opened.fold.test), subject);
      await writeCaseSlice(slices, caseSliceName(id, opened.fold.test), {
        ...subject,
        channels: image?.channels ?? [],
      });
    }
    return evaluatePrediction(loaded, first!, study.protocol.protocol.report);
  };
}

async function outcomeOf(
  { study, opened, versions }: ScoreOptions,
  measured: Pick<JobOutcome, 'ece' | 'eceForeground' | 'cautions'>,
  milliseconds: number,
): Promise<JobOutcome> {
  const curve = await readMetrics(runPaths(opened.run.directory).metrics);
  const steps = curve.at(-1)?.step ?? 0;
  const trainingSeconds = curve.reduce((sum, { seconds }) => sum + seconds, 0);
  const memory = Math.max(process.resourceUsage().maxRSS / 1024, ...curve.map((line) => line.memory));
  return {
    steps,
    secondsPerStep: steps === 0 ? 0 : trainingSeconds / steps,
    trainingSeconds,
    evaluationSeconds: milliseconds / 1000,
    peakMemory: Math.round(memory),
    ...measured,
    environment: { finished: new Date().toISOString(), machine: thisMachine(), versions },
    digest: study.record.digest,
  };
}
