/** Colours by kind of layer. Every row says in words what it is; colour only helps to find it. */
import type { LayerKind } from '../layers/label-op.js';
import type { Mark } from './figure.js';

export interface Tone {
  readonly fill: string;
  readonly bar: string;
  /** What the legend calls the kind. */
  readonly name: string;
}

/** In the order of the legend. Bars differ in lightness too, for readers and printers without colour. */
export const tones: Readonly<Record<LayerKind, Tone>> = {
  convolution: { fill: '#d3e4f3', bar: '#2f6fae', name: 'convolution' },
  separable: { fill: '#cdebe6', bar: '#12806f', name: 'separable convolution' },
  linear: { fill: '#e2d9f0', bar: '#6a4ba3', name: 'linear layer' },
  attention: { fill: '#ffdcb0', bar: '#d9730d', name: 'attention' },
  gate: { fill: '#fff1b8', bar: '#c9a106', name: 'gate' },
  down: { fill: '#f6d0cc', bar: '#b3382c', name: 'downsampling' },
  up: { fill: '#dcedc8', bar: '#5b8c2a', name: 'upsampling' },
  join: { fill: '#e6e6e6', bar: '#4d4d4d', name: 'combines tensors' },
  norm: { fill: '#eef1f4', bar: '#8b98a5', name: 'norm' },
  activation: { fill: '#f4f4f4', bar: '#a3a3a3', name: 'activation' },
  dropout: { fill: '#f7f2ea', bar: '#b9a88a', name: 'dropout' },
  shape: { fill: '#efe6e0', bar: '#8a6a55', name: 'rearranges axes' },
  other: { fill: '#f7f7f7', bar: '#c4c4c4', name: 'other' },
};

/** What a variant changes: one strong colour, a heavy outline and a sign. */
export const markColour = '#c2185b';

export const markNames: Readonly<Record<Mark, string>> = {
  added: 'added',
  removed: 'removed',
  replaced: 'replaced',
  changed: 'changed',
};

export const ink = {
  text: '#1b1b1b',
  soft: '#5a5a5a',
  line: '#4a4a4a',
  card: '#b5bcc4',
  band: '#f5f7f9',
  skip: '#5f7d99',
};
