import { openDataset, findCase } from '../../runtime/data/dataset.js';
import type { Caution } from '../../runtime/data/cautions/cautions.js';
import { readMasks, scoreMask } from '../../runtime/metrics/score-masks.js';
import { summarize, type EvaluationReport } from '../../runtime/metrics/summarize.js';
import type { CaseEvaluation } from '../../runtime/metrics/evaluate.js';
import { applyCautions, type AllowanceFlags } from '../cautions.js';
import { UsageError } from '../exit.js';
import { progressBar } from '../progress.js';

/** The flags of `unet evaluate` that apply to masks. */
export interface MaskFlags extends AllowanceFlags {
  readonly data: string;
  readonly case: readonly string[];
  readonly pictures?: string;
}

/**
 * Scores a folder of masks against the labels of a data set: the named cases, or all labelled cases that have a mask.
 * @throws UserError for a mask with other values or on another grid than the label
 */
export async function evaluateMasks(folder: string, flags: MaskFlags): Promise<EvaluationReport> {
  if (flags.pictures !== undefined) throw new UsageError('--pictures requires a run.');
  const dataset = await openDataset(flags.data);
  for (const id of flags.case) findCase(dataset, id);
  const { masks, cautions } = await readMasks(folder, dataset, [...new Set(flags.case)]);
  const told: readonly Caution[] = applyCautions(cautions, flags);
  const evaluations: CaseEvaluation[] = [];
  const bar = progressBar('scoring');
  try {
    for (const [index, [id, file]] of [...masks].entries()) {
      bar.update(index, masks.size, id);
      evaluations.push(await scoreMask(dataset, findCase(dataset, id), file));
    }
    bar.update(masks.size, masks.size, '');
  } finally {
    bar.stop();
  }
  return summarize(folder, evaluations, told);
}
