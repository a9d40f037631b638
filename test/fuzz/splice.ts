import type { Node } from '../../grammar/ast.js';
import { visit } from '../../grammar/nodes.js';
import { parse } from '../../grammar/parse.js';
import { createSource } from '../../grammar/source.js';
import type { Chooser } from './random.js';

type Nodes = ReadonlyMap<Node['kind'], readonly Node[]>;

const expressions: readonly Node['kind'][] = [
  'Name',
  'Number',
  'Call',
  'Index',
  'List',
  'Binary',
  'Pipe',
  'Conditional',
];

/**
 * Changes a spec by its grammar: a node's text takes the place of another's, is left out, or is repeated. Most results
 * are well-formed and mean something else.
 */
export function splice(text: string, donor: string, choose: Chooser): string {
  const own = nodesOf(text);
  const given = nodesOfDonor(donor);
  if (own.size === 0) return donor;
  const kind = choose.pick([...own.keys()]);
  const target = choose.pick(own.get(kind) ?? []);
  const { start, end } = target.span;
  const before = text.slice(0, start);
  const after = text.slice(end);
  const way = choose.fraction();
  if (way < 0.15) return before + after;
  if (way < 0.3)
    return before + text.slice(start, end) + choose.pick(['\n', ', ', ' ', ' -> ']) + text.slice(start, end) + after;
  const alike = expressions.includes(kind) && way < 0.7 ? choose.pick(expressions) : kind;
  const others = given.get(alike) ?? given.get(kind) ?? [];
  if (others.length === 0) return before + after;
  const other = choose.pick(others).span;
  return before + donor.slice(other.start, other.end) + after;
}

/** Of the latest donors, which are the repository's specs again and again. */
const known = new Map<string, Nodes>();

function nodesOfDonor(text: string): Nodes {
  const nodes = known.get(text) ?? nodesOf(text);
  if (known.size >= 64) known.clear();
  known.set(text, nodes);
  return nodes;
}

/** The nodes of a text that take up any of it, by kind. */
function nodesOf(text: string): Nodes {
  const nodes = new Map<Node['kind'], Node[]>();
  const add = (node: Node): void => {
    if (node.span.end <= node.span.start || node.kind === 'File') return;
    const known = nodes.get(node.kind);
    if (known === undefined) nodes.set(node.kind, [node]);
    else known.push(node);
  };
  visit(parse(createSource('donor', text)).file, { enter: add });
  return nodes;
}
