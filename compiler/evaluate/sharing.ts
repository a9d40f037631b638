import type { Attributes, OpKind, Weight } from '../ir/ir.js';

/** The weights of one operation, as uses of a `shared` layer are compared by. */
export interface SharedOperation {
  /** The operation that owns the weights. */
  readonly owner: string;
  readonly kind: OpKind;
  /** The shapes that two uses must agree on: `[8, 4, 3, 3]`, `weight [8, 4] and bias [8]`. */
  readonly weights: string;
  readonly attributes: string;
}

/**
 * The weights of one `shared` layer in the order in which its first use creates them; later uses take them in that
 * order.
 */
export interface SharedWeights {
  readonly made: SharedOperation[];
  /** Whether the first use is complete. If it failed, no other use is compared with it. */
  state: 'unused' | 'made' | 'failed';
}

/**
 * A use of a shared layer while it is being applied: the first one creates the weights, later ones take them from
 * `next` on.
 */
export interface SharedUse {
  readonly weights: SharedWeights;
  readonly first: boolean;
  next: number;
}

export function describeWeights(weights: readonly Weight[]): string {
  const [only] = weights;
  const shapeOf = ({ shape }: Weight): string => `[${shape.join(', ')}]`;
  if (only !== undefined && weights.length === 1) return shapeOf(only);
  return weights.map((weight) => `${weight.name} ${shapeOf(weight)}`).join(' and ');
}

export function describeShared({ kind, weights }: SharedOperation): string {
  return `\`${kind}\` with ${weights}`;
}

export const sharedHelp =
  'Apply it to tensors with the same channels at every use, or remove `shared` to give each use its own weights.';

/**
 * Returns the operation whose weights the next operation reuses: undefined if it has its own, `different` if the shared
 * layer has other weights at this position. `uses` are the uses being applied, innermost first.
 */
export function takeShared<K extends OpKind>(
  uses: readonly SharedUse[],
  kind: K,
  attributes: Attributes[K],
  weights: readonly Weight[],
): { readonly owner: string } | { readonly expected: SharedOperation | undefined } | undefined {
  const later = uses.find(({ first }) => !first);
  if (later === undefined) return undefined;
  const expected = later.weights.made[later.next];
  const same =
    expected?.kind === kind &&
    expected.attributes === JSON.stringify(attributes) &&
    expected.weights === describeWeights(weights);
  if (!same) return { expected };
  later.next += 1;
  // The enclosing layer has these weights next too, unless a use inside its own first use created them.
  for (const outer of uses.slice(uses.indexOf(later) + 1)) {
    if (!outer.first && outer.weights.made[outer.next]?.owner === expected.owner) outer.next += 1;
  }
  return { owner: expected.owner };
}

/** Records an operation for the shared layers whose first use it belongs to. */
export function recordShared(uses: readonly SharedUse[], operation: SharedOperation): void {
  const later = uses.findIndex(({ first }) => !first);
  for (const { weights } of later < 0 ? uses : uses.slice(0, later)) weights.made.push(operation);
}
