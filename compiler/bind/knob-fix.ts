import type { ElementNode, Expression, ModelNode, NameNode, Node, TypeNode } from '../../grammar/ast.js';
import type { Fix } from '../../grammar/diagnostics/diagnostic.js';
import { visit } from '../../grammar/nodes.js';
import { printExpression } from '../../grammar/print.js';
import { blanksBefore, textOf } from '../../grammar/source.js';
import { wordTable } from '../../grammar/word-table.js';
import { functionForms, primitives, type FunctionName } from './builtins.js';
import type { Symbol } from './symbol.js';

/** The meaning of a callee's name, if known. */
type Meaning = (name: NameNode) => Symbol | undefined;

/** Declares a knob that a model uses but does not have, with the type that its context requires. */
export function addUsedKnob(model: ModelNode, use: NameNode, meaning: Meaning): readonly Fix[] {
  if (use.quoted || !/^[a-z_]/.test(use.name)) return [];
  const form = formAt(use, ancestorsOf(model, use), meaning);
  return form === undefined ? [] : addKnob(model, use.name, form, use.span.start);
}

/** Declares a knob that a variant sets but its base does not have, with a value that differs from the setting. */
export function addSetKnob(model: ModelNode, name: string, value: Expression): readonly Fix[] {
  const form = formOf(value);
  return form === undefined ? [] : addKnob(model, name, form, Infinity);
}

/** Inserts a line after the last knob, output or input before `before`. */
function addKnob(model: ModelNode, name: string, form: string, before: number): readonly Fix[] {
  const kinds: readonly Node['kind'][] = ['Knob', 'Output', 'Input'];
  const fitting = model.members.filter(({ kind, span }) => kinds.includes(kind) && span.end <= before);
  const anchor = fitting.findLast(({ kind }) => kind === 'Knob') ?? fitting.at(-1);
  if (anchor === undefined) return [];
  const { source, start, end } = anchor.span;
  const indentation = blanksBefore(source, start);
  const text = `\n${indentation}knob ${name}: ${form}`;
  return [{ title: `Add the knob \`${name}\` to \`${model.name.name}\``, span: { source, start: end, end }, text }];
}

function ancestorsOf(root: Node, wanted: Node): readonly Node[] {
  let found: readonly Node[] = [];
  visit(root, {
    enter: (node, ancestors) => {
      if (node === wanted) found = [...ancestors];
      return node.span.start <= wanted.span.start && wanted.span.end <= node.span.end;
    },
  });
  return found;
}

/**
 * The type and value that the context of a node requires, as far as it is known; undefined if a knob cannot be used
 * there.
 */
function formAt(node: Node, ancestors: readonly Node[], meaning: Meaning): string | undefined {
  const parent = ancestors.at(-1);
  const outer = ancestors.slice(0, -1);
  switch (parent?.kind) {
    case 'Call':
      return formOfType('layer(int)');
    case 'Element':
      return formOfArgument(parent, outer.at(-1), meaning);
    case 'Knob':
      return formOfType(typeText(parent.type));
    case 'Pipe':
      return parent.when === node ? formOfType('bool') : formOfType('layer');
    case 'Conditional':
      return parent.condition === node ? formOfType('bool') : formAt(parent, outer, meaning);
    case 'Unary':
      return parent.operator === 'not' ? formOfType('bool') : formOfType('int');
    case 'Binary':
      return parent.operator === 'and' || parent.operator === 'or' ? formOfType('bool') : formOfType('int');
    case 'Part':
      return formOfType(partTypes[parent.name.name] ?? 'int');
    case 'Head':
    case 'Aux':
      return formOfType('layer');
    case 'Let':
    case 'Penalty':
    case 'Assign':
      return undefined;
    default:
      return formOfType('int');
  }
}

/** The types of the parts that the U knows. A fusion and a fit have no value that is always valid. */
const partTypes = wordTable({
  stem: 'layer',
  level: 'layer',
  down: 'layer',
  up: 'layer',
  fuse: 'fusion',
  fit: 'fit',
});

/** The type of the parameter that an argument is passed to, if the callee is known by name. */
function formOfArgument(argument: ElementNode, call: Node | undefined, meaning: Meaning): string | undefined {
  const called = call?.kind === 'Call' && call.callee.kind === 'Name' ? meaning(call.callee) : undefined;
  if (call?.kind !== 'Call' || called === undefined) return formOfType('int');
  const unnamed = call.arguments.filter(({ name }) => name === undefined);
  const isMeant = (name: string, index: number): boolean =>
    argument.name === undefined ? index === unnamed.indexOf(argument) : name === argument.name.name;
  if (called.kind === 'block') {
    const parameter = called.declaration.parameters.find(({ name }, index) => isMeant(name.name, index));
    return parameter === undefined ? formOfType('int') : formOfType(typeText(parameter.type));
  }
  const parameter = primitives.get(called.name)?.parameters.find(({ name }, index) => isMeant(name, index));
  if (parameter !== undefined) return formOfType(parameter.type);
  const form = isFunction(called.name) ? functionForms[called.name] : undefined;
  return form?.positional.some((name, index) => name === 'layer' && isMeant(name, index)) === true
    ? formOfType('layer')
    : formOfType('int');
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(functionForms, name);
}

/** A value for a knob of each type, if the type has one that is always valid. */
const values = wordTable({
  int: '1',
  float: '0.5',
  bool: 'true off false',
  size: '1',
  init: 'torch_default',
  layer: 'identity',
  'layer(int)': 'conv(kernel: 3)',
  'layer(int, size)': 'conv',
  list: '[1]',
  'list(int)': '[1]',
  'list(size)': '[1]',
});

function formOfType(type: string): string | undefined {
  const value = values[type];
  return value === undefined ? undefined : `${type} = ${value}`;
}

function typeText({ span }: TypeNode): string {
  return textOf(span).replace(/\s/g, '');
}

function formOf(value: Expression): string | undefined {
  switch (value.kind) {
    case 'Number':
      return `${value.integer ? 'int' : 'float'} = ${value.text}`;
    case 'Boolean':
      return `bool = ${String(!value.value)} off ${String(value.value)}`;
    case 'Off':
      return formOfType('bool');
    case 'List':
      return value.items.every((item) => item.value.kind === 'Number') ? `list = ${printExpression(value)}` : undefined;
    default:
      return undefined;
  }
}
