/** How wide text is, by the advance widths of Arimo, which are those of Arial, Helvetica and Liberation Sans. */

// Per 1000 of the font's size, for U+0020 to U+007E.
const regular = [
  278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
  556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
  260, 334, 584,
];
const bold = [
  278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
  556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833,
  722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556, 333, 556, 611, 556, 611,
  556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389,
  280, 389, 584,
];
const others: Readonly<Record<string, number>> = {
  '→': 1000,
  '…': 1000,
  '←': 1000,
  '²': 333,
  '³': 333,
  '·': 333,
  '×': 584,
  '−': 584,
  '±': 549,
};

/** Arimo is what PNGs are set in; the others have the same metrics. */
export const fontFamily = "Arimo, Helvetica, Arial, 'Liberation Sans', sans-serif";

/** The weight of a font. */
export type Weight = 'regular' | 'bold';

/** Width in pixels of `text` set at `size` pixels. What the table lacks counts as wide, so that boxes are never too small. */
export function textWidth(text: string, size: number, weight: Weight = 'regular'): number {
  let width = 0;
  for (const character of text) width += advance(character, weight);
  return (width * size) / 1000;
}

/** Whether the table has every character of `text`, so that its width is exact. */
export function isMeasured(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return regular[code - 0x20] !== undefined || others[character] !== undefined;
  });
}

function advance(character: string, weight: Weight): number {
  const code = character.codePointAt(0) ?? 0;
  const table = weight === 'bold' ? bold : regular;
  return table[code - 0x20] ?? others[character] ?? (code < 0x1100 ? 700 : 1000);
}

/** `text`, cut with an ellipsis where it is wider than `width`. */
export function fitText(text: string, width: number, size: number, weight: Weight = 'regular'): string {
  if (textWidth(text, size, weight) <= width) return text;
  let room = (width * 1000) / size - advance('…', weight);
  let kept = '';
  for (const character of text) {
    room -= advance(character, weight);
    // One character is left, however narrow the place.
    if (room < 0 && kept !== '') break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
