import type { Network } from '../../ir/ir.js';
import { buildFigure, type FigureOptions } from './build-figure.js';
import { drawFigure } from './draw-figure.js';
import { layOutGraph } from './layout-graph.js';
import { layOutLevels } from './layout-levels.js';
import { layOutU } from './layout-u.js';
import type { Ground } from './palette.js';
import { renderSvg, type Theme } from './render-svg.js';
import { renderTikz } from './render-tikz.js';
import type { Scene } from './scene.js';

/**
 * Draws a network as one SVG document: a U if its stages are those of a U, otherwise its graph with a row for each
 * resolution. All text from the spec is escaped, and the document has no ids, so that it can be put into a page as it is.
 * The same network gives the same bytes.
 * @param options `theme` defaults to light
 * @throws if the patch is illegal, which is a bug of the caller
 */
export async function emitDiagram(
  network: Network,
  { theme = 'light', ...options }: FigureOptions & { readonly theme?: Theme },
): Promise<string> {
  return renderSvg(await sceneOf(network, options), theme);
}

/**
 * Draws a network as a LaTeX document with one TikZ picture, in the same layout as the SVG.
 * @param options `theme` defaults to light
 */
export async function emitTikz(
  network: Network,
  { theme = 'light', ...options }: FigureOptions & { readonly theme?: Ground },
): Promise<string> {
  return renderTikz(await sceneOf(network, options), theme);
}

async function sceneOf(network: Network, options: FigureOptions): Promise<Scene> {
  const figure = buildFigure(network, options);
  return drawFigure(figure, layOutU(figure) ?? layOutLevels(figure) ?? (await layOutGraph(figure)));
}
