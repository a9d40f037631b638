import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildFigure } from '../../../../compiler/emit/diagram/build-figure.js';
import { cardExtent } from '../../../../compiler/emit/diagram/card-size.js';
import { emitDiagram } from '../../../../compiler/emit/diagram/diagram.js';
import type { Figure } from '../../../../compiler/emit/diagram/figure.js';
import { layOutGraph } from '../../../../compiler/emit/diagram/layout-graph.js';
import { layOutLevels } from '../../../../compiler/emit/diagram/layout-levels.js';
import { layOutU } from '../../../../compiler/emit/diagram/layout-u.js';
import type { Box, Layout, Point } from '../../../../compiler/emit/diagram/layout.js';
import { renderPng } from '../../../../text/render-png.js';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { lowerSpec } from '../../lowered.js';
import { lowerText } from '../../spec-text.js';
import { patchOf } from '../legal-patch.js';
import { allKinds, hostile } from '../tfjs/all-kinds.js';
import { gatedFromBelow, manyLevels, severalEncoders, twoInARow } from './networks.js';

function first(networks: readonly Network[]): Network {
  const [network] = networks;
  if (network === undefined) throw new Error('no network');
  return network;
}

const network = (file: string): Network => first(lowerSpec(file));
const figureOf = (each: Network, base?: Network): Figure => buildFigure(each, { patch: patchOf(each), base });

async function layOut(figure: Figure): Promise<Layout> {
  return layOutU(figure) ?? layOutLevels(figure) ?? (await layOutGraph(figure));
}

const drawn: readonly (readonly [string, () => Network, 'u' | 'levels' | 'graph'])[] = [
  ['DALight-3D', () => network('dalight3d.unet'), 'u'],
  ['a 3-D U-Net', () => network('unet3d.unet'), 'u'],
  ['the Attention U-Net', () => network('attention-unet3d.unet'), 'u'],
  ['the residual U-Net', () => network('residual-unet3d.unet'), 'u'],
  ['the V-Net', () => network('vnet3d.unet'), 'u'],
  ['the U-Net of 2015', () => network('unet2d-2015.unet'), 'u'],
  ['seven levels with deep supervision', () => lowerText(manyLevels(7)), 'u'],
  ['two levels', () => lowerText(manyLevels(2)), 'u'],
  ['gates led from below', () => lowerText(gatedFromBelow), 'u'],
  ['U-Net++', () => network('unet-plus-plus.unet'), 'levels'],
  ['UNETR', () => network('unetr.unet'), 'levels'],
  ['two U-Nets in a row', () => lowerText(twoInARow), 'levels'],
  ['two encoders', () => lowerText(severalEncoders), 'graph'],
];

