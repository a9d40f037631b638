import type { CodeLens } from 'vscode-languageserver';
import type { ModelNode, StudyNode, VariantNode } from '../../grammar/ast.js';
import { baseOf } from '../../compiler/program/program.js';
import { formatCount } from '../../text/count.js';
import type { Analysis } from '../analysis.js';
import { lensCommands, type NamedModel, type NamedStudy } from '../command-names.js';
import { uriOf } from '../text/paths.js';
import { signed } from '../figures.js';
import { toRange } from '../text/positions.js';
import { jobsText, studyOf } from './studies.js';

/**
 * Above each model its parameters, its diagram and, if knobs can be removed, its ablations; above each variant its difference; above
 * each study its jobs.
 */
export function codeLenses(analysis: Analysis): CodeLens[] {
  const models = analysis.models.flatMap((model) => lensesOf(analysis, model));
  return [...models, ...analysis.studies.flatMap((study) => studyLenses(analysis, study))];
}

function studyLenses(analysis: Analysis, node: StudyNode): readonly CodeLens[] {
  const study = node.name.name === '' ? undefined : studyOf(analysis, node);
  if (study === undefined) return [];
  const named: NamedStudy = { uri: uriOf(analysis.root), study: node.name.name };
  const command = { title: jobsText(study), command: lensCommands.study, arguments: [named] };
  return [{ range: toRange(node.name.span), command }];
}

function lensesOf(analysis: Analysis, model: ModelNode | VariantNode): readonly CodeLens[] {
  if (model.name.name === '') return [];
  const range = toRange(model.name.span);
  const named: NamedModel = { uri: uriOf(analysis.root), model: model.name.name };
  const lens = (title: string, command: string, ...given: readonly NamedModel[]): CodeLens => {
    return { range, command: { title, command, arguments: [...given] } };
  };
  const figured = analysis.figuresOf(model);
  const base = model.kind === 'Variant' ? baseOf(analysis.program.bindings, model) : undefined;
  const baseFigured = base === undefined ? undefined : analysis.figuresOf(base);
  const lenses: CodeLens[] = [];
  if (figured !== undefined) {
    const change = baseFigured === undefined ? '' : ` (${signed(figured.params - baseFigured.params)})`;
    lenses.push(lens(`${formatCount(figured.params)} parameters${change}`, lensCommands.report, named));
    lenses.push(lens('diagram', lensCommands.diagram, named));
  }
  if (model.kind === 'Model' && figured !== undefined && removableKnobs(model).length > 0) {
    lenses.push(lens('ablate', lensCommands.ablate, named));
  }
  if (base !== undefined) {
    const other: NamedModel = { uri: uriOf(base.span.source.path), model: base.name.name };
    lenses.push(lens('diff against base', lensCommands.diff, other, named));
  }
  return lenses;
}

/** Knobs with an `off` value. */
export function removableKnobs(model: ModelNode) {
  return model.members.filter((member) => member.kind === 'Knob').filter(({ off }) => off !== undefined);
}
