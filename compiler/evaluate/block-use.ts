import type { BlockNode, Expression } from '../../grammar/ast.js';
import type { Argument, Recipe, TensorValue, Value } from './values.js';

/**
 * One use of a block, or one evaluation of a part of the model's own text, with the value of each expression in it.
 * Code is generated from these.
 */
export interface BlockUse {
  /** Prefix of the ids of its operations. */
  readonly id: string;
  /** Undefined for the model's own text. */
  readonly block: BlockNode | undefined;
  /** The arguments as given. */
  readonly bound: ReadonlyMap<string, Argument>;
  /** The block's tensors by name, with axes named as in the block. */
  readonly tensors: ReadonlyMap<string, TensorValue>;
  /** Values by expression, without those that were only checked for names and types. */
  readonly values: Map<Expression, Value>;
}

export function modelUse(id: string): BlockUse {
  return { id, block: undefined, bound: new Map(), tensors: new Map(), values: new Map() };
}

/** The results of applying layers: the operations of each primitive and the uses of each block. */
export class Applications {
  readonly uses: BlockUse[] = [];
  private readonly operations = new Map<Recipe, string[]>();
  private readonly blocks = new Map<Recipe, BlockUse[]>();

  addOperation(recipe: Recipe, id: string): void {
    for (let each: Recipe | undefined = recipe; each !== undefined; each = baseOf(each))
      push(this.operations, each, id);
  }

  addUse(recipe: Recipe, use: BlockUse): void {
    this.uses.push(use);
    for (let each: Recipe | undefined = recipe; each !== undefined; each = baseOf(each)) push(this.blocks, each, use);
  }

  /** Ids of the operations of a primitive, including applications with further arguments. */
  operationsOf(recipe: Recipe): readonly string[] {
    return this.operations.get(recipe) ?? [];
  }

  /** The uses of a block, including applications with further arguments. */
  usesOf(recipe: Recipe): readonly BlockUse[] {
    return this.blocks.get(recipe) ?? [];
  }
}

function baseOf(recipe: Recipe): Recipe | undefined {
  return recipe.kind === 'primitive' || recipe.kind === 'block' ? recipe.base : undefined;
}

function push<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
