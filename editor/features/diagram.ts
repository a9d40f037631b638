import type { ModelNode, VariantNode } from '../../grammar/ast.js';
import type { Analysis } from '../analysis.js';
import type { DiagramAnswer, DiagramParams } from '../command-names.js';
import type { Figured } from '../figures.js';
import { toOffset } from '../text/positions.js';

/** Draws a model of a file at its default patch, for light and dark pages; undefined if the file has no models. */
export async function diagramOf(analysis: Analysis, wanted: DiagramParams): Promise<DiagramAnswer | undefined> {
  const model = chosen(analysis, wanted);
  if (model === undefined) return undefined;
  const figured = analysis.figuresOf(model);
  const svg = figured === undefined ? null : await draw(figured);
  return { model: model.name.name, models: named(analysis).map(({ name }) => name.name), svg };
}

/** The code that draws is loaded with the first diagram. */
async function draw({ network, patch }: Figured): Promise<string> {
  const { emitDiagram } = await import('../../compiler/emit/diagram/diagram.js');
  return emitDiagram(network, { patch, theme: 'auto' });
}

function chosen(analysis: Analysis, { model, position }: DiagramParams): ModelNode | VariantNode | undefined {
  const models = named(analysis);
  const source = analysis.fileOf(analysis.root)?.source;
  const offset = position === undefined || source === undefined ? undefined : toOffset(source, position);
  const around = models.find(({ span }) => offset !== undefined && span.start <= offset && offset <= span.end);
  return models.find(({ name }) => name.name === model) ?? around ?? models[0];
}

function named(analysis: Analysis): readonly (ModelNode | VariantNode)[] {
  return analysis.models.filter(({ name }) => name.name !== '');
}
