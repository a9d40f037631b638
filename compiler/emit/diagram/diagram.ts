import type { Network } from '../../ir/ir.js';
import { buildFigure, type FigureOptions } from './build-figure.js';
import { layOutGraph } from './layout-graph.js';
import { layOutLevels } from './layout-levels.js';
import { layOutU } from './layout-u.js';
import { renderSvg } from './render-svg.js';

/**
 * Draws a network as one SVG document: a U if its stages are those of a U, otherwise its graph with a row for each
 * resolution. All text from the spec is escaped. The same network gives the same bytes.
 * @throws if the patch is illegal, which is a bug of the caller
 */
export async function emitDiagram(network: Network, options: FigureOptions): Promise<string> {
  const figure = buildFigure(network, options);
  return renderSvg(figure, layOutU(figure) ?? layOutLevels(figure) ?? (await layOutGraph(figure)));
}
