import type { Network } from '../../ir/ir.js';
import { buildFigure, type FigureOptions } from './build-figure.js';
import { layOutGraph } from './layout-graph.js';
import { layOutLevels } from './layout-levels.js';
import { layOutU } from './layout-u.js';
import { renderSvg } from './render-svg.js';

/**
 * A network as people draw it, as one SVG document: a U where its stages are those of a U, else its graph with a row for
 * each resolution. Every text of the spec is escaped. The same network gives the same bytes.
 * @throws where the patch is illegal, which is a fault of the caller
 */
export async function emitDiagram(network: Network, options: FigureOptions): Promise<string> {
  const figure = buildFigure(network, options);
  return renderSvg(figure, layOutU(figure) ?? layOutLevels(figure) ?? (await layOutGraph(figure)));
}