describe.each(drawn)('the diagram of %s', (_, make, form) => {
  const shown = make();
  const figure = figureOf(shown);

  it('has every parameter on a card, and every card that feeds another joined to it', () => {
    const counted = weightsOf(shown).reduce((sum, { shape }) => sum + shape.reduce((size, each) => size * each, 1), 0);
    expect(figure.cards.reduce((sum, { params }) => sum + params, 0)).toBe(counted);
    const ids = new Set(figure.cards.map(({ id }) => id));
    expect(ids.size).toBe(figure.cards.length);
    const reached = new Set([figure.cards[0]!.id]);
    for (const id of reached) {
      for (const { from, to } of figure.edges) if (from === id || to === id) reached.add(from).add(to);
    }
    expect(reached).toEqual(ids);
  });

  it('is laid out by what the network says', () => {
    const found = layOutU(figure) !== undefined ? 'u' : layOutLevels(figure) !== undefined ? 'levels' : 'graph';
    expect(found).toBe(form);
  });

  it('keeps cards apart, and edges clear of the cards they do not join', async () => {
    const layout = await layOut(figure);
    const boxes = [...layout.boxes];
    expect(boxes).toHaveLength(figure.cards.length);
    for (const [index, [id, box]] of boxes.entries()) {
      expect({ id, inside: box.x >= 0 && box.y >= 0 && box.x + box.width <= layout.width + 1 }).toEqual({
        id,
        inside: true,
      });
      expect(box.y + box.height).toBeLessThanOrEqual(layout.height + 1);
      expect(
        boxes
          .slice(index + 1)
          .filter(([, other]) => overlap(box, other))
          .map(([other]) => [id, other]),
      ).toEqual([]);
    }
    expect(layout.routes).toHaveLength(figure.edges.length);
    for (const { edge, points } of layout.routes) {
      const crossed = boxes.filter(([id, box]) => id !== edge.from && id !== edge.to && crosses(points, box));
      expect({ edge, crossed: crossed.map(([id]) => id) }).toEqual({ edge, crossed: [] });
      expect(touches(points[0], layout.boxes.get(edge.from))).toBe(true);
      expect(touches(points.at(-1), layout.boxes.get(edge.to))).toBe(true);
    }
  });

  it('is SVG that a strict parser reads, the same bytes each time', async () => {
    const svg = await emitDiagram(shown, { patch: patchOf(shown) });
    expect(await emitDiagram(make(), { patch: patchOf(shown) })).toBe(svg);
    expect(pngSize(await renderPng(svg, 0.25)).width).toBeGreaterThan(100);
  });
});

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Whether a way leads through the inside of a box. */
function crosses(points: readonly Point[], box: Box): boolean {
  const inner = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
  return points.slice(1).some((end, index) => {
    const start = points[index] ?? end;
    const part = {
      x: Math.min(start.x, end.x),
      y: Math.min(start.y, end.y),
      width: Math.max(Math.abs(end.x - start.x), 0.01),
      height: Math.max(Math.abs(end.y - start.y), 0.01),
    };
    return overlap(part, inner);
  });
}

function touches(point: Point | undefined, box: Box | undefined): boolean {
  if (point === undefined || box === undefined) return false;
  const isInside = point.x >= box.x - 1 && point.x <= box.x + box.width + 1;
  return isInside && point.y >= box.y - 1 && point.y <= box.y + box.height + 1;
}

