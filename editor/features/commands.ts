import { writtenName } from '../../grammar/diagnostics/suggest.js';
import { escapeMarkdown } from '../../compiler/emit/markdown.js';
import { formatCount } from '../../text/count.js';
import { formatField } from '../../compiler/emit/printable.js';
import { renderReportMarkdown } from '../../compiler/emit/report/render.js';
import { buildReport } from '../../compiler/emit/report/report.js';
import { sameGraph } from '../../compiler/ir/same-graph.js';
import { bindModel, lower, settingOf } from '../../compiler/program/program.js';
import type { Analysis } from '../analysis.js';
import { figuresOf, signed } from '../figures.js';
import { removableKnobs } from './code-lens.js';
import { patchText } from './occurrences.js';

/** The report of a model at its default patch, for the text in the editor. */
export function reportText(analysis: Analysis, name: string): string | undefined {
  const model = analysis.modelNamed(name);
  const figured = model === undefined ? undefined : analysis.figuresOf(model);
  if (figured === undefined) return undefined;
  const result = buildReport(figured.network, figured.patch);
  return result.ok ? renderReportMarkdown(result.report) : undefined;
}

/** The effect of each knob's `off` on a model, and a variant that sets it, one line each. */
export function ablationsText(analysis: Analysis, name: string): string | undefined {
  const model = analysis.modelNamed(name);
  const bound = model === undefined ? undefined : bindModel(analysis.program, model);
  const base = model === undefined ? undefined : analysis.figuresOf(model);
  if (bound === undefined || base === undefined) return undefined;
  const rows = removableKnobs(bound.node).map((knob) => {
    const knobName = knob.name.name;
    const cells = [`${escapeMarkdown(knobName)} = off`];
    if (knob.off === undefined) return cells;
    const settings = new Map(bound.settings).set(knobName, settingOf(knobName, knob.off));
    const { network } = lower(analysis.program, { ...bound, settings });
    if (network === undefined) return [...cells, 'has errors', '', '', ''];
    if (sameGraph(base.network, network)) return [...cells, 'the same network', '', '', ''];
    const figured = figuresOf(network);
    const change = signed(figured.params - base.params);
    const macs = signed(figured.macs - base.macs);
    return [...cells, formatCount(figured.params), change, formatCount(figured.macs), macs];
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const variants = removableKnobs(bound.node).map(({ name: knob }) => {
    return `model ${variantName(name, knob.name)} = ${writtenName(name)} { ${writtenName(knob.name)} = off }`;
  });
  const whole = ['nothing', formatCount(base.params), '', formatCount(base.macs), ''];
  return [
    `# Ablations of ${escapeMarkdown(name)}`,
    '',
    `At ${patchText(base)}, batch size 1. Receptive field of the full model: ${fieldOf(analysis, name)}.`,
    '',
    line(['removed', 'parameters', 'change', 'MACs', 'change']),
    '| --- | ---: | ---: | ---: | ---: |',
    ...[whole, ...rows].map(line),
    '',
    'The corresponding variants:',
    '',
    '```unet',
    ...variants,
    '```',
    '',
  ].join('\n');
}

function fieldOf(analysis: Analysis, name: string): string {
  const model = analysis.modelNamed(name);
  const figured = model === undefined ? undefined : analysis.figuresOf(model);
  const result = figured === undefined ? undefined : buildReport(figured.network, figured.patch);
  return result?.ok === true ? formatField(result.report) : '';
}

/** `DALight3DNoCsa`: a name that begins with a capital, as model names must. */
function variantName(model: string, knob: string): string {
  const words = knob.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const camel = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return writtenName(`${model}No${camel}`);
}
