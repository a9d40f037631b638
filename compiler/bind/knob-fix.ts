import type { Expression, ModelNode, NameNode, Node } from '../../grammar/ast.js';
import type { Fix } from '../../grammar/diagnostics/diagnostic.js';
import { visit } from '../../grammar/nodes.js';
import { printExpression } from '../../grammar/print.js';

/** Declares a knob that a model uses and lacks, of the type that its place asks for. */
export function addUsedKnob(model: ModelNode, use: NameNode): readonly Fix[] {
  if (use.quoted || !/^[a-z_]/.test(use.name)) return [];
  const ancestors = ancestorsOf(model, use);
  return addKnob(model, use.name, placeOf(use, ancestors.at(-1)), use.span.start);
}

/** Declares a knob that a variant sets and its base lacks, with a value that is no removal of it. */
export function addSetKnob(model: ModelNode, name: string, value: Expression): readonly Fix[] {
  const form = formOf(value);
  return form === undefined ? [] : addKnob(model, name, form, Infinity);
}

/** After the last knob, output or input before `before`, in a line of its own. */
function addKnob(model: ModelNode, name: string, form: string, before: number): readonly Fix[] {
  const kinds: readonly Node['kind'][] = ['Knob', 'Output', 'Input'];
  const fitting = model.members.filter(({ kind, span }) => kinds.includes(kind) && span.end <= before);
  const anchor = fitting.findLast(({ kind }) => kind === 'Knob') ?? fitting.at(-1);
  if (anchor === undefined) return [];
  const { source, start, end } = anchor.span;
  const indentation = /[ \t]*$/.exec(source.text.slice(0, start))?.[0] ?? '';
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

/** Type and value that a place asks for, as far as it shows. */
function placeOf(use: NameNode, parent: Node | undefined): string {
  switch (parent?.kind) {
    case 'Call':
      return 'layer(int) = conv(kernel: 3)';
    case 'Pipe':
      return parent.when === use ? 'bool = true off false' : 'layer = identity';
    case 'Conditional':
      return parent.condition === use ? 'bool = true off false' : 'int = 1';
    case 'Unary':
      return parent.operator === 'not' ? 'bool = true off false' : 'int = 1';
    case 'Binary':
      return parent.operator === 'and' || parent.operator === 'or' ? 'bool = true off false' : 'int = 1';
    default:
      return 'int = 1';
  }
}

function formOf(value: Expression): string | undefined {
  switch (value.kind) {
    case 'Number':
      return `${value.integer ? 'int' : 'float'} = ${value.text}`;
    case 'Boolean':
      return `bool = ${String(!value.value)} off ${String(value.value)}`;
    case 'Off':
      return 'bool = true off false';
    case 'List':
      return value.items.every((item) => item.value.kind === 'Number') ? `list = ${printExpression(value)}` : undefined;
    default:
      return undefined;
  }
}
