/**
 * Any other network: what lies at one resolution in one row, the way through it from left to right. elkjs orders and
 * spaces the cards and finds ways for the edges; where each card belongs is read off the network.
 */
import type { ELK, ELKConstructorArguments, ElkNode } from 'elkjs';
import { cardExtent } from './card-size.js';
import type { Card, Figure } from './figure.js';
import type { Band, Box, Layout, Route } from './layout.js';

/** Lays out a figure of any form. */
export async function layOutGraph(figure: Figure): Promise<Layout> {
  const { default: loaded } = await import('elkjs');
  const Elk = loaded as unknown as new (options?: ELKConstructorArguments) => ELK;
  const column = columnsOf(figure);
  const tops = rowTops(figure);
  const graph: ElkNode = {
    id: 'root',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.layered.layering.strategy': 'INTERACTIVE',
      'elk.layered.cycleBreaking.strategy': 'INTERACTIVE',
      'elk.layered.crossingMinimization.strategy': 'INTERACTIVE',
      'elk.layered.nodePlacement.strategy': 'INTERACTIVE',
      'elk.layered.spacing.nodeNodeBetweenLayers': '28',
      'elk.layered.spacing.edgeNodeBetweenLayers': '14',
      'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
      'elk.spacing.edgeNode': '14',
      'elk.spacing.edgeEdge': '10',
      'elk.spacing.nodeNode': '30',
    },
    children: figure.cards.map((card) => ({
      id: card.id,
      ...cardExtent(card),
      x: (column.get(card.id) ?? 0) * 1000,
      y: (tops.get(card.level) ?? 0) + 60,
    })),
    edges: figure.edges.map(({ from, to }, index) => ({ id: `e${index}`, sources: [from], targets: [to] })),
  };
  const placed = await new Elk().layout(graph);
  const boxes = new Map<string, Box>(
    (placed.children ?? []).map(({ id, x = 0, y = 0, width = 0, height = 0 }) => [id, { x, y, width, height }]),
  );
  const routes: Route[] = (placed.edges ?? []).flatMap((edge, index) => {
    const [section] = edge.sections ?? [];
    const own = figure.edges[index];
    if (section === undefined || own === undefined) return [];
    return [{ edge: own, kind: 'flow', points: [section.startPoint, ...(section.bendPoints ?? []), section.endPoint] }];
  });
  return { boxes, routes, bands: bandsOf(figure, boxes), width: placed.width ?? 0, height: placed.height ?? 0 };
}

/** How many cards lie before each on the longest way. */
function columnsOf({ cards, edges }: Figure): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const { id } of cards) {
    const before = edges.filter(({ to }) => to === id).map(({ from }) => columns.get(from) ?? -1);
    columns.set(id, Math.max(-1, ...before) + 1);
  }
  return columns;
}

function rowTops({ cards }: Figure): ReadonlyMap<number, number> {
  const levels = [...new Set(cards.map(({ level }) => level))].sort((a, b) => a - b);
  const tops = new Map<number, number>();
  let y = 0;
  for (const level of levels) {
    tops.set(level, y);
    y += Math.max(...cards.filter((card) => card.level === level).map((card) => cardExtent(card).height)) + 90;
  }
  return tops;
}

function bandsOf(_figure: Figure, _boxes: ReadonlyMap<string, Box>): readonly Band[] {
  return [];
}

export type { Card };
