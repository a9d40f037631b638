/**
 * The layout of any other network: elkjs places the cards and routes the edges. It starts from positions that run from left
 * to right, with coarser resolutions lower, and keeps them where possible.
 */
import type { ELK, ELKConstructorArguments, ElkNode } from 'elkjs';
import { cardExtent } from './card-size.js';
import { depthsOf, isSkip, type Depths } from './depths.js';
import type { Figure } from './figure.js';
import type { Box, Layout, Route } from './layout.js';

const gapBetweenLevels = 90;
/** Wider than any card, so that two depths are never in one column. */
const columnWidth = 1000;

const spacing = {
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.nodeNode': '30',
};

/** Takes columns and rows from the initial positions of the cards. */
const interactive = {
  'elk.layered.layering.strategy': 'INTERACTIVE',
  'elk.layered.cycleBreaking.strategy': 'INTERACTIVE',
  'elk.layered.crossingMinimization.strategy': 'INTERACTIVE',
  'elk.layered.nodePlacement.strategy': 'INTERACTIVE',
};

/** Lays out a figure of any form. */
export async function layOutGraph(figure: Figure): Promise<Layout> {
  const depths = depthsOf(figure);
  const placed = await (await createElk()).layout(graphOf(figure, depths));
  const boxes = new Map<string, Box>(
    (placed.children ?? []).map(({ id, x = 0, y = 0, width = 0, height = 0 }) => [id, { x, y, width, height }]),
  );
  const routes: Route[] = (placed.edges ?? []).flatMap(({ sections = [] }, index) => {
    const [section] = sections;
    const edge = figure.edges[index];
    if (section === undefined || edge === undefined) return [];
    const kind = depths !== undefined && isSkip(figure, depths, edge) ? 'skip' : 'flow';
    return [{ edge, kind, points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] }];
  });
  return { boxes, routes, bands: [], width: placed.width ?? 0, height: placed.height ?? 0 };
}

/** The library is large, so it is loaded on demand. Its types do not show that its default export is a class. */
async function createElk(): Promise<ELK> {
  const loaded = await import('elkjs');
  const Elk = loaded.default as unknown as new (options?: ELKConstructorArguments) => ELK;
  return new Elk();
}

function graphOf(figure: Figure, depths: Depths | undefined): ElkNode {
  const tops = rowTops(figure);
  return {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'ORTHOGONAL',
      ...spacing,
      ...(depths === undefined ? {} : interactive),
    },
    children: figure.cards.map((card) => ({
      id: card.id,
      ...cardExtent(card),
      x: (depths?.get(card.id) ?? 0) * columnWidth,
      y: tops.get(card.level) ?? 0,
    })),
    edges: figure.edges.map(({ from, to }, index) => ({ id: `edge ${index}`, sources: [from], targets: [to] })),
  };
}

function rowTops({ cards }: Figure): ReadonlyMap<number, number> {
  const levels = [...new Set(cards.map(({ level }) => level))].sort((a, b) => a - b);
  const tops = new Map<number, number>();
  let y = 0;
  for (const level of levels) {
    tops.set(level, y);
    const heights = cards.filter((card) => card.level === level).map((card) => cardExtent(card).height);
    y += Math.max(...heights) + gapBetweenLevels;
  }
  return tops;
}
