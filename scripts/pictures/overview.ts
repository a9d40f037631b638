/**
 * The picture of the README: a spec, the network without one of its components as a diagram, and the table of the study,
 * with the component in the same colour in all three.
 */
import { emitDiagram } from '../../compiler/emit/diagram/diagram.js';
import { colourOn, type Colour, type Ground } from '../../compiler/emit/diagram/palette.js';
import { element, number, tooltip } from '../../compiler/emit/diagram/svg.js';
import type { Network } from '../../compiler/ir/ir.js';
import type { StudyFigures } from './study-figures.js';
import { drawTable } from './table.js';
import { Sheet } from './sheet.js';
import { fontFamily } from '../../text/text-width.js';

export interface Overview {
  readonly file: string;
  /** The lines of the spec that are shown. */
  readonly spec: string;
  /** The start of the line of the spec that declares the component. */
  readonly component: string;
  readonly network: Network;
  readonly base: Network;
  readonly figures: StudyFigures;
  /** The row of the table without the component. */
  readonly row: string;
}

const margin = 24;
const codeSize = 11.5;
const codeLine = 16.5;
const widestCode = 62;
const leftWidth = 452;

/** Draws the picture for one ground. */
export async function drawOverview(overview: Overview, ground: Ground): Promise<string> {
  const sheet = new Sheet(ground, margin, margin + 14, leftWidth);
  sheet.write(overview.file, 0, { size: 14, weight: 'bold' });
  sheet.y += 24;
  drawCode(sheet, overview);
  sheet.y += 22;
  sheet.write(`unet study report: ${overview.figures.study}`, 0, { size: 14, weight: 'bold' });
  sheet.y += 12;
  drawTable(sheet, overview.figures, { marked: overview.row });
  const diagram = await emitDiagram(overview.network, { patch: [64, 64, 64], base: overview.base, theme: ground });
  const [width, height] = sizeOf(diagram);
  // The diagram has a margin of its own.
  const tall = sheet.y + margin;
  const scale = Math.min(1.15, tall / height);
  const left = margin + leftWidth + margin / 2;
  const nested = diagram
    .trim()
    .replace(
      /^<svg xmlns="[^"]*" width="\d+" height="\d+"/,
      `<svg x="${left}" y="0" width="${number(width * scale)}" height="${number(height * scale)}"`,
    );
  const size = { width: Math.ceil(left + width * scale), height: Math.ceil(Math.max(tall, height * scale)) };
  return picture('A spec, its diagram and the table of its study', size, ground, [...sheet.parts, nested]);
}

function picture(
  title: string,
  size: { readonly width: number; readonly height: number },
  ground: Ground,
  parts: readonly string[],
): string {
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    ...size,
    viewBox: `0 0 ${size.width} ${size.height}`,
    'font-family': fontFamily,
    role: 'img',
  };
  const paper = element('rect', { ...size, fill: colourOn(ground, 'paper') });
  return `${element('svg', root, [tooltip(title), paper, ...parts])}\n`;
}

function sizeOf(svg: string): readonly [number, number] {
  const [width = 0, height = 0] = [/ width="(\d+)"/, / height="(\d+)"/].map((size) => Number(size.exec(svg)?.[1]));
  return [width, height];
}

const keyword = /(?<=^\s*)(?:use|model|input|output|knob|encoder|decoder|head|study)\b/g;

function drawCode(sheet: Sheet, { spec, component }: Overview): void {
  for (const line of spec.split('\n').flatMap(broken)) {
    const isMarked = line.trim().startsWith(component);
    if (isMarked) sheet.box(-8, sheet.y - codeLine + 4, leftWidth + 8, codeLine, 'card ground', 'mark');
    sheet.writeCode(isMarked ? [{ text: line, colour: 'mark', weight: 'bold' }] : coloured(line), codeSize);
    sheet.y += codeLine;
  }
}

/** A line that is too long, broken after a comma. */
function broken(line: string): readonly string[] {
  if (line.length <= widestCode) return [line];
  const end = line.lastIndexOf(', ', widestCode) + 1;
  const indent = ' '.repeat(line.search(/\S/) + 4);
  return end === 0 ? [line] : [line.slice(0, end), ...broken(`${indent}${line.slice(end + 1)}`)];
}

function coloured(line: string): readonly { readonly text: string; readonly colour: Colour }[] {
  const pieces: { text: string; colour: Colour }[] = [];
  let from = 0;
  for (const { 0: word, index } of line.matchAll(keyword)) {
    pieces.push({ text: line.slice(from, index), colour: 'text' }, { text: word, colour: 'skip' });
    from = index + word.length;
  }
  return [...pieces, { text: line.slice(from), colour: 'text' as const }].filter((piece) => piece.text !== '');
}
