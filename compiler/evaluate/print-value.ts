import type { ParameterNode } from '../../grammar/ast.js';
import { formatSize } from '../shape/size.js';
import type { BlockArgument } from '../ir/ir.js';
import type { Argument, LayerValue, Recipe, Value } from './values.js';

/** The arguments of a block as the language prints them. */
export function printArguments(
  bound: ReadonlyMap<string, Argument>,
  parameters: readonly ParameterNode[],
): readonly BlockArgument[] {
  return [...bound].map(([name, { value }]) => {
    const declared = parameters.find((each) => each.name.name === name)?.value;
    const printed = printValue(value);
    const isLiteral = declared?.kind === 'Number' || declared?.kind === 'Boolean';
    return { name, value: printed, isDefault: isLiteral && printed === String(declared.value) };
  });
}

function printValue(value: Value): string {
  switch (value.kind) {
    case 'number':
    case 'boolean':
      return String(value.value);
    case 'size':
      return formatSize(value.size);
    case 'list':
    case 'tuple':
      return `[${value.items.map(printValue).join(', ')}]`;
    case 'layer':
      return printLayer(value);
    case 'identifier':
      return value.input.name;
    case 'choice':
      return value.arguments.length === 0 ? value.name : `${value.name}(${value.arguments.map(printValue).join(', ')})`;
    case 'output':
      return value.declaration.name.name;
    case 'family':
      return value.name;
    case 'tensor':
    case 'unknown':
    case 'error':
      return '?';
  }
}

function printLayer({ recipe }: LayerValue): string {
  return printRecipe(recipe);
}

function printRecipe(recipe: Recipe): string {
  switch (recipe.kind) {
    case 'primitive':
      return withArguments(recipe.primitive.name, recipe.bound);
    case 'block':
      return withArguments(recipe.block.name.name, recipe.bound);
    case 'sequence':
      return recipe.steps.flatMap(({ layer }) => (layer === undefined ? [] : [printLayer(layer)])).join(' -> ');
    case 'repeat':
    case 'chain':
      return `${recipe.kind}(${recipe.count}, ${printLayer(recipe.layer)})`;
    case 'shared':
      return `shared(${printLayer(recipe.layer)})`;
  }
}

function withArguments(name: string, bound: ReadonlyMap<string, Argument>): string {
  if (bound.size === 0) return name;
  return `${name}(${[...bound].map(([key, { value }]) => `${key}: ${printValue(value)}`).join(', ')})`;
}
