import type { Span } from '../../grammar/source.js';
import { escapeMarkdown } from '../../compiler/emit/markdown.js';
import { formatCount } from '../../text/count.js';
import { formatField, formatSizes } from '../../compiler/emit/printable.js';
import { buildReport } from '../../compiler/emit/report/report.js';
import type { Reference } from '../../compiler/bind/references.js';
import { describeValue, formatShape, type Value } from '../../compiler/evaluate/values.js';
import { formatSize } from '../../compiler/shape/size.js';
import type { Analysis, Occurrence } from '../analysis.js';
import { formatMacs, partFigures, type Figured } from '../figures.js';
import type { Place } from '../place.js';
import { inlineCode, tableRow } from '../text/markdown.js';
import type { Workspace } from '../workspace.js';

/** Maximum number of rows in a table of places; the rest is counted. */
const longestTable = 12;

/** The costs of a whole model, and its legal patches. */
export function describeModel({ analysis }: Place, reference: Reference | undefined): readonly string[] {
  if (reference?.kind !== 'model') return [];
  const model = reference.declaration;
  const figured = model.kind === 'Model' || model.kind === 'Variant' ? analysis.figuresOf(model) : undefined;
  const result = figured === undefined ? undefined : buildReport(figured.network, figured.patch);
  if (figured === undefined || result?.ok !== true) return [];
  const { params, macs } = result.report;
  const costs = [`${formatCount(params.total)} parameters`, `${formatMacs(macs)} MACs`];
  const legal = figured.network.legal.map(({ axis, first, step }) => {
    const name = escapeMarkdown(axis);
    return step === 0 ? `${name} = ${first}` : `${name} = ${first}, ${first + step}, ${first + 2 * step}, ...`;
  });
  const sizes = legal.length === 0 ? [] : [`Patches: ${legal.join('; ')}`];
  return [[...costs, `receptive field ${formatField(result.report)}`].join(' · '), ...sizes, shownAt(figured)];
}

/** The results of the first place that has any: a line, or a table if a block or part is used in several places. */
export function describeOccurrences(workspace: Workspace, place: Place, spans: readonly Span[]): readonly string[] {
  for (const analysis of analysesOf(workspace, place)) {
    for (const span of spans) {
      const occurrences = preferApplied(analysis.occurrencesOf(span));
      if (occurrences.length > 0) return renderOccurrences(analysis, occurrences);
    }
  }
  return [];
}

/** The file's own analysis; for a library, then those of the open documents that import it. */
export function* analysesOf(workspace: Workspace, place: Pick<Place, 'analysis' | 'path'>): Generator<Analysis> {
  yield place.analysis;
  if (place.analysis.models.length > 0) return;
  for (const each of workspace.openDependents(place.path)) if (each !== place.analysis) yield each;
}

/** The result of applying a layer is more informative than the layer itself. */
export function preferApplied(occurrences: readonly Occurrence[]): readonly Occurrence[] {
  const applied = occurrences.filter(({ observation }) => observation.applied && observation.value.kind === 'tensor');
  return applied.length > 0 ? applied : occurrences;
}

function renderOccurrences(analysis: Analysis, occurrences: readonly Occurrence[]): readonly string[] {
  const [first] = occurrences;
  if (first === undefined) return [];
  const figured = analysis.figuresOf(first.model);
  const tensors = occurrences.filter(({ observation }) => observation.value.kind === 'tensor');
  if (tensors.length === 0) {
    // A layer is described by its own text.
    const plain = occurrences.filter(({ observation }) => observation.value.kind !== 'layer');
    const values = [...new Set(plain.map(({ observation }) => valueText(observation.value)))];
    return values.length === 0 ? [] : [values.slice(0, longestTable).join(', ')];
  }
  const note = figured === undefined ? [] : [shownAt(figured)];
  const [only] = tensors;
  if (tensors.length === 1 && only !== undefined) {
    const [shape = '', field = '', params, macs] = cells(figured, only);
    const costs = params === undefined ? [] : [`${params} parameters`, `${macs ?? ''} MACs`];
    return [[shape, ...costs, ...(field === '' ? [] : [`receptive field ${field}`])].join(' · '), ...note];
  }
  const rows = tensors.slice(0, longestTable).map((occurrence) => {
    return [escapeMarkdown(occurrence.observation.id), ...cells(figured, occurrence)];
  });
  const titles = ['at', 'shape', 'receptive field', 'parameters', 'MACs'].slice(0, rows[0]?.length);
  const more = tensors.length > longestTable ? [`... and ${tensors.length - longestTable} more`] : [];
  const rule = `|${titles.map(() => ' --- ').join('|')}|`;
  const table = [tableRow(titles), rule, ...rows.map(tableRow)].join('\n');
  return [table, ...more, ...note];
}

function shownAt(figured: Figured): string {
  return `At ${patchText(figured)}, batch size 1.`;
}

/** Returns shape, receptive field and costs of what is computed here; only the shape if the model has errors. */
function cells(figured: Figured | undefined, occurrence: Occurrence): readonly string[] {
  const { value } = occurrence.observation;
  const shape = inlineCode(value.kind === 'tensor' ? formatShape(value.shape) : '');
  if (figured === undefined) return [shape];
  const { first, end } = occurrence.observation;
  const figures = partFigures(figured, occurrence);
  const costs = first === end ? [] : [formatCount(figures.params), formatMacs(figures.macs)];
  return [shape, formatField(figures), ...costs];
}

/** `D = 64, H = 64, W = 64`, as Markdown. */
export function patchText({ axes, patch }: Figured): string {
  return axes.map((axis, index) => `${escapeMarkdown(axis)} = ${patch[index] ?? ''}`).join(', ');
}

/** A value as written in the language, or a description of it, as Markdown. */
function valueText(value: Value): string {
  switch (value.kind) {
    case 'number':
      return String(value.value);
    case 'size':
      return escapeMarkdown(formatSize(value.size));
    case 'list':
      return `[${value.items.map(valueText).join(', ')}]`;
    case 'tensor':
      return escapeMarkdown(formatSizes(value.shape));
    case 'choice':
      return inlineCode(value.name);
    default:
      return describeValue(value);
  }
}
