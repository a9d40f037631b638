/** The legend: the colours, lines, signs and short names that a diagram uses. */
import { fitText, textWidth } from '../../../text/text-width.js';
import { markSigns, tagExtent } from './card-size.js';
import { drawTag } from './draw-card.js';
import { strokes } from './draw-routes.js';
import type { Figure, Mark } from './figure.js';
import type { Layout } from './layout.js';
import { fontSize } from './measures.js';
import { kindName, layerKinds, markNames } from './palette.js';
import { line, rectangle, text, type Shape } from './scene.js';

interface Item {
  readonly label: string;
  /** The width of its symbol. */
  readonly width: number;
  readonly symbol: (x: number, y: number) => readonly Shape[];
}

const symbolWidth = 18;
const gap = { label: 6, item: 18 } as const;
const lineHeight = 20;

/** The legend in lines at most `width` wide. */
export function drawLegend(
  figure: Figure,
  layout: Layout,
  place: { readonly x: number; readonly y: number; readonly width: number },
): { readonly shapes: readonly Shape[]; readonly height: number; readonly width: number } {
  const shapes: Shape[] = [];
  let [x, y, widest] = [place.x, place.y, 0];
  for (const item of [...kindItems(figure), ...lineItems(layout), ...tagItems(figure), ...markItems(figure)]) {
    const before = item.width + gap.label;
    const label = fitText(item.label, place.width - before, fontSize.label);
    const end = before + textWidth(label, fontSize.label);
    if (x > place.x && x + end > place.x + place.width) [x, y] = [place.x, y + lineHeight];
    shapes.push(...item.symbol(x, y), text(label, { x: x + before, y: y + 12 }, { size: fontSize.label }));
    widest = Math.max(widest, x + end - place.x);
    x += end + gap.item;
  }
  y += lineHeight;
  for (const each of wrap([...shortNames(figure), ...figure.notes], place.width)) {
    const note = fitText(each, place.width, fontSize.small);
    shapes.push(text(note, { x: place.x, y: y + 12 }, { size: fontSize.small, colour: 'soft' }));
    widest = Math.max(widest, textWidth(note, fontSize.small));
    y += 16;
  }
  return { shapes, height: y - place.y, width: widest };
}

function rowsIn({ cards }: Figure) {
  return cards.filter(({ role }) => role === 'stage').flatMap(({ groups }) => groups.flatMap(({ rows }) => rows));
}

function kindItems(figure: Figure): readonly Item[] {
  const used = new Set(rowsIn(figure).flatMap(({ kind, mark }) => (mark === 'removed' ? [] : [kind])));
  return layerKinds()
    .filter((kind) => used.has(kind))
    .map((kind) => ({
      label: kindName(kind),
      width: symbolWidth,
      symbol: (x, y) => [
        rectangle({ x, y: y + 2, width: symbolWidth, height: 12 }, { corner: 2, fill: `${kind} fill` }),
        rectangle({ x, y: y + 2, width: 5, height: 12 }, { fill: `${kind} bar` }),
      ],
    }));
}

function lineItems({ routes }: Layout): readonly Item[] {
  if (!routes.some(({ kind }) => kind === 'skip')) return [];
  const ends = (x: number, y: number) => [
    { x, y: y + 8 },
    { x: x + symbolWidth, y: y + 8 },
  ];
  return [{ label: 'skip', width: symbolWidth, symbol: (x, y) => [line(ends(x, y), strokes.skip)] }];
}

function tagItems(figure: Figure): readonly Item[] {
  const names = [...new Set(rowsIn(figure).flatMap(({ reads }) => reads))];
  return names.map((name) => ({
    label: 'reads the identifier',
    width: tagExtent(name).width,
    symbol: (x, y) => drawTag(name, { x, y: y + 8 - tagExtent(name).height / 2 }),
  }));
}

function markItems(figure: Figure): readonly Item[] {
  const marks = figure.cards.flatMap((card) => [
    card.mark,
    ...card.groups.flatMap(({ rows }) => rows.map(({ mark }) => mark)),
  ]);
  return (Object.keys(markSigns) as Mark[])
    .filter((mark) => marks.includes(mark))
    .map((mark) => ({
      label: `${markNames[mark]} compared with ${figure.base ?? 'the base'}`,
      width: symbolWidth,
      symbol: (x, y) => [
        rectangle(
          { x: x + 0.75, y: y + 2, width: symbolWidth - 1.5, height: 12 },
          {
            corner: 2,
            fill: 'card ground',
            stroke: { colour: 'mark', width: 1.5, dash: mark === 'removed' ? [3, 2] : undefined },
          },
        ),
        text(
          markSigns[mark],
          { x: x + symbolWidth / 2, y: y + 12 },
          { size: fontSize.label, weight: 'bold', anchor: 'middle', colour: 'mark' },
        ),
      ],
    }));
}

/** The short names in the rows, spelt out. */
function shortNames(figure: Figure): readonly string[] {
  const texts = rowsIn(figure).map((row) => row.text);
  const names = [
    [/\bup-conv\b/, 'up-conv: transposed convolution'],
    [/\bBN\b/, 'BN: batch norm'],
    [/\bGN\(/, 'GN(g): group norm with g groups'],
    [/\bIN\b/, 'IN: instance norm'],
    [/\bLN\b/, 'LN: layer norm'],
    [/→ \d/, '→ n: n output channels, if different from the width of the block'],
  ] as const;
  return names.filter(([pattern]) => texts.some((each) => pattern.test(each))).map(([, name]) => name);
}

/** Notes joined by semicolons into lines of at most `width`; one that is longer is broken between words. */
function wrap(notes: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  const words = notes.flatMap((note, index) => `${note}${index < notes.length - 1 ? ';' : '.'}`.split(' '));
  for (const word of notes.length === 0 ? [] : words) {
    const last = lines.at(-1);
    const joined = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && textWidth(joined, fontSize.small) <= width) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}