function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  expect([...bytes.slice(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function rows(figure: Figure, id: string): string[] {
  const card = figure.cards.find((each) => each.id === id);
  return (card?.groups ?? []).flatMap(({ times, rows: own }) =>
    own.map(({ text }) => `${times > 1 ? `${times} × ` : ''}${text}`),
  );
}

describe('a card', () => {
  it('says what its block is made of, in the words of the field', () => {
    expect(rows(figureOf(network('dalight3d.unet')), 'encoder.level2')).toEqual([
      'separable conv · identifier norm · GELU',
      'separable conv · identifier norm',
      'squeeze excite',
      'cross slice attention',
      'conv 1³ · GN(8)',
      'add · GELU',
    ]);
    expect(rows(figureOf(network('unetr.unet')), 'z.chain.2')).toEqual([
      '3 × LN · attend, heads 12 · add',
      '3 × LN · linear → 3072 · GELU',
      '3 × linear',
      '3 × add',
    ]);
    expect(rows(figureOf(network('unet2d-2015.unet')), 'decoder.fuse0')).toEqual(['crop', 'concat']);
  });

  it('tells blocks that repeat once, from one sum to the next', () => {
    expect(rows(figureOf(lowerText(manyLevels(4))), 'encoder.level2').slice(-4)).toEqual([
      'add · ReLU',
      '2 × conv 3³ · GN(8) · ReLU',
      '2 × conv 3³ · GN(8)',
      '2 × add · ReLU',
    ]);
  });

  it('gives shapes at the patch, and is never narrower than its text', () => {
    const figure = figureOf(network('unetr.unet'));
    expect(figure.cards.find(({ id }) => id === 'z.chain.1')?.shape).toBe('768 × 216');
    expect(figure.cards.find(({ id }) => id === 'd3')?.shape).toBe('128 × 12³');
    for (const card of figure.cards) expect(cardExtent(card).width).toBeGreaterThan(40);
  });
});

describe('the marks of a variant', () => {
  const base = network('dalight3d.unet');
  const marked = (file: string): Figure => figureOf(network(file), base);
  const marks = (figure: Figure): string[] =>
    figure.cards.flatMap((card) => [
      ...(card.mark === undefined ? [] : [`${card.id} ${card.mark}`]),
      ...card.groups.flatMap(({ rows: own }) =>
        own.flatMap(({ mark, text }) => (mark === undefined ? [] : [`${card.id} ${mark} ${text}`])),
      ),
    ]);

  it('stand where something is gone', () => {
    expect(marks(marked('ablations/no-csa.unet'))).toEqual([
      'encoder.level2 removed cross slice attention',
      'encoder.level3 removed cross slice attention',
    ]);
    expect(rows(marked('ablations/no-csa.unet'), 'encoder.level2').slice(2, 5)).toEqual([
      'squeeze excite',
      'cross slice attention',
      'conv 1³ · GN(8)',
    ]);
  });

  it('stand on what is replaced, beside what it replaces', () => {
    const found = marks(marked('ablations/no-ssfb.unet'));
    expect(new Set(found.map((mark) => mark.split(' ')[0]))).toEqual(new Set(['decoder.fuse1', 'decoder.fuse0']));
    expect(found).toContain('decoder.fuse1 removed low rank attention, rank 8');
    expect(marks(marked('ablations/no-sepconv.unet'))).toHaveLength(12);
  });

  it('count the parameters, and there are none without a difference', () => {
    const figure = marked('ablations/no-sepconv.unet');
    expect(figure.moreParams).toBe(6_979_608);
    expect(figure.cards.reduce((sum, { moreParams }) => sum + moreParams, 0)).toBe(6_979_608);
    expect(marks(figureOf(base, base))).toEqual([]);
  });

  it('stand on every card that a change reaches, each with its own parameters', () => {
    const figure = figureOf(network('unetr.unet'), network('unet-plus-plus.unet'));
    const layers = figure.cards.filter(({ id }) => id.startsWith('z.chain.'));
    expect(layers.map(({ id, mark, moreParams }) => [id, mark, moreParams])).toEqual(
      [1, 2, 3, 4].map((number) => [`z.chain.${number}`, 'added', 21_256_704]),
    );
  });

  it('are signs and words in the legend, not colours alone', async () => {
    const svg = await emitDiagram(network('ablations/no-csa.unet'), { patch: [64, 64, 64], base });
    expect(svg).toContain('>− cross slice attention<');
    expect(svg).toContain('removed compared with DALight3D');
  });
});

describe('the picture in the docs', () => {
  it('is what its command draws', async () => {
    const svg = await emitDiagram(network('ablations/no-csa.unet'), {
      patch: [64, 64, 64],
      base: network('dalight3d.unet'),
    });
    const file = path.resolve(import.meta.dirname, '../../../../docs/pictures/no-csa.svg');
    // Not `toBe`, which would print both.
    expect({ isCurrent: readFileSync(file, 'utf8') === svg }).toEqual({ isCurrent: true });
  });
});

describe('hostile names', () => {
  it('are shown and never act', async () => {
    const svg = await emitDiagram(hostile(), { patch: [4, 4] });
    expect(svg).not.toMatch(/<(script|image|foreignObject|a|style|use)\b/i);
    expect(svg).not.toMatch(/ on[a-z]+=/i);
    expect(svg.trimEnd()).not.toMatch(/[\p{Cc}\u202E]/u);
    expect(pngSize(await renderPng(svg, 0.5)).width).toBeGreaterThan(100);
  });

  it('and every kind of operation are drawn', async () => {
    const svg = await emitDiagram(allKinds(), { patch: [8, 6] });
    expect(pngSize(await renderPng(svg, 0.5)).height).toBeGreaterThan(100);
  });
});

describe('a PNG', () => {
  it('has the size of its SVG times the scale', async () => {
    const svg = await emitDiagram(network('unet3d.unet'), { patch: [64, 64, 64] });
    const [width = 0, height = 0] = [/ width="(\d+)"/, / height="(\d+)"/].map((size) => Number(size.exec(svg)?.[1]));
    expect(pngSize(await renderPng(svg, 2))).toEqual({ width: 2 * width, height: 2 * height });
  });
});
