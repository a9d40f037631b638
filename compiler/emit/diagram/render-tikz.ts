import { latexText } from '../../../text/latex-text.js';
import type { Point } from './layout.js';
import { colourOn, colours, type Colour, type Ground } from './palette.js';
import type { LineShape, RectangleShape, Scene, Shape, Stroke, TextShape } from './scene.js';
import { number } from './svg.js';

/**
 * Returns a scene as a LaTeX document of the class `standalone` with one TikZ picture, at 96 pixels to the inch. The
 * result is ASCII. Cards are measured for Helvetica; LaTeX's own sans serif font is wider in small sizes, so it is set smaller.
 */
export function renderTikz(scene: Scene, ground: Ground): string {
  const pen = new Pen();
  const body = scene.shapes.flatMap((shape) => pen.draw(shape));
  return [
    ...head,
    ...[...colours.keys()]
      .filter((colour) => pen.used.has(colour))
      .map(
        (colour) => `\\definecolor{${colourName(colour)}}{HTML}{${colourOn(ground, colour).slice(1).toUpperCase()}}`,
      ),
    '\\begin{document}%',
    '\\begin{tikzpicture}[x=0.75bp, y=-0.75bp, line width=0.75bp,',
    '  every node/.style={inner sep=0pt, outer sep=0pt},',
    '  arrow/.style={-{Stealth[length=6bp, width=6bp]}}]',
    `\\useasboundingbox (0,0) rectangle (${number(scene.width)},${number(scene.height)});`,
    ...body,
    '\\end{tikzpicture}%',
    '\\end{document}',
    '',
  ].join('\n');
}

const head = [
  '% Compile this with pdflatex, and in your paper: \\includegraphics[width=\\linewidth]{NAME.pdf}',
  '% Add \\usepackage{helvet} below, or another sans serif font, to match the rest of the paper.',
  '\\RequirePackage{fix-cm}',
  '\\documentclass{standalone}',
  '\\usepackage{tikz}',
  '\\usetikzlibrary{arrows.meta}',
  '\\renewcommand{\\familydefault}{\\sfdefault}',
];

/** The size of text in relation to SVG. */
const textScale = 0.93;

class Pen {
  readonly used = new Set<Colour>();

  draw(shape: Shape, shift: Point = { x: 0, y: 0 }): readonly string[] {
    switch (shape.kind) {
      case 'rectangle':
        return [this.drawRectangle(shape, shift)];
      case 'line':
        return [this.drawLine(shape, shift)];
      case 'text':
        return [this.drawText(shape, shift)];
      case 'group': {
        const inside = { x: shift.x + shape.shift.x, y: shift.y + shape.shift.y };
        const comment = shape.id === undefined ? [] : [`% ${latexText(shape.id)}`];
        return [...comment, ...shape.shapes.flatMap((each) => this.draw(each, inside))];
      }
    }
  }

  private drawRectangle({ box, corner, fill, stroke }: RectangleShape, shift: Point): string {
    const options = [
      `fill=${this.colour(fill)}`,
      ...(corner === 0 ? [] : [`rounded corners=${bp(corner)}`]),
      ...(stroke === undefined ? [] : [`draw=${this.colour(stroke.colour)}`, ...strokeOptions(stroke)]),
    ];
    const end = { x: box.x + box.width, y: box.y + box.height };
    return `\\path[${options.join(', ')}] ${place(box, shift)} rectangle ${place(end, shift)};`;
  }

  private drawLine({ points, stroke, corner, hasHead }: LineShape, shift: Point): string {
    const options = [
      ...(hasHead ? ['arrow'] : []),
      this.colour(stroke.colour),
      ...strokeOptions(stroke),
      ...(corner === 0 ? [] : [`rounded corners=${bp(corner)}`]),
    ];
    return `\\draw[${options.join(', ')}] ${points.map((point) => place(point, shift)).join(' -- ')};`;
  }

  private drawText({ content, at, size, colour, weight, anchor }: TextShape, shift: Point): string {
    const options = [
      `anchor=base${{ start: ' west', middle: '', end: ' east' }[anchor]}`,
      `text=${this.colour(colour)}`,
      `font=\\fontsize{${bp(size * textScale)}}{${bp(size)}}\\selectfont${weight === 'bold' ? '\\bfseries' : ''}`,
    ];
    return `\\node[${options.join(', ')}] at ${place(at, shift)} {${latexText(content)}};`;
  }

  private colour(colour: Colour): string {
    this.used.add(colour);
    return colourName(colour);
  }
}

function colourName(colour: Colour): string {
  return `unet-${colour.replaceAll(' ', '-')}`;
}

function strokeOptions({ width, dash }: Stroke): readonly string[] {
  const pattern = dash === undefined ? [] : [`dash pattern=on ${bp(dash[0])} off ${bp(dash[1])}`];
  return [`line width=${bp(width)}`, ...pattern];
}

/** Pixels as TeX's big points. */
function bp(pixels: number): string {
  return `${number(pixels * 0.75)}bp`;
}

function place({ x, y }: Point, shift: Point): string {
  return `(${number(x + shift.x)},${number(y + shift.y)})`;
}
