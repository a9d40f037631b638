import type { Comment, FileNode, Node, StudyEntryNode } from '../ast.js';
import { childrenOf } from '../nodes.js';
import type { Span } from '../source.js';

/** The comments by the node that they belong to. */
export interface CommentPlaces {
  /** On lines of their own before the node. */
  readonly leading: ReadonlyMap<Node, readonly Comment[]>;
  /** At the end of the node's last line. */
  readonly trailing: ReadonlyMap<Node, readonly Comment[]>;
  /** On lines of their own after the node, which is the last of its bracket. */
  readonly after: ReadonlyMap<Node, readonly Comment[]>;
  /** After the opening brace of the node. */
  readonly opening: ReadonlyMap<Node, readonly Comment[]>;
  /** Inside the node's bracket, which is otherwise empty. */
  readonly dangling: ReadonlyMap<Node, readonly Comment[]>;
  /** In a position without line breaks; moved to lines of their own before the member or item that contains them. */
  readonly hoisted: ReadonlyMap<Node, readonly Comment[]>;
}

type Places = { readonly [Key in keyof CommentPlaces]: Map<Node, Comment[]> };

/**
 * Finds the place of every comment: the innermost node around it that can hold one between its parts, and there the
 * part before it on its line, or else the part after it.
 */
export function placeComments(file: FileNode): CommentPlaces {
  const places: Places = {
    leading: new Map(),
    trailing: new Map(),
    after: new Map(),
    opening: new Map(),
    dangling: new Map(),
    hoisted: new Map(),
  };
  distribute(places, file, file.comments, { owner: undefined, rigid: false });
  return places;
}

/** What is around a node that comments are placed in. */
interface Surroundings {
  /** The innermost member or item around it, before which lines can break. */
  readonly owner: Node | undefined;
  /** Whether its lines cannot break, as what follows would be taken for a member. */
  readonly rigid: boolean;
}

/** Gives each child the comments inside it, and places those between the children. */
function distribute(places: Places, node: Node, comments: readonly Comment[], around: Surroundings): void {
  if (comments.length === 0) return;
  const children = childrenOf(node).filter((child) => child.kind !== 'Comment');
  const own: Comment[] = [];
  let position = 0;
  for (const child of children) {
    for (; isBefore(comments[position], child.span); position++) own.push(comments[position] as Comment);
    const start = position;
    while ((comments[position]?.span.start ?? Infinity) < child.span.end) position++;
    distribute(places, child, comments.slice(start, position), surroundingsOf(node, child, around));
  }
  own.push(...comments.slice(position));
  const parts = partsOf(node, children);
  for (const comment of own) place(places, node, parts, comment, around);
}

function surroundingsOf(node: Node, child: Node, around: Surroundings): Surroundings {
  const isCondition = (node.kind === 'Aux' || node.kind === 'Penalty' || node.kind === 'Pipe') && child === node.when;
  const isHead = isCondition || (node.kind === 'Param' && child === node.shape);
  const isAlone = node.kind === 'StudyEntry' && !node.listed;
  const owner = ownerKinds.has(child.kind) && !isAlone ? child : around.owner;
  return { owner, rigid: isHead || (around.rigid && child.kind !== 'Element') };
}

function isBefore(comment: Comment | undefined, span: Span): boolean {
  return comment !== undefined && comment.span.start < span.start;
}

/** Nodes before which a line may always break: what braces and brackets hold. */
const ownerKinds = new Set<Node['kind']>([
  'Use',
  'Block',
  'Model',
  'Variant',
  'Protocol',
  'Study',
  'Parameter',
  'Tensor',
  'Param',
  'Let',
  'Result',
  'Setting',
  'Input',
  'Output',
  'Knob',
  'Half',
  'Part',
  'Head',
  'Aux',
  'Penalty',
  'Init',
  'Entry',
  'StudyEntry',
  'Assign',
  'Element',
  'Entrant',
]);

const braceKinds = new Set<Node['kind']>(['Block', 'Model', 'Variant', 'Protocol', 'Study', 'Half', 'Init']);
const bracketKinds = new Set<Node['kind']>(['Call', 'Index', 'List', 'Comprehension', 'Tuple']);
const chainKinds = new Set<Node['kind']>(['Pipe', 'Binary', 'Conditional']);

