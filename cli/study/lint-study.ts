import { weightsOf } from '../../compiler/ir/ir.js';
import { lintPatch } from '../../compiler/study/lint-patch.js';
import { lintRow, type IdentifierColumn } from '../../compiler/study/lint-row.js';
import type { Study, StudyModel } from '../../compiler/study/study.js';
import type { StudyFold } from '../../runtime/study/folds.js';
import type { DataCase, Dataset } from '../../runtime/data/types.js';
import { lintGradients, type IdleWeight } from '../../runtime/study/gradient-lint.js';
import type { NewRow } from '../../runtime/study/study-folder.js';
import { progressBar } from '../progress.js';
import { moduleOf } from '../run-network.js';
import { counted } from '../../text/count.js';

/** The findings of the checks before training for a row. */
export interface RowLint {
  readonly name: string;
  /** Reasons why it must not be trained: the table would misrepresent it. */
  readonly refusals: readonly string[];
  /** Notes for the table. */
  readonly notes: readonly string[];
}

/** Lints the rows of a study, given their networks, the protocol and the columns of the data set. */
export function lintNetworks(
  { models, protocol }: Study,
  dataset: Dataset,
  folds: readonly StudyFold[],
): readonly RowLint[] {
  const identify = protocol.identify.filter((each) => hasSource(each, dataset));
  const columns = identifierColumns(identify, dataset, folds);
  return models.map((model) => {
    const found = lintRow(model, { rows: models, identify, columns, batch: protocol.batch });
    const texts = (severity: 'refuse' | 'note'): string[] =>
      found.filter((each) => each.severity === severity).map(({ text }) => text);
    return { name: model.name, refusals: texts('refuse'), notes: texts('note') };
  });
}

/** Without a `cases.csv` every case trains without the identifiers that a column would provide. */
function hasSource({ source }: Study['protocol']['identify'][number], dataset: Dataset): boolean {
  return source.kind !== 'column' || dataset.columns.includes(source.name);
}

/** The values of each identifier that come from a column. */
function identifierColumns(
  identify: Study['protocol']['identify'],
  dataset: Dataset,
  folds: readonly StudyFold[],
): IdentifierColumn[] {
  return identify.flatMap(({ input, source }) => {
    if (source.kind !== 'column') return [];
    const valuesOf = (cases: readonly DataCase[]): string[] =>
      cases.map(({ columns }) => columns[source.name] ?? '').filter((value) => value !== '');
    const values = valuesOf(dataset.cases);
    const trained = folds.map(({ fold, train }) => {
      const cases = dataset.cases.filter(({ id }) => train.includes(id));
      return { fold, distinct: new Set(valuesOf(cases)).size };
    });
    return [{ input, distinct: new Set(values).size, cases: dataset.cases.length, given: values.length, trained }];
  });
}

/** MACs of a patch above which computing gradients twice would take minutes rather than seconds. */
const lintedMacs = 2e10;

/**
 * Computes gradients of the networks of some rows once with random weights, on a small patch, and returns the weights
 * without a gradient. Takes seconds per row; only networks that cannot run on a small patch are skipped.
 */
export async function lintTraining(study: Study, rows: readonly NewRow[]): Promise<readonly RowLint[]> {
  if (rows.length === 0) return [];
  const bar = progressBar('checking gradients');
  const lints: RowLint[] = [];
  try {
    for (const [index, row] of rows.entries()) {
      bar.update(index, rows.length, row.row.name);
      lints.push(
        await lintModel(
          study.models.find(({ name }) => name === row.row.name)!,
          study,
          row,
        ),
      );
    }
    bar.update(rows.length, rows.length, '');
  } finally {
    bar.stop();
  }
  return lints;
}

async function lintModel({ name, network }: StudyModel, study: Study, { row }: NewRow): Promise<RowLint> {
  const patch = lintPatch(network);
  const volume = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);
  if ((row.macs * volume(patch)) / volume(row.patch) > lintedMacs) {
    const note = `Gradients were not checked: the smallest legal patch of the network is ${patch.join(' x ')}`;
    return { name, refusals: [], notes: [note] };
  }
  const fallbacks = new Set(weightsOf(network).flatMap(({ id, fallback }) => (fallback ? [id] : [])));
  const { idle } = await lintGradients(await moduleOf(network), {
    protocol: study.protocol,
    patch,
    fallbacks,
  });
  const sentences = (cause: IdleWeight['cause'], sentence: (weights: string) => string): string[] => {
    const weights = idle.filter((each) => each.cause === cause);
    return weights.length === 0 ? [] : [sentence(listWeights(weights))];
  };
  return {
    name,
    refusals: sentences(
      'no gradient',
      (weights) => `${weights} get no gradient, so they would be counted and never trained.`,
    ),
    // Only noted: published networks contain such weights and count them.
    notes: sentences(
      'no effect',
      (weights) => `The loss does not depend on ${weights}: a norm or softmax removes what is added there.`,
    ),
  };
}

/** Names weights and the number of their parameters; only the first four of a long list. */
function listWeights(weights: readonly IdleWeight[]): string {
  const names = weights.slice(0, 4).map(({ id }) => `\`${id}\``);
  const more = weights.length > 4 ? ` and ${weights.length - 4} more` : '';
  const params = weights.reduce((sum, each) => sum + each.params, 0);
  return `${names.join(', ')}${more} (${counted(params, 'parameter')})`;
}
