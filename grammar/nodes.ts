import type { InputNode, Node, OutputNode, SettingNode, VariantNode } from './ast.js';

export type Kind = Node['kind'];

/** The node type of a kind. */
export type NodeOf<K extends Kind> = Extract<Node, { kind: K }>;

/** The fields of a node that hold nodes, one or a list of them. */
type ChildKey<N extends Node> = {
  [Key in keyof N]-?: NonNullable<N[Key]> extends Node | readonly Node[] ? Key : never;
}[keyof N];

/** For each kind, the fields that contain child nodes, in text order; every tree traversal uses it. */
export const childKeys = {
  Identifier: [],
  Comment: [],
  File: ['statements', 'comments'],
  Use: ['path'],
  Block: ['name', 'parameters', 'members'],
  Parameter: ['name', 'type', 'value'],
  Type: ['name', 'arguments'],
  Tensor: ['name', 'axes'],
  Param: ['name', 'shape', 'value'],
  Let: ['name', 'indices', 'value', 'clauses'],
  ForClause: ['name', 'range'],
  Result: ['value'],
  Model: ['name', 'members'],
  Variant: ['name', 'base', 'members'],
  Setting: ['name', 'value'],
  Input: ['name', 'type'],
  Output: ['name', 'type'],
  Knob: ['name', 'type', 'value', 'off'],
  Half: ['members'],
  Part: ['name', 'parameters', 'value'],
  Head: ['output', 'value'],
  Penalty: ['name', 'when', 'value'],
  Aux: ['output', 'parameters', 'when', 'value', 'clauses'],
  Init: ['entries'],
  Entry: ['name', 'value'],
  Assign: ['output', 'value'],
  Protocol: ['name', 'entries'],
  Study: ['name', 'entries'],
  StudyEntry: ['name', 'values'],
  Entrant: ['value', 'unmatched', 'equal'],
  Equal: ['measure', 'knob'],
  Number: [],
  String: [],
  Boolean: [],
  Off: [],
  Name: [],
  Call: ['callee', 'arguments'],
  Index: ['target', 'items'],
  Member: ['target', 'name'],
  Element: ['name', 'value'],
  List: ['items'],
  Comprehension: ['value', 'clauses'],
  Tuple: ['items'],
  Unary: ['operand'],
  Binary: ['left', 'right'],
  Range: ['from', 'to'],
  Conditional: ['condition', 'then', 'otherwise'],
  Pipe: ['source', 'step', 'when', 'as'],
  Missing: [],
} as const satisfies { readonly [K in Kind]: readonly ChildKey<NodeOf<K>>[] };

/** The child nodes in the order of the text. */
export function childrenOf(node: Node): readonly Node[] {
  const fields = node as unknown as Readonly<Record<string, Node | readonly Node[] | undefined>>;
  const keys: readonly string[] = childKeys[node.kind];
  return keys.flatMap((key) => fields[key] ?? []);
}

/** Callbacks on the way down and up; if `enter` returns `false`, the children are skipped. */
export interface Visitor {
  readonly enter?: (node: Node, ancestors: readonly Node[]) => boolean | void;
  readonly leave?: (node: Node, ancestors: readonly Node[]) => void;
}

/** Traverses the tree of `root` depth first, in text order. */
export function visit(root: Node, visitor: Visitor): void {
  const ancestors: Node[] = [];
  const walk = (node: Node): void => {
    if (visitor.enter?.(node, ancestors) !== false) {
      ancestors.push(node);
      for (const child of childrenOf(node)) walk(child);
      ancestors.pop();
    }
    visitor.leave?.(node, ancestors);
  };
  walk(root);
}

/** The knobs that a variant sets. */
export function settingsOf({ members }: VariantNode): readonly SettingNode[] {
  return members.filter((member) => member.kind === 'Setting');
}

/** The inputs and outputs that a variant replaces. */
export function interfaceOf({ members }: VariantNode): readonly (InputNode | OutputNode)[] {
  return members.filter((member) => member.kind !== 'Setting');
}
