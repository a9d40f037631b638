import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { findCase, openDataset } from '../../runtime/data/dataset.js';
import { identifyCases } from '../../runtime/data/identify.js';
import { loadCase } from '../../runtime/data/load-case.js';
import { matchInputs } from '../../runtime/data/match.js';
import { evaluateCase, type CaseEvaluation } from '../../runtime/metrics/evaluate.js';
import { renderCsv, renderTable } from '../../runtime/metrics/render.js';
import { summarize, type EvaluationReport } from '../../runtime/metrics/summarize.js';
import { UserError } from '../../runtime/errors.js';
import { UsageError } from '../exit.js';
import { writePicture } from '../picture.js';
import { casePredictor, identifiersOf, predictCase } from '../predict-case.js';
import { progressBar } from '../progress.js';
import { openTrainedRun, type OpenedRun } from '../session.js';

/** Its flags. */
export interface EvaluateFlags {
  readonly data: string;
  readonly case: string[];
  readonly format: string;
  readonly out?: string;
  readonly pictures?: string;
  readonly engine: string;
}

/** `unet evaluate RUN --data DIR [--case ID]...` */
export async function evaluate(directory: string, flags: EvaluateFlags): Promise<void> {
  const opened = await openTrainedRun(directory, flags.engine);
  const report = await evaluateRun(directory, opened, flags);
  const text = render(report, flags.format);
  if (flags.out !== undefined) await writeFileAtomic(flags.out, text);
  process.stdout.write(text);
}

function render(report: EvaluationReport, format: string): string {
  const text =
    format === 'json' ? JSON.stringify(report, null, 2) : format === 'csv' ? renderCsv(report) : renderTable(report);
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** Scores the named cases, or the run's validation cases. Pictures are written where a folder for them is given. */
export async function evaluateRun(
  directory: string,
  { run, network }: OpenedRun,
  flags: Pick<EvaluateFlags, 'data' | 'case' | 'pictures'>,
): Promise<EvaluationReport> {
  const dataset = await openDataset(flags.data);
  const ids = flags.case.length > 0 ? flags.case : run.split.validation;
  if (ids.length === 0) throw new UsageError('The run holds out no cases.', 'name the cases to score with --case');
  const matching = matchInputs(dataset, network.description);
  const known = Object.fromEntries(Object.entries(run.info.identifiers).map(([input, { names }]) => [input, names]));
  const identification = identifyCases(dataset, network.description, run.protocol.identify, known);
  for (const id of ids) {
    if (findCase(dataset, id).label === undefined) {
      throw new UserError(
        'UNET6084',
        `Case \`${id}\` of \`${dataset.dir}\` has no label to score against.`,
        'Choose labelled cases.',
      );
    }
  }
  const predictor = casePredictor(run, network);
  const evaluations: CaseEvaluation[] = [];
  const bar = progressBar('scoring');
  try {
    for (const [index, id] of ids.entries()) {
      bar.update(index, ids.length, id);
      const loaded = await loadCase(dataset, id, matching, run.protocol.normalize);
      const [first] = await predictCase(run, network, predictor, loaded, identifiersOf(identification, id));
      if (first === undefined || loaded.label === undefined) continue;
      const { labels: prediction, probabilities, output } = first;
      const { spacing } = loaded.geometry;
      evaluations.push(evaluateCase({ case: id, prediction, truth: loaded.label, probabilities, spacing, output }));
      if (flags.pictures !== undefined) {
        mkdirSync(flags.pictures, { recursive: true });
        const name = id.replace(/[^A-Za-z0-9_.-]/g, '_');
        await writePicture(
          { loaded, prediction: first, title: `${run.info.model} ${id}` },
          join(flags.pictures, `${name}.png`),
        );
      }
    }
    bar.update(ids.length, ids.length, '');
  } finally {
    bar.stop();
  }
  return summarize(directory, evaluations);
}
