import type { ElementNode, Expression, Identifier, NameNode, Node, Statement } from '../../grammar/ast.js';
import { childrenOf } from '../../grammar/nodes.js';

/**
 * A mention of an axis and the first mention of the same name in the block or model: axes are identified by name
 * throughout.
 */
export interface AxisMention {
  readonly at: NameNode | Identifier;
  readonly declaration: NameNode | Identifier;
  readonly declares: boolean;
}

/**
 * Returns every mention of an axis in a block or model: capitalised names that are not channels, classes or models.
 * Channels and classes are the names in `image(...)`, `classes(...)` and `regions(...)`; the binder knows which names
 * refer to models.
 */
export function findAxes(statement: Statement): readonly AxisMention[] {
  if (statement.kind !== 'Block' && statement.kind !== 'Model') return [];
  const first = new Map<string, NameNode | Identifier>();
  const mentions: AxisMention[] = [];
  const mention = (at: NameNode | Identifier): void => {
    if (!/^[A-Z]/.test(at.name)) return;
    const declaration = first.get(at.name) ?? at;
    first.set(at.name, declaration);
    mentions.push({ at, declaration, declares: declaration === at });
  };
  const element = (node: ElementNode): void => {
    if (node.name !== undefined) mention(node.name);
    walk(node.value);
  };
  const walk = (node: Node): void => {
    if (node.kind === 'Name') mention(node);
    else if (node.kind === 'Element') element(node);
    else if (node.kind === 'Input' || node.kind === 'Output') typeAxes(node.type, element);
    else for (const child of childrenOf(node)) walk(child);
  };
  for (const member of statement.members) walk(member);
  if (statement.kind === 'Block') for (const parameter of statement.parameters) walk(parameter);
  return mentions;
}

/** The axes after `image(...)`, without its channels. */
function typeAxes(type: Expression, element: (node: ElementNode) => void): void {
  if (type.kind === 'Index') for (const item of type.items) element(item);
}
