import type { Attributes, OpKind, Weight } from '../ir/ir.js';

/** The weights of one operation, as a `shared` layer compares them. */
export interface SharedOperation {
  /** The operation that owns the weights. */
  readonly owner: string;
  readonly kind: OpKind;
  /** `[8, 4, 3, 3]`, `weight [8, 4] and bias [8]`: what two uses must have alike. */
  readonly weights: string;
  readonly attributes: string;
}

/** The weights of one `shared` layer, in the order in which its first use makes them; each later use takes them in turn. */
export interface SharedWeights {
  readonly made: SharedOperation[];
  /** Whether the first use is complete, or failed, after which no use is compared with it. */
  state: 'unused' | 'made' | 'failed';
}

/** A use of a shared layer while it is applied: the first makes its weights, the others take them from `next` on. */
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
 * The operation whose weights the next operation is to use; undefined where it has its own, `different` where a shared
 * layer has others at this place. `uses` are those being applied, the innermost first.
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
  // A layer around it has these weights as its own next ones, unless they were made by a use inside its first.
  for (const outer of uses.slice(uses.indexOf(later) + 1)) {
    if (!outer.first && outer.weights.made[outer.next]?.owner === expected.owner) outer.next += 1;
  }
  return { owner: expected.owner };
}

/** Notes an operation for the shared layers whose first use it is part of. */
export function recordShared(uses: readonly SharedUse[], operation: SharedOperation): void {
  const later = uses.findIndex(({ first }) => !first);
  for (const { weights } of later < 0 ? uses : uses.slice(0, later)) weights.made.push(operation);
}
