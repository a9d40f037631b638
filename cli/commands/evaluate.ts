import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { headerCautions, voxelCautions, type CautionSubject } from '../../runtime/data/cautions/cautions.js';
import { findCase, openDataset } from '../../runtime/data/dataset.js';
import { loadCase } from '../../runtime/data/load-case.js';
import type { Dataset, LoadedCase } from '../../runtime/data/types.js';
import type { CaseEvaluation } from '../../runtime/metrics/evaluate.js';
import { renderCsv, renderTable } from '../../runtime/metrics/render.js';
import { summarize, type EvaluationReport } from '../../runtime/metrics/summarize.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { evaluatePrediction } from '../../runtime/run/evaluate-prediction.js';
import { casePredictor, identifiersOf } from '../../runtime/run/predict-case.js';
import { runCautions } from '../../runtime/run/run-cautions.js';
import type { Run } from '../../runtime/run/run-folder.js';
import { runSubject } from '../../runtime/run/run-subject.js';
import { applyCautions, type AllowanceFlags } from '../cautions.js';
import type { EngineFlags } from '../engine.js';
import { UsageError } from '../exit.js';
import { filesOfDataset, filesOfRun, type OutputFlags } from '../inputs.js';
import { casePictureName, writeCasePicture } from '../../runtime/pictures/case-picture.js';
import { withPredictionFlags, type PredictionFlags } from '../prediction-flags.js';
import { progressBar } from '../progress.js';
import { printWritten } from '../result.js';
import { openTrainedRun, type OpenedRun } from '../session.js';
import { jsonText } from '../../text/json.js';
import { outputColumns, print, printData } from '../terminal.js';

/** Flags of the command. */
export interface EvaluateFlags extends EngineFlags, OutputFlags, AllowanceFlags, PredictionFlags {
  readonly data: string;
  /** Folder of masks to score instead of a run. */
  readonly masks?: string;
  readonly case: string[];
  readonly format: string;
  readonly output?: string;
  readonly pictures?: string;
}

/** `unet evaluate (RUN | --masks DIR) --data DIR [--case ID]...` */
export async function evaluate(directory: string | undefined, flags: EvaluateFlags): Promise<void> {
  if ((directory === undefined) === (flags.masks === undefined)) {
    throw new UsageError('Expected either a run, or --masks with a folder of masks.');
  }
  const inputs = [
    ...(directory === undefined ? [] : filesOfRun(directory)),
    ...(flags.masks === undefined ? [] : await filesIn(flags.masks)),
    ...(await filesOfDataset(flags.data)),
  ];
  const outputs = flags.output === undefined ? [] : [{ path: flags.output, format: 'unmarked' as const }];
  const [place] = await prepareOutputs(outputs, { inputs, force: flags.force });
  const report =
    directory === undefined
      ? await (await import('./evaluate-masks.js')).evaluateMasks(flags.masks!, flags)
      : await evaluateRun(directory, await openTrainedRun(directory, flags), flags);
  const text = render(report, flags.format);
  if (flags.output !== undefined && place !== undefined) {
    await writeFileAtomic(place, text);
    printWritten(flags.output, flags.format);
  } else if (flags.format === 'csv') printData(text);
  else print(text);
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name));
}

function render(report: EvaluationReport, format: string): string {
  const text =
    format === 'json' ? jsonText(report) : format === 'csv' ? renderCsv(report) : renderTable(report, outputColumns());
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Returns the cases to score, each with a label. */
function scoredCases(run: Run, dataset: Dataset, named: readonly string[]): readonly string[] {
  const ids = named.length > 0 ? [...new Set(named)] : run.split.validation;
  if (ids.length === 0)
    throw new UsageError('The run has no validation cases.', 'Choose the cases to score with --case.');
  const unlabelled = ids.find((id) => findCase(dataset, id).label === undefined);
  if (unlabelled === undefined) return ids;
  throw new UserError(
    'UNET6084',
    `Case \`${unlabelled}\` of \`${dataset.dir}\` has no label to score against.`,
    'Choose labelled cases.',
  );
}

/**
 * Scores the named cases, or the run's validation cases. Pictures are written if a folder for them is given.
 * @throws UserError for anything that would make the scores misleading, unless allowed by a flag
 */
async function evaluateRun(
  directory: string,
  { run, network }: OpenedRun,
  flags: EvaluateFlags,
): Promise<EvaluationReport> {
  const dataset = await openDataset(flags.data);
  const ids = scoredCases(run, dataset, flags.case);
  const pictures = await picturesOf(ids, dataset, flags);
  const use = { use: 'evaluate', dataset, applied: ids } as const;
  const subject = await runSubject(run, network.description, use, defaultCacheDirectory());
  const { matching, identification } = subject;
  const header = applyCautions([...runCautions(run, 'evaluate'), ...(await headerCautions(subject))], flags);
  const voxels: LoadedCase['voxels'][] = [];
  const predict = casePredictor(withPredictionFlags(run, flags), network);
  const evaluations: CaseEvaluation[] = [];
  const bar = progressBar('scoring');
  try {
    for (const [index, id] of ids.entries()) {
      bar.update(index, ids.length, id);
      const loaded = await loadCase(dataset, id, matching, run.protocol);
      voxels.push(loaded.voxels);
      const [first] = await predict(loaded, identifiersOf(identification, id));
      evaluations.push(evaluatePrediction(loaded, first!, run.protocol.report));
      const name = pictures.get(id);
      if (flags.pictures !== undefined && name !== undefined) {
        await writeCasePicture(flags.pictures, name, { loaded, prediction: first!, title: `${run.info.model} ${id}` });
      }
    }
    bar.update(ids.length, ids.length, '');
  } finally {
    bar.stop();
  }
  const cautions = [...header, ...applyCautions(voxelCautions(withVoxels(subject, voxels)), flags)];
  return summarize(directory, evaluations, cautions, run.protocol.report);
}

/** @param voxels in the order of the scored cases */
function withVoxels(subject: CautionSubject, voxels: readonly LoadedCase['voxels'][]): CautionSubject {
  return { ...subject, applied: subject.applied.map((each, index) => ({ ...each, voxels: voxels[index]! })) };
}

/** Returns the file name of each case's image after checking that all of them may be written. */
async function picturesOf(
  ids: readonly string[],
  dataset: Dataset,
  { data, pictures, output, force }: Pick<EvaluateFlags, 'data' | 'pictures' | 'output' | 'force'>,
): Promise<ReadonlyMap<string, string>> {
  if (pictures === undefined) return new Map();
  const all = [...dataset.cases, ...dataset.unlabelled].map(({ id }) => id);
  const names = new Map(ids.map((id) => [id, casePictureName(id, all)]));
  const files = [...names.values()].map((name) => ({ path: join(pictures, name), format: 'png' as const }));
  const inputs = [...(await filesOfDataset(data)), ...(output === undefined ? [] : [output])];
  await prepareOutputs(files, { inputs, force, createsFolders: true });
  return names;
}
