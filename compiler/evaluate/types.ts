import type { TypeNode } from '../../grammar/ast.js';
import { report } from '../../grammar/diagnostics/registry.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { typeNames } from '../bind/builtins.js';

/** Types of knobs, parameters and expressions. `any` is the type of an erroneous or undecided value. */
export type Type =
  | { readonly kind: 'int' | 'float' | 'bool' | 'size' | 'identifier' | 'init' | 'mode' | 'border' | 'tensor' | 'any' }
  /** `waits`: the types of the required arguments that the layer is missing, in order. */
  | { readonly kind: 'layer'; readonly waits: readonly Type[] }
  /** A layer of two tensors named `skip` and `up` (and optionally `below` and `bottleneck`). */
  | { readonly kind: 'fusion'; readonly waits: readonly Type[] }
  | { readonly kind: 'list'; readonly of: Type };

export const anyType: Type = { kind: 'any' };

export function formatType(type: Type): string {
  switch (type.kind) {
    case 'int':
      return 'an int';
    case 'float':
      return 'a number';
    case 'bool':
      return 'a bool';
    case 'size':
      return 'an int or a list of ints, one per spatial axis';
    case 'identifier':
      return 'an identifier';
    case 'init':
      return 'an initialiser';
    case 'mode':
      return 'a resize mode';
    case 'border':
      return 'a pad mode';
    case 'tensor':
      return 'a tensor';
    case 'any':
      return 'anything';
    case 'layer':
    case 'fusion':
      return formatLayer(type);
    case 'list':
      if (type.of.kind === 'any') return 'a list';
      return `a list whose elements are each ${formatType(type.of)}`;
  }
}

function formatLayer({ kind, waits }: Extract<Type, { kind: 'layer' | 'fusion' }>): string {
  if (waits.length === 0) return `a ${kind}`;
  const missing = waits.map((each, index) => (index === 0 && each.kind === 'int' ? 'its width' : `its ${each.kind}`));
  const types = waits.map((each) => each.kind).join(', ');
  return `a ${kind} without ${missing.join(' and ')} (\`${kind}(${types})\`)`;
}

/** Whether a layer that is missing arguments of some types is one that is missing arguments of others. */
export function sameWaits(given: readonly Type[], asked: readonly Type[]): boolean {
  const isSame = (a: Type, b: Type | undefined): boolean =>
    b !== undefined && (a.kind === 'any' || b.kind === 'any' || a.kind === b.kind);
  return given.length === asked.length && given.every((each, index) => isSame(each, asked[index]));
}

/**
 * Reads a type as written. UNET2009: every type must have a known name; only `layer`, `fusion` and `list` take an
 * argument.
 */
export function readType(node: TypeNode, sink: (diagnostic: Diagnostic) => void): Type {
  const name = node.name.name;
  const [argument] = node.arguments;
  switch (name) {
    case 'int':
    case 'float':
    case 'bool':
    case 'size':
    case 'identifier':
    case 'init':
      return { kind: name };
    case 'layer':
    case 'fusion':
      return { kind: name, waits: node.arguments.map((each) => readType(each, sink)) };
    case 'list':
      return { kind: 'list', of: argument === undefined ? anyType : readType(argument, sink) };
    case '':
      return anyType;
    default:
      sink(report('UNET2009', { name }, node.name.span, suggestionFor(name, typeNames, node.name.span)));
      return anyType;
  }
}
