import type { StudyNode } from '../../grammar/ast.js';
import { escapeMarkdown } from '../../compiler/emit/markdown.js';
import { counted, formatCount } from '../../text/count.js';
import { printable } from '../../compiler/emit/printable.js';
import { inputDifferences } from '../../compiler/study/input-differences.js';
import type { Study, StudyModel } from '../../compiler/study/study.js';
import type { Analysis } from '../analysis.js';
import { figuresOf, signed } from '../figures.js';

/** `15 jobs: 5 rows, 3 seeds, 1 fold` */
export function jobsText({ models, seeds, folds }: Study): string {
  const jobs = models.length * seeds.length * folds.length;
  const parts = [counted(models.length, 'row'), counted(seeds.length, 'seed'), counted(folds.length, 'fold')];
  return `${counted(jobs, 'job')}: ${parts.join(', ')}`;
}

/** The study that a node lowers to; undefined if it has errors. */
export function studyOf(analysis: Analysis, node: StudyNode): Study | undefined {
  return analysis.lowering.study(node).value;
}

/** The rows of a study, one per network, with costs at their training patch. */
export function studyText(analysis: Analysis, name: string): string | undefined {
  const node = analysis.studies.find((each) => each.name.name === name);
  const study = node === undefined ? undefined : studyOf(analysis, node);
  if (study === undefined) return undefined;
  return [`# Study ${shown(name)}`, '', ...studyLines(study), ''].join('\n');
}

/** Formats source text so that Markdown shows it literally. */
function shown(text: string): string {
  return escapeMarkdown(printable(text));
}

/** Its jobs, and its rows as a table. */
export function studyLines(study: Study): readonly string[] {
  const [base] = study.models;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    `${jobsText(study)} under the protocol ${shown(study.protocol.name)}.`,
    '',
    line(['row', 'description', 'parameters', 'change', 'MACs', 'change', 'patch']),
    '| --- | --- | ---: | ---: | ---: | ---: | --- |',
    ...study.models.map((model) => line(cellsOf(model, base))),
  ];
}

function cellsOf(model: StudyModel, base: StudyModel): readonly string[] {
  const own = figuresOf(model.network, model.patch);
  const whole = figuresOf(base.network, base.patch);
  const change = (value: number): string => (model === base ? '' : signed(value));
  const { unmatched, kind } = model;
  const notes = inputDifferences(model.network, base.network).map((each) => `, ${shown(each)}`);
  if (unmatched !== null) notes.unshift(`, unmatched: ${shown(unmatched.reason)}`);
  return [
    shown(model.name),
    `${kind}${model.change === '' ? '' : `: ${shown(model.change)}`}${notes.join('')}`,
    formatCount(own.params),
    change(own.params - whole.params),
    formatCount(own.macs),
    change(own.macs - whole.macs),
    model.patch.join(' x '),
  ];
}
