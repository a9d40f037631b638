import type { TypeNode } from '../../grammar/ast.js';
import { report } from '../../grammar/diagnostics/registry.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { typeNames } from '../bind/builtins.js';

/** Types of knobs, parameters and expressions. `any` is the type of an erroneous or undecided value. */
export type Type =
  | { readonly kind: 'int' | 'float' | 'bool' | 'size' | 'identifier' | 'init' | 'mode' | 'border' | 'tensor' | 'any' }
  /** `waits`: the layer is missing its width, an int. */
  | { readonly kind: 'layer'; readonly waits: boolean }
  /** A layer of two tensors named `skip` and `up` (and optionally `below` and `bottleneck`). */
  | { readonly kind: 'fusion'; readonly waits: boolean }
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
      return type.waits ? 'a layer without its width (`layer(int)`)' : 'a layer';
    case 'fusion':
      return type.waits ? 'a fusion without its width (`fusion(int)`)' : 'a fusion';
    case 'list':
      if (type.of.kind === 'any') return 'a list';
      return `a list whose elements are each ${formatType(type.of)}`;
  }
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
      return { kind: name, waits: argument !== undefined };
    case 'list':
      return { kind: 'list', of: argument === undefined ? anyType : readType(argument, sink) };
    case '':
      return anyType;
    default:
      sink(report('UNET2009', { name }, node.name.span, suggestionFor(name, typeNames, node.name.span)));
      return anyType;
  }
}
