import type {
  BlockNode,
  ForClause,
  Identifier,
  InputNode,
  KnobNode,
  LetNode,
  ModelNode,
  OutputNode,
  ParameterNode,
  ParamNode,
  PartNode,
  ProtocolNode,
  StudyNode,
  TensorNode,
  VariantNode,
} from '../../grammar/ast.js';

/** The meaning of a name. Declared symbols refer to their node; built-in ones have only a name. */
export type Symbol =
  | { readonly kind: 'block'; readonly name: string; readonly declaration: BlockNode; readonly file: string }
  | {
      readonly kind: 'model';
      readonly name: string;
      readonly declaration: ModelNode | VariantNode;
      readonly file: string;
    }
  | { readonly kind: 'protocol'; readonly name: string; readonly declaration: ProtocolNode; readonly file: string }
  | { readonly kind: 'study'; readonly name: string; readonly declaration: StudyNode; readonly file: string }
  | { readonly kind: 'parameter'; readonly name: string; readonly declaration: ParameterNode }
  | { readonly kind: 'tensor'; readonly name: string; readonly declaration: TensorNode }
  | { readonly kind: 'param'; readonly name: string; readonly declaration: ParamNode }
  /** A family `x[i, j]` is one symbol with several declarations, of which this is the first. */
  | { readonly kind: 'let'; readonly name: string; readonly declaration: LetNode }
  | { readonly kind: 'knob'; readonly name: string; readonly declaration: KnobNode }
  | { readonly kind: 'input'; readonly name: string; readonly declaration: InputNode }
  | { readonly kind: 'output'; readonly name: string; readonly declaration: OutputNode }
  /** A list of a half, such as `widths`, or `n`, the number of levels. */
  | { readonly kind: 'list'; readonly name: string; readonly declaration: PartNode }
  | { readonly kind: 'loop'; readonly name: string; readonly declaration: ForClause | Identifier }
  | { readonly kind: 'levels'; readonly name: 'encoder' | 'decoder' }
  | { readonly kind: 'depth'; readonly name: 'n' }
  | { readonly kind: 'builtin'; readonly name: string }
  /** A word of another library, which has been reported. */
  | { readonly kind: 'foreign'; readonly name: string };

/** The node whose span is shown by labels such as "declared here". */
export function declarationOf(symbol: Symbol): Identifier | undefined {
  switch (symbol.kind) {
    case 'builtin':
    case 'foreign':
    case 'levels':
    case 'depth':
      return undefined;
    case 'loop':
      return symbol.declaration.kind === 'Identifier' ? symbol.declaration : symbol.declaration.name;
    default:
      return symbol.declaration.name;
  }
}
