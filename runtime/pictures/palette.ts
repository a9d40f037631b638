import type { Colour } from './canvas.js';

/**
 * The colours of Okabe and Ito (2008, jfly.uni-koeln.de/color), which all common kinds of colour vision tell apart,
 * in an order in which neighbours differ also in lightness; without black.
 */
const OKABE_ITO: readonly Colour[] = [
  [86, 180, 233],
  [240, 228, 66],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [0, 114, 178],
];

export const BLACK: Colour = [0, 0, 0];
export const WHITE: Colour = [255, 255, 255];
export const TEXT_COLOUR: Colour = [225, 225, 225];
export const FAINT_COLOUR: Colour = [120, 120, 120];

/** The colour of the n-th foreground label or line, from 0; after seven they come again. */
export function colourOf(position: number): Colour {
  return OKABE_ITO[position % OKABE_ITO.length]!;
}
