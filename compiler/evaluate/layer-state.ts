import { readType, type Type } from './types.js';
import type { LayerValue, Recipe } from './values.js';

/** The arguments and tensors that a layer still needs. */
export interface LayerState {
  /** Its name in messages. */
  readonly name: string;
  /** Required arguments that are missing, in order. */
  readonly missing: readonly string[];
  /** Their types. */
  readonly waits: readonly Type[];
  /** Whether its tensors are named `skip` and `up`. */
  readonly fusion: boolean;
  /** Names of its tensors, if they have names. */
  readonly tensors: readonly string[];
}

export function layerState(layer: LayerValue): LayerState {
  return stateOf(layer.recipe);
}

function stateOf(recipe: Recipe): LayerState {
  switch (recipe.kind) {
    case 'primitive': {
      const { primitive, bound } = recipe;
      const missing = primitive.parameters.filter((each) => each.required && !bound.has(each.name));
      return {
        name: primitive.name,
        missing: missing.map((each) => each.name),
        waits: missing.map(({ type }) => ({ kind: type })),
        fusion: false,
        tensors: [],
      };
    }
    case 'block': {
      const { block, bound } = recipe;
      const missing = block.parameters.filter((each) => each.value === undefined && !bound.has(each.name.name));
      const tensors = block.members.flatMap((member) => (member.kind === 'Tensor' ? [member.name.name] : []));
      return {
        name: block.name.name,
        missing: missing.map((each) => each.name.name),
        waits: missing.map(({ type }) => readType(type, () => undefined)),
        fusion: tensors.includes('skip') && tensors.includes('up'),
        tensors,
      };
    }
    case 'sequence': {
      const [first] = recipe.steps;
      const state = first?.layer === undefined ? undefined : stateOf(first.layer.recipe);
      return {
        name: 'this chain of layers',
        missing: [],
        waits: [],
        fusion: state?.fusion ?? false,
        tensors: state?.tensors ?? [],
      };
    }
    case 'repeat':
    case 'chain':
    case 'shared':
      return { ...stateOf(recipe.layer.recipe), name: recipe.kind };
  }
}
