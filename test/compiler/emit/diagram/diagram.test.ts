import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildFigure } from '../../../../compiler/emit/diagram/build-figure.js';
import { cardExtent } from '../../../../compiler/emit/diagram/card-size.js';
import { emitDiagram, emitTikz } from '../../../../compiler/emit/diagram/diagram.js';
import type { Figure } from '../../../../compiler/emit/diagram/figure.js';
import { layOutGraph } from '../../../../compiler/emit/diagram/layout-graph.js';
import { layOutLevels } from '../../../../compiler/emit/diagram/layout-levels.js';
import { layOutU } from '../../../../compiler/emit/diagram/layout-u.js';
import { centreX, centreY, type Box, type Layout, type Point } from '../../../../compiler/emit/diagram/layout.js';
import { colourOn, colours, layerKinds, type Colour } from '../../../../compiler/emit/diagram/palette.js';
import { labelOp } from '../../../../compiler/emit/layers/label-op.js';
import { textWidth } from '../../../../text/text-width.js';
import { renderPng } from '../../../../text/render-png.js';
import { weightsOf, type Network } from '../../../../compiler/ir/ir.js';
import { lowerSpec } from '../../lowered.js';
import { lowerText } from '../../spec-text.js';
import { patchOf } from '../legal-patch.js';
import { allKinds, hostile } from '../tfjs/all-kinds.js';
import { gatedFromBelow, manyLevels, severalEncoders, severalEnds, twoInARow } from './networks.js';

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
  ['two heads, and steps of several layers', () => lowerText(severalEnds), 'u'],
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
    for (const { id } of figure.cards.filter(({ role }) => role === 'identifier')) ids.delete(id);
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

  it('has arrows that start in the middle of a side, and outputs at their ends', async () => {
    const layout = await layOut(figure);
    for (const { edge, points } of form === 'u' ? layout.routes : []) {
      expect({ edge, isCentred: isCentred(points[0], layout.boxes.get(edge.from)) }).toEqual({ edge, isCentred: true });
    }
    for (const { id } of figure.cards.filter(({ role }) => role === 'output')) {
      expect(figure.edges.filter(({ from }) => from === id)).toEqual([]);
      const beyond = [...layout.boxes.values()].filter((box) => {
        const own = layout.boxes.get(id)!;
        return form === 'u' ? box.y + box.height <= own.y : box.x >= own.x + own.width;
      });
      expect(beyond).toEqual([]);
    }
  });

  it.runIf(form === 'u')('has the bottom of the U in its middle, under the last fusion', () => {
    const { boxes } = layOutU(figure)!;
    const levels = [...boxes.keys()].filter((id) => /^encoder\.level\d+$/.test(id)).length;
    const [bottom, fusion] = [boxes.get(`encoder.level${levels - 1}`)!, boxes.get(`decoder.fuse${levels - 2}`)!];
    expect(centreX(bottom)).toBeCloseTo(centreX(fusion));
    const halves = [...boxes].filter(([id]) => /^(en|de)coder\./.test(id)).map(([, box]) => box);
    const [left, right] = [Math.min(...halves.map(({ x }) => x)), Math.max(...halves.map(({ x, width }) => x + width))];
    expect(Math.abs(centreX(bottom) - (left + right) / 2)).toBeLessThanOrEqual(16);
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

function isCentred(point: Point | undefined, box: Box | undefined): boolean {
  if (point === undefined || box === undefined) return false;
  return Math.abs(point.x - centreX(box)) < 1 || Math.abs(point.y - centreY(box)) < 1;
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

describe('an identifier', () => {
  it('has a card, and a tag in every row that reads it', () => {
    const figure = figureOf(network('dalight3d.unet'));
    expect(figure.cards.find(({ id }) => id === 'site')?.shape).toBe('identifier, 8 values');
    const rowsOfAll = figure.cards.flatMap(({ groups }) => groups.flatMap((each) => each.rows));
    const reading = rowsOfAll.filter(({ reads }) => reads.includes('site'));
    expect(reading).toHaveLength(14);
    expect(reading).toEqual(rowsOfAll.filter(({ text }) => text.includes('identifier norm')));
  });

  it('is tagged where a selected row of a table is used by another layer, and drawn in every layout', async () => {
    const text = `
      block scaled(id: identifier) {
        x: [C, ...S]
        param gains: [id.count, C] = 1
        let gain = pick(gains, id)
        (x -> conv(C, 3)) * gain
      }
      model Sited {
        input scan: image(CT)[H, W]
        input site: identifier(3)
        output mask: classes(a, b)
        let x = scan -> conv(8, 3)
        let y = concat(x, x -> scaled(site))
        mask = y -> conv(mask.classes, 1)
      }`;
    const figure = figureOf(lowerText(text));
    expect(
      figure.cards.find(({ id }) => id === 'y')?.groups.flatMap((each) => each.rows.map(({ reads }) => reads)),
    ).toContainEqual(['site']);
    expect(layOutLevels(figure)?.boxes.has('site')).toBe(true);
    expect((await layOutGraph(figure)).boxes.has('site')).toBe(true);
  });
});

describe('the bands', () => {
  it('give the sizes at which the path enters and leaves a level of unpadded convolutions, as in the paper of 2015', () => {
    const { bands } = layOutU(buildFigure(network('unet2d-2015.unet'), { patch: [572, 572] }))!;
    expect(bands.map(({ label }) => label.join(' '))).toEqual([
      '572² → 388²',
      '284² → 196²',
      '140² → 100²',
      '68² → 52²',
      '32² → 28²',
    ]);
  });

  it('keep a level together in free bodies too, where unpadded convolutions lose almost half of the positions', () => {
    const shrinking = Array.from({ length: 10 }, () => 'conv(4, 3, pad: 0)').join(' -> ');
    const figure = figureOf(
      lowerText(`model Shrinking {
        input scan: image(CT)[H = 64, W = 64]
        output mask: classes(a, b)
        let x = scan -> ${shrinking} -> conv(4, 3, pad: 0)
        mask = x -> conv(mask.classes, 1)
      }`),
    );
    expect(figure.cards.map(({ level }) => level)).toEqual([0, 0, 0, 0]);
    expect(layOutLevels(figure)?.bands.map(({ label }) => label)).toEqual([['64²', '→ 42²']]);
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

describe('the colours', () => {
  const shown = network('ablations/no-ssfb.unet');
  const options = { patch: [64, 64, 64], base: network('dalight3d.unet') };

  it('of the theme auto are light, and dark where the reader prefers that, for each that is used', async () => {
    const svg = await emitDiagram(shown, { ...options, theme: 'auto' });
    const styles = svg.match(/<style>.*?<\/style>/g)!;
    expect(styles).toHaveLength(1);
    const used = new Set([...svg.matchAll(/ class="([^"]+)"/g)].flatMap(([, names = '']) => names.split(' ')));
    used.delete('unet-diagram');
    const changed = [...styles[0].matchAll(/\.unet-diagram \.([a-z-]+)\{/g)].map(([, name]) => name);
    expect(new Set(changed)).toEqual(used);
    expect(styles[0]).toContain('@media screen and (prefers-color-scheme:dark)');
    const plain = svg.replace(/<style>.*?<\/style>/, '').replace(/ class="[^"]+"/g, '');
    expect(plain).toBe(await emitDiagram(shown, options));
  });

  it('leave a dark diagram without a light one', async () => {
    const dark = await emitDiagram(shown, { ...options, theme: 'dark' });
    const light = await emitDiagram(shown, { ...options, theme: 'light' });
    const fills = (svg: string): Set<string> => new Set(svg.match(/#[0-9a-f]{6}/g));
    for (const colour of fills(dark)) {
      const isBar = [...colours].some(([name, [, each]]) => each === colour && name.endsWith(' bar'));
      if (!isBar) expect(fills(light)).not.toContain(colour);
    }
  });

  it.each(['light', 'dark'] as const)('have enough contrast for text, and for marks, on a %s ground', (ground) => {
    const on = (colour: Colour): string => colourOn(ground, colour);
    for (const paper of ['paper', 'band', 'card ground', 'input ground'] as const) {
      expect(contrast(on('text'), on(paper))).toBeGreaterThan(4.5);
      expect(contrast(on('soft'), on(paper))).toBeGreaterThan(4.5);
      expect(contrast(on('line'), on(paper))).toBeGreaterThan(3);
      expect(contrast(on('skip'), on(paper))).toBeGreaterThan(3);
    }
    for (const kind of layerKinds()) {
      expect({ kind, ok: contrast(on('text'), on(`${kind} fill`)) > 4.5 }).toEqual({ kind, ok: true });
      expect({ kind, ok: contrast(on('mark'), on(`${kind} fill`)) > 4.5 }).toEqual({ kind, ok: true });
      expect({ kind, ok: contrast(on('soft'), on(`${kind} fill`)) > 4.5 }).toEqual({ kind, ok: true });
    }
  });

  it('come with widths for texts, which other fonts may set wider', async () => {
    const svg = await emitDiagram(shown, options);
    const lengths = [...svg.matchAll(/<text [^>]*font-size="([\d.]+)"([^>]*) textLength="([\d.]+)"[^>]*>([^<&]+)</g)];
    expect(lengths.length).toBe(svg.match(/<text (?:(?!&)[^>]|&)*>[^<&]+</g)!.length);
    for (const [, size, rest = '', length, content = ''] of lengths) {
      const weight = rest.includes('font-weight="bold"') ? 'bold' : 'regular';
      expect(Number(length)).toBeCloseTo(textWidth(content, Number(size), weight), 1);
    }
    const other = lowerText(twoInARow.replace('CT', '`网`'));
    expect(await emitDiagram(other, { patch: [64, 64] })).toMatch(/<text (?![^>]*textLength)[^>]*>网</);
  });

  it('and arrow heads need no ids, so that two diagrams fit into one page', async () => {
    expect(await emitDiagram(shown, { ...options, theme: 'auto' })).not.toMatch(/ id=|url\(|xlink|href/);
  });
});

/** The contrast of two colours as WCAG 2.2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
      const part = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe('the legend', () => {
  it('spells out every label that is an abbreviation', async () => {
    const abbreviations = new Set<string>();
    for (const op of allKinds().ops) {
      const short = /^[A-Z]{2}\b/.exec(labelOp(op))?.[0];
      if (short !== undefined) abbreviations.add(short);
    }
    expect([...abbreviations]).toEqual(expect.arrayContaining(['GN', 'IN', 'LN']));
    const svg = await emitDiagram(allKinds(), { patch: [8, 6] });
    for (const short of abbreviations) expect(svg).toMatch(new RegExp(`${short}(\\(g\\))?: [a-z]+ norm`));
  });
});

describe('TikZ', () => {
  const missing = spawnSync('pdflatex', ['--version']).error !== undefined;

  it('has the texts of the SVG, as ASCII, and only commands of its own', async () => {
    const tex = await emitTikz(hostile(), { patch: [4, 4] });
    expect(tex).not.toMatch(/[^\n -~]/);
    expect(tex.replace(/\\[a-z]+\{\}|\\[{}$&%#_]/g, '')).not.toMatch(/\\(input|write|immediate|openout|def|catcode)\b/);
    const shown = network('ablations/no-csa.unet');
    const options = { patch: [64, 64, 64], base: network('dalight3d.unet') };
    const drawnTex = await emitTikz(shown, options);
    const svgTexts = (await emitDiagram(shown, options)).match(/<text /g)!.length;
    expect(drawnTex.match(/\\node\[/g)).toHaveLength(svgTexts);
    expect(drawnTex).toContain('{\\ensuremath{-} cross slice attention}');
  });

  it.skipIf(missing)(`compiles${missing ? ' (skipped: there is no pdflatex on this machine)' : ''}`, async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'unet-tikz-'));
    try {
      writeFileSync(path.join(folder, 'net.tex'), await emitTikz(hostile(), { patch: [4, 4] }));
      const args = ['-halt-on-error', '-no-shell-escape', 'net.tex'];
      const { status, stdout } = spawnSync('pdflatex', args, { cwd: folder, encoding: 'utf8' });
      expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' });
      expect(existsSync(path.join(folder, 'net.pdf'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('hostile names', () => {
  it('are shown and never act', async () => {
    const svg = await emitDiagram(hostile(), { patch: [4, 4] });
    expect(svg).not.toMatch(/<(script|image|foreignObject|a|style|use)\b/i);
    const auto = await emitDiagram(hostile(), { patch: [4, 4], theme: 'auto' });
    expect(auto.replace(/<style>[\w\s@:.,#(){}-]*<\/style>/, '').replace(/ class="[\w\s-]*"/g, '')).toBe(svg);
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
