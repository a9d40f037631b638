/** The legend: the colours, lines, signs and short names that a diagram uses. */
import { markSigns } from './card-size.js';
import type { Figure, Mark } from './figure.js';
import type { Layout } from './layout.js';
import { fontSize } from './measures.js';
import { ink, markColour, markNames, tones } from './palette.js';
import { element, text } from './svg.js';
import { fitText, textWidth } from '../../../text/text-width.js';
import type { LayerKind } from '../layers/label-op.js';

interface Item {
  readonly label: string;
  readonly symbol: (x: number, y: number) => readonly string[];
}

const symbolWidth = 24;
const lineHeight = 20;

/** The legend in lines at most `width` wide. */
export function drawLegend(
  figure: Figure,
  layout: Layout,
  place: { readonly x: number; readonly y: number; readonly width: number },
): { readonly parts: readonly string[]; readonly height: number; readonly width: number } {
  const parts: string[] = [];
  let [x, y, widest] = [place.x, place.y, 0];
  for (const item of [...kindItems(figure), ...lineItems(layout), ...markItems(figure)]) {
    const { symbol } = item;
    const label = fitText(item.label, place.width - symbolWidth - 18, fontSize.label);
    const width = symbolWidth + textWidth(label, fontSize.label) + 18;
    if (x > place.x && x + width > place.x + place.width) [x, y] = [place.x, y + lineHeight];
    parts.push(
      ...symbol(x, y),
      text(label, { x: x + symbolWidth, y: y + 12, 'font-size': fontSize.label, fill: ink.text }),
    );
    x += width;
    widest = Math.max(widest, x - place.x);
  }
  y += lineHeight;
  for (const line of wrap([...shortNames(figure), ...figure.notes], place.width)) {
    const note = fitText(line, place.width, fontSize.small);
    parts.push(text(note, { x: place.x, y: y + 12, 'font-size': fontSize.small, fill: ink.soft }));
    widest = Math.max(widest, textWidth(note, fontSize.small));
    y += 16;
  }
  return { parts, height: y - place.y, width: widest };
}

function rowsIn({ cards }: Figure) {
  return cards.filter(({ role }) => role === 'stage').flatMap(({ groups }) => groups.flatMap(({ rows }) => rows));
}

function kindItems(figure: Figure): readonly Item[] {
  const used = new Set(rowsIn(figure).flatMap(({ kind, mark }) => (mark === 'removed' ? [] : [kind])));
  return (Object.keys(tones) as LayerKind[])
    .filter((kind) => used.has(kind))
    .map((kind) => ({
      label: tones[kind].name,
      symbol: (x, y) => [
        element('rect', { x, y: y + 2, width: 18, height: 12, rx: 2, fill: tones[kind].fill }),
        element('rect', { x, y: y + 2, width: 5, height: 12, fill: tones[kind].bar }),
      ],
    }));
}

function lineItems({ routes }: Layout): readonly Item[] {
  if (!routes.some(({ kind }) => kind === 'skip')) return [];
  const line = (x: number, y: number): string =>
    element('path', {
      d: `M${x} ${y + 8}h18`,
      stroke: ink.skip,
      'stroke-width': 1.8,
      'stroke-dasharray': '6 3',
      fill: 'none',
    });
  return [{ label: 'skip', symbol: (x, y) => [line(x, y)] }];
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
      symbol: (x, y) => [
        element('rect', {
          x: x + 0.75,
          y: y + 2,
          width: 16,
          height: 12,
          rx: 2,
          fill: '#ffffff',
          stroke: markColour,
          'stroke-width': 1.5,
          'stroke-dasharray': mark === 'removed' ? '3 2' : undefined,
        }),
        text(markSigns[mark], {
          x: x + 8.75,
          y: y + 12,
          'font-size': fontSize.label,
          'font-weight': 'bold',
          'text-anchor': 'middle',
          fill: markColour,
        }),
      ],
    }));
}

/** The short names in the rows, spelt out. */
function shortNames(figure: Figure): readonly string[] {
  const texts = rowsIn(figure).map((row) => row.text);
  const names = [
    [/\bup-conv\b/, 'up-conv: transposed convolution'],
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