/** The children between which a node can hold comments. */
function partsOf(node: Node, children: readonly Node[]): readonly Node[] {
  switch (node.kind) {
    case 'File':
      return node.statements;
    case 'Block':
    case 'Model':
    case 'Half':
    case 'Variant':
      return node.members;
    case 'Protocol':
    case 'Study':
    case 'Init':
      return node.entries;
    case 'StudyEntry':
      return node.values;
    case 'Call':
      return node.arguments;
    case 'Index':
    case 'List':
    case 'Tuple':
      return node.items;
    case 'Comprehension':
      return [node.value];
    case 'Pipe':
      return [node.source, node.step];
    default:
      return children;
  }
}

function place(places: Places, node: Node, parts: readonly Node[], comment: Comment, around: Surroundings): void {
  const next = firstAfter(parts, comment.span.end);
  const isBetween = next > 0 && next < parts.length;
  const holds = chainKinds.has(node.kind) ? isBetween && !around.rigid : !isOutside(node, comment);
  if (!holds) add(places.hoisted, around.owner ?? node, comment);
  else if (braceKinds.has(node.kind) && next === 0) placeInHead(places, node, comment, parts[0], around);
  else placeBetween(places, node, parts, comment);
}

/** At the part before on the line of the comment, or else at the part after it. */
function placeBetween(places: Places, node: Node, parts: readonly Node[], comment: Comment): void {
  const next = firstAfter(parts, comment.span.end);
  const following = parts[next];
  const preceding = parts[next - 1];
  if (preceding !== undefined && !breaksBetween(comment, preceding.span.end, comment.span.start)) {
    add(places.trailing, preceding, comment);
  } else if (following !== undefined) add(places.leading, following, comment);
  else if (preceding !== undefined) add(places.after, preceding, comment);
  else add(places.dangling, node, comment);
}

/** Before the first member: behind the brace that opens, or before it, among the parameters of a block. */
function placeInHead(
  places: Places,
  node: Node,
  comment: Comment,
  following: Node | undefined,
  around: Surroundings,
): void {
  const brace = openingBrace(node);
  if (comment.span.start < brace) {
    if (node.kind === 'Block' && node.parameters.length > 0) placeBetween(places, node, node.parameters, comment);
    else add(places.hoisted, around.owner ?? node, comment);
  } else if (!breaksBetween(comment, brace, comment.span.start)) add(places.opening, node, comment);
  else if (following !== undefined) add(places.leading, following, comment);
  else add(places.dangling, node, comment);
}

/** The offset of the brace that opens a node's members. */
export function openingBrace(node: Node): number {
  const { source, start, end } = node.span;
  const token = /\/\/[^\r\n]*|"(?:[^"\\\r\n]|\\.)*"|`[^`\r\n]*`|\{/g;
  token.lastIndex = start;
  for (let match = token.exec(source.text); match !== null && match.index < end; match = token.exec(source.text)) {
    if (match[0] === '{') return match.index;
  }
  return end;
}

/** The offset of the bracket that opens the values of a study's entry; near enough where a comment before it has one. */
function openingBracket({ name, span }: StudyEntryNode): number {
  const at = span.source.text.indexOf('[', name.span.end);
  return at < 0 ? span.end : at;
}

/** The index of the first part that begins at or after `offset`. */
function firstAfter(parts: readonly Node[], offset: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.span.start ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether a comment is at a position where its node is not enclosed in braces or brackets. */
function isOutside(node: Node, comment: Comment): boolean {
  if (node.kind === 'Call') return comment.span.start < node.callee.span.end;
  if (node.kind === 'Index') return comment.span.start < node.target.span.end;
  if (node.kind === 'StudyEntry') return !node.listed || comment.span.start < openingBracket(node);
  return node.kind !== 'File' && !braceKinds.has(node.kind) && !bracketKinds.has(node.kind);
}

function breaksBetween(comment: Comment, start: number, end: number): boolean {
  return /[\r\n]/.test(comment.span.source.text.slice(start, end));
}

function add(map: Map<Node, Comment[]>, node: Node, comment: Comment): void {
  const list = map.get(node);
  if (list === undefined) map.set(node, [comment]);
  else list.push(comment);
}
