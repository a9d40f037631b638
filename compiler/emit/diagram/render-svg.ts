import { formatCount } from '../../../text/count.js';
import { formatDifference } from '../printable.js';
import { drawCard } from './draw-card.js';
import { arrowHeads, drawRoute } from './draw-routes.js';
import type { Figure } from './figure.js';
import type { Layout } from './layout.js';
import { drawLegend } from './legend.js';
import { fontSize, measure } from './measures.js';
import { ink } from './palette.js';
import { element, number, text, tooltip } from './svg.js';
import { fitText, fontFamily, textWidth } from '../../../text/text-width.js';

const headHeight = 46;
const narrowest = 480;

/** A figure at its places as one SVG document. */
export function renderSvg(figure: Figure, layout: Layout): string {
  const { margin } = measure;
  const content = Math.max(layout.width, narrowest);
  const heading = drawHeading(figure, content);
  const legend = drawLegend(figure, layout, { x: margin, y: margin + headHeight + layout.height + 18, width: content });
  const width = Math.ceil(Math.max(content, legend.width) + 2 * margin);
  const height = Math.ceil(margin + headHeight + layout.height + 18 + legend.height + margin);
  const body = element('g', { transform: `translate(${margin} ${margin + headHeight})` }, [
    ...drawBands(layout, content),
    ...layout.routes.map(drawRoute),
    ...figure.cards.flatMap((card) => {
      const box = layout.boxes.get(card.id);
      return box === undefined ? [] : [drawCard(card, box)];
    }),
  ]);
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${number(width)} ${number(height)}`,
    'font-family': fontFamily,
    role: 'img',
  };
  return `${element('svg', root, [
    tooltip(figure.title),
    element('defs', {}, [arrowHeads()]),
    element('rect', { width, height, fill: '#ffffff' }),
    ...heading,
    body,
    ...legend.parts,
  ])}\n`;
}

function drawHeading(figure: Figure, width: number): readonly string[] {
  const { margin } = measure;
  const against = figure.base === undefined ? '' : ` compared with ${figure.base}`;
  const more = figure.moreParams === 0 ? '' : ` (${formatDifference(figure.moreParams)})`;
  const facts = `${formatCount(figure.params)} parameters${more} · shapes are channels × ${figure.patch.replace(/ = \d+/g, '').replaceAll(', ', ' × ')} at a patch of ${figure.patch}`;
  return [
    text(fitText(`${figure.title}${against}`, width, fontSize.heading, 'bold'), {
      x: margin,
      y: margin + 14,
      'font-size': fontSize.heading,
      'font-weight': 'bold',
      fill: ink.text,
    }),
    text(fitText(facts, width, fontSize.label), {
      x: margin,
      y: margin + 32,
      'font-size': fontSize.label,
      fill: ink.soft,
    }),
  ];
}

function drawBands({ bands }: Layout, width: number): readonly string[] {
  return bands.flatMap(({ label, top, bottom }) => [
    element('rect', { x: 0, y: top, width, height: bottom - top, rx: measure.corner, fill: ink.band }),
    text(fitText(label, Math.max(46, textWidth('000³', fontSize.label)), fontSize.label, 'bold'), {
      x: 8,
      y: top + 18,
      'font-size': fontSize.label,
      'font-weight': 'bold',
      fill: ink.soft,
    }),
  ]);
}
