/** Combinators of layers: one set of weights for several uses, and sequences of copies. */
import type * as tf from '@tensorflow/tfjs';
import type { RuntimeLayer } from '../layers/base.js';
import type { Named } from '../layers/configs.js';

type Tensor = tf.SymbolicTensor;
type AnyLayer = RuntimeLayer<Named>;

/**
 * A use of a shared layer while it is being applied: the first one creates the layers with weights, later ones take
 * them in order.
 */
interface SharedUse {
  readonly created: AnyLayer[];
  readonly first: boolean;
  next: number;
}

/** The uses that are being applied, innermost first. Building a model is synchronous, so there is one stack. */
let uses: readonly SharedUse[] = [];

/**
 * Returns a layer that has the same weights wherever it is applied, like `shared` in a spec. The ids of the weights are
 * those of its first use.
 */
export function shared<Layer extends (at: string, ...x: Tensor[]) => Tensor | Tensor[]>(layer: Layer): Layer {
  const created: AnyLayer[] = [];
  let used = false;
  const apply = (at: string, ...x: Tensor[]): Tensor | Tensor[] => {
    const before = uses;
    uses = [{ created, first: !used, next: 0 }, ...before];
    used = true;
    try {
      return layer(at, ...x);
    } finally {
      uses = before;
    }
  };
  return apply as Layer;
}

/**
 * Returns the layer that a later use of a shared layer reuses here, or a new one, which the enclosing first uses
 * record.
 */
export function takeShared(create: () => AnyLayer): AnyLayer {
  const place = uses.findIndex(({ first }) => !first);
  const later = uses[place];
  const layer = later === undefined ? create() : later.created[later.next++];
  if (layer === undefined) throw new Error('a later use of a shared layer has more weights than its first');
  for (const use of place < 0 ? uses : uses.slice(0, place)) use.created.push(layer);
  // The enclosing layer has these weights next too, unless a use inside its own first use created them.
  for (const outer of place < 0 ? [] : uses.slice(place + 1)) {
    if (!outer.first && outer.created[outer.next] === layer) outer.next += 1;
  }
  return layer;
}

/** Applies `count` copies of a layer one after the other, with the ids `<at>.1`, `<at>.2`, ...; returns all their results. */
export function chain(at: string, count: number, x: Tensor, layer: (at: string, x: Tensor) => Tensor): Tensor[] {
  const results: Tensor[] = [];
  for (let copy = 1; copy <= count; copy++) results.push(layer(`${at}.${copy}`, results.at(-1) ?? x));
  return results;
}

/** Returns the last result of `chain`; `x` itself if `count` is 0. */
export function repeat(at: string, count: number, x: Tensor, layer: (at: string, x: Tensor) => Tensor): Tensor {
  return chain(at, count, x, layer).at(-1) ?? x;
}

/** The element of a list at an index, counted from 0. */
export function at<Item>(list: readonly Item[], index: number): Item {
  const item = list[index];
  if (item === undefined) throw new Error(`a list of ${list.length} has no element ${index}`);
  return item;
}
