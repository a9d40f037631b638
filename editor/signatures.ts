import type { CallNode, Expression, Node, TypeNode } from '../grammar/ast.js';
import { printExpression } from '../grammar/print.js';
import { textOf } from '../grammar/source.js';
import { functionForms, primitives, type FunctionName } from '../compiler/bind/builtins.js';
import type { Symbol } from '../compiler/bind/symbol.js';
import type { Recipe } from '../compiler/evaluate/values.js';
import type { Analysis } from './analysis.js';

/** A callee: its name, its named parameters, and its documentation. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly SignatureParameter[];
  readonly doc: string | undefined;
}

/** A parameter; one that cannot be named in a call has no name. */
export interface SignatureParameter {
  readonly name: string;
  readonly text: string;
  readonly doc?: string;
  readonly isRequired?: boolean;
}

/** The signature of a built-in layer or function. */
export function baseSignature(name: string): Signature | undefined {
  const primitive = primitives.get(name);
  if (primitive !== undefined) {
    const parameters = primitive.parameters.map((each) => {
      const text = `${each.name}${each.required ? '' : '?'}: ${each.type}`;
      return {
        name: each.name,
        text,
        isRequired: each.required,
        ...(each.otherwise === undefined ? {} : { doc: `Default: ${each.otherwise}.` }),
      };
    });
    return { name, parameters, doc: primitive.doc };
  }
  if (!Object.hasOwn(functionForms, name)) return undefined;
  const form = functionForms[name as FunctionName];
  const positional = form.positional.map((each) => ({ name: '', text: each }));
  const more = form.any === true ? [{ name: '', text: '...' }] : [];
  const named = (form.named ?? []).map((each) => ({ name: each, text: `${each}:` }));
  const optional = (form.optional ?? []).map((each) => ({ name: each, text: `${each}?:` }));
  return { name, parameters: [...positional, ...more, ...named, ...optional], doc: form.doc };
}

/** The signature of a block. */
function blockSignature(block: Extract<Recipe, { kind: 'block' }>['block']): Signature {
  const parameters = block.parameters.map((each) => {
    return { name: each.name.name, text: oneLine(textOf(each.span)), isRequired: each.value === undefined };
  });
  return { name: block.name.name, parameters, doc: block.doc };
}

/** The callee of a call, if known; a layer held by a name is known once the model was evaluated. */
export function calledBy(analysis: Analysis, call: CallNode): Signature | undefined {
  const { callee } = call;
  const symbol = callee.kind === 'Name' ? analysis.program.symbols.get(callee) : undefined;
  const direct = symbolSignature(symbol);
  if (direct !== undefined) return direct;
  const recipe = analysis.called().get(call);
  if (recipe?.kind === 'block') return blockSignature(recipe.block);
  return recipe?.kind === 'primitive' ? baseSignature(recipe.primitive.name) : undefined;
}

/**
 * The signature of a name's target; with `follow`, for a name that holds a layer, that of the layer without the arguments
 * it already has.
 */
export function symbolSignature(symbol: Symbol | undefined, follow?: Analysis): Signature | undefined {
  if (symbol?.kind === 'block') return blockSignature(symbol.declaration);
  if (symbol?.kind === 'builtin') return baseSignature(symbol.name);
  if (follow === undefined) return undefined;
  if (symbol?.kind === 'parameter') return awaitedSignature(symbol.name, symbol.declaration.type);
  if (symbol?.kind !== 'knob' && symbol?.kind !== 'let') return undefined;
  return heldSignature(symbol.declaration.value, follow);
}

/** `convolution(int)`: the signature of a parameter that takes a layer without its width. */
function awaitedSignature(name: string, { arguments: types }: TypeNode): Signature | undefined {
  const parameters = types.map((type) => ({ name: '', text: textOf(type.span) }));
  return parameters.length === 0 ? undefined : { name, parameters, doc: undefined };
}

/** The signature of a layer value: of its callee, without the arguments that are given. */
function heldSignature(value: Expression, analysis: Analysis): Signature | undefined {
  if (value.kind === 'Name') return symbolSignature(analysis.program.symbols.get(value));
  const callee = value.kind === 'Call' ? heldSignature(value.callee, analysis) : undefined;
  if (callee === undefined || value.kind !== 'Call') return undefined;
  const named = value.arguments.flatMap(({ name }) => name?.name ?? []);
  const positional = value.arguments.length - named.length;
  const parameters = callee.parameters.filter(({ name }) => !named.includes(name)).slice(positional);
  return { ...callee, parameters };
}

/** `conv(out: int, kernel: size, stride?: size)`. */
export function signatureText({ name, parameters }: Signature): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(({ text }) => text).join(', ')})`;
}

/** Longer declarations are truncated. */
const longestText = 300;

/** The declaration of a name, as on its first line. */
export function declarationText(node: Node): string {
  switch (node.kind) {
    case 'Block':
      return `block ${signatureText(blockSignature(node))}${tensorsOf(node)}`;
    case 'Model':
      return `model ${node.name.name}`;
    case 'Protocol':
      return `protocol ${node.name.name}`;
    case 'Study':
      return `study ${node.name.name}`;
    case 'Part':
      return `${node.name.name}: ${printExpression(node.value)}`;
    case 'ForClause':
      return `for ${oneLine(textOf(node.span))}`;
    default:
      return cut(oneLine(textOf(node.span)));
  }
}

/** ` { x: [C, ...S] }`: the tensor parameters of a block. */
function tensorsOf(block: Extract<Node, { kind: 'Block' }>): string {
  const tensors = block.members.flatMap((member) => (member.kind === 'Tensor' ? [oneLine(textOf(member.span))] : []));
  return tensors.length === 0 ? '' : ` { ${tensors.join(', ')} }`;
}

function oneLine(text: string): string {
  return text
    .replace(/\/\/[^\r\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText - 3)}...` : text;
}
