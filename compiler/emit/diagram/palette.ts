/**
 * The colours of a diagram by name, each for light and for dark grounds. Every row says in words what it is; colour only
 * helps to find it. Text has a contrast of at least 4.5 to whatever it is drawn on.
 */
import type { LayerKind } from '../layers/label-op.js';
import type { Mark } from './figure.js';

/** The grounds that a diagram can be drawn for. */
export type Ground = 'light' | 'dark';

type Pair = readonly [light: string, dark: string];

const inks = {
  paper: ['#ffffff', '#14171a'],
  band: ['#f5f7f9', '#1d2126'],
  'card ground': ['#ffffff', '#14171a'],
  'input ground': ['#fbfbfb', '#181c20'],
  'card edge': ['#b5bcc4', '#545d67'],
  text: ['#1b1b1b', '#e8eaed'],
  soft: ['#5a5a5a', '#a8b0b9'],
  line: ['#4a4a4a', '#b9c0c8'],
  skip: ['#5f7d99', '#86aacb'],
  /** What a variant changes: one strong colour, a heavy outline and a sign. */
  mark: ['#b3124f', '#ff9ac2'],
} as const satisfies Readonly<Record<string, Pair>>;

interface Tone {
  readonly fill: Pair;
  readonly bar: Pair;
  /** What the legend calls the kind. */
  readonly name: string;
}

/** In the order of the legend. Bars differ in lightness too, for readers and printers without colour. */
const tones: Readonly<Record<LayerKind, Tone>> = {
  convolution: { fill: ['#d3e4f3', '#1d3a56'], bar: ['#2f6fae', '#5fa4e6'], name: 'convolution' },
  separable: { fill: ['#cdebe6', '#12413c'], bar: ['#12806f', '#35b8a4'], name: 'separable convolution' },
  linear: { fill: ['#e2d9f0', '#382a54'], bar: ['#6a4ba3', '#a98ae0'], name: 'linear layer' },
  attention: { fill: ['#ffdcb0', '#54330c'], bar: ['#d9730d', '#f29a3f'], name: 'attention' },
  gate: { fill: ['#fff1b8', '#46390a'], bar: ['#c9a106', '#e6c644'], name: 'gate' },
  down: { fill: ['#f6d0cc', '#54221d'], bar: ['#b3382c', '#e8776b'], name: 'downsampling' },
  up: { fill: ['#dcedc8', '#2a4114'], bar: ['#5b8c2a', '#93c95c'], name: 'upsampling' },
  join: { fill: ['#e6e6e6', '#3a3f45'], bar: ['#4d4d4d', '#c9ced4'], name: 'combines tensors' },
  norm: { fill: ['#eef1f4', '#2a3037'], bar: ['#8b98a5', '#8b98a5'], name: 'norm' },
  activation: { fill: ['#f4f4f4', '#26292d'], bar: ['#a3a3a3', '#888c91'], name: 'activation' },
  dropout: { fill: ['#f7f2ea', '#332d22'], bar: ['#b9a88a', '#b9a88a'], name: 'dropout' },
  shape: { fill: ['#efe6e0', '#3a2f27'], bar: ['#8a6a55', '#bf9a82'], name: 'rearranges axes' },
  other: { fill: ['#f7f7f7', '#22262a'], bar: ['#c4c4c4', '#6c737b'], name: 'other' },
};

/** A colour by name. A kind of layer has two: the ground of its rows and the bar before their text. */
export type Colour = keyof typeof inks | `${LayerKind} ${'fill' | 'bar'}`;

/** All colours by name. */
export const colours: ReadonlyMap<Colour, Pair> = new Map([
  ...(Object.entries(inks) as [Colour, Pair][]),
  ...layerKinds().flatMap((kind): [Colour, Pair][] => [
    [`${kind} fill`, tones[kind].fill],
    [`${kind} bar`, tones[kind].bar],
  ]),
]);

/** Returns a colour as `#rrggbb`. */
export function colourOn(ground: Ground, colour: Colour): string {
  const [light, dark] = colours.get(colour) ?? inks.text;
  return ground === 'light' ? light : dark;
}

/** The kinds of layers in the order of the legend. */
export function layerKinds(): readonly LayerKind[] {
  return Object.keys(tones) as LayerKind[];
}

/** What the legend calls a kind of layer. */
export function kindName(kind: LayerKind): string {
  return tones[kind].name;
}

/** What the legend calls a mark. */
export const markNames: Readonly<Record<Mark, string>> = {
  added: 'added',
  removed: 'removed',
  replaced: 'replaced',
  changed: 'changed',
};
