import { formatCount } from '../../../text/count.js';
import { fitText, textWidth } from '../../../text/text-width.js';
import { formatDifference } from '../printable.js';
import { drawCard } from './draw-card.js';
import { drawRoute } from './draw-routes.js';
import type { Figure } from './figure.js';
import type { Layout } from './layout.js';
import { drawLegend } from './legend.js';
import { fontSize, measure } from './measures.js';
import { group, rectangle, text, type Scene, type Shape } from './scene.js';

const headHeight = 46;
const gapAboveLegend = 18;

/** Draws a figure at its places. */
export function drawFigure(figure: Figure, layout: Layout): Scene {
  const { margin } = measure;
  const heading = headingOf(figure);
  const content = Math.max(layout.width, Math.min(heading.width, measure.widestHeading), measure.narrowest);
  const below = margin + headHeight + layout.height + gapAboveLegend;
  const legend = drawLegend(figure, layout, { x: margin, y: below, width: content });
  const width = Math.ceil(Math.max(content, legend.width) + 2 * margin);
  const height = Math.ceil(below + legend.height + margin);
  const body = [
    ...drawBands(layout, content),
    ...layout.routes.map(drawRoute),
    ...figure.cards.flatMap((card) => {
      const box = layout.boxes.get(card.id);
      return box === undefined ? [] : [drawCard(card, box)];
    }),
  ];
  return {
    title: figure.title,
    width,
    height,
    shapes: [
      rectangle({ x: 0, y: 0, width, height }, { fill: 'paper' }),
      ...drawHeading(heading, content),
      group(body, { shift: { x: margin, y: margin + headHeight } }),
      ...legend.shapes,
    ],
  };
}

interface Heading {
  readonly title: string;
  readonly facts: string;
  readonly width: number;
}

function headingOf(figure: Figure): Heading {
  const title = `${figure.title}${figure.base === undefined ? '' : ` compared with ${figure.base}`}`;
  const more = figure.moreParams === 0 ? '' : ` (${formatDifference(figure.moreParams)})`;
  const axes = figure.patch.replace(/ = \d+/g, '').replaceAll(', ', ' × ');
  const facts = `${formatCount(figure.params)} parameters${more} · shapes are channels × ${axes} at a patch of ${figure.patch}`;
  const widths = [textWidth(title, fontSize.heading, 'bold'), textWidth(facts, fontSize.label)];
  return { title, facts, width: Math.ceil(Math.max(...widths)) };
}

function drawHeading({ title, facts }: Heading, width: number): readonly Shape[] {
  const { margin } = measure;
  return [
    text(
      fitText(title, width, fontSize.heading, 'bold'),
      { x: margin, y: margin + 14 },
      { size: fontSize.heading, weight: 'bold' },
    ),
    text(
      fitText(facts, width, fontSize.label),
      { x: margin, y: margin + 32 },
      { size: fontSize.label, colour: 'soft' },
    ),
  ];
}

const labelLine = 14;

function drawBands({ bands }: Layout, width: number): readonly Shape[] {
  return bands.flatMap(({ label, top, bottom }) => [
    rectangle({ x: 0, y: top, width, height: bottom - top }, { corner: measure.corner, fill: 'band' }),
    ...label.map((each, index) =>
      text(
        each,
        { x: measure.labelInset, y: top + 18 + index * labelLine },
        { size: fontSize.label, weight: 'bold', colour: 'soft' },
      ),
    ),
  ]);
}
