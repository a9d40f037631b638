import type {
  BinaryNode,
  CallNode,
  ComprehensionNode,
  ConditionalNode,
  ElementNode,
  EntrantNode,
  Expression,
  ForClause,
  Identifier,
  Node,
  PipeNode,
  StudyEntryNode,
  TypeNode,
  UnaryNode,
} from '../ast.js';
import { strength, strengthOfComparison, strengthOfMinus, strengthOfNot, strengthOfPower } from '../precedence.js';
import { isPlainName } from '../tokens.js';
import type { CommentPlaces } from './comments.js';
import {
  concat,
  concatAll,
  group,
  hardLine,
  indent,
  join,
  line,
  nothing,
  softLine,
  suffix,
  text,
  unbroken,
  type Doc,
} from './doc.js';

/** Binding strengths beyond those of the operators. */
const level = { conditional: -3, pipe: -2, range: -1, operation: 0, postfix: 9 } as const;

/** The document of an expression, in as few parentheses as its meaning needs. */
export function expressionDoc(places: CommentPlaces, node: Expression): Doc {
  switch (node.kind) {
    case 'Number':
      return text(node.text);
    case 'String':
      return text(`"${node.value.replace(/[\\"]/g, '\\$&')}"`);
    case 'Boolean':
      return text(String(node.value));
    case 'Off':
      return text('off');
    case 'Name':
      return text(nameText(node.name, node.quoted));
    case 'Call':
      return callDoc(places, node);
    case 'Index':
      return concat(within(places, node.target, level.postfix), bracketed(places, node, '[', node.items, ']'));
    case 'Member':
      return concat(within(places, node.target, level.postfix), '.', identifierText(node.name));
    case 'List':
      return bracketed(places, node, '[', node.items, ']');
    case 'Comprehension':
      return comprehensionDoc(places, node);
    case 'Tuple':
      return bracketed(places, node, '(', node.items, ')');
    case 'Unary':
      return unaryDoc(places, node);
    case 'Binary':
      return binaryDoc(places, node);
    case 'Range':
      return concat(within(places, node.from, level.operation), ' .. ', within(places, node.to, level.operation));
    case 'Conditional':
      return conditionalDoc(places, node);
    case 'Pipe':
      return pipeDoc(places, node);
    case 'Missing':
      return nothing;
  }
}

/** How tightly the outermost part of an expression holds together. */
function strengthOf(node: Expression): number {
  switch (node.kind) {
    case 'Conditional':
      return level.conditional;
    case 'Pipe':
      return level.pipe;
    case 'Range':
      return level.range;
    case 'Binary':
      return strength[node.operator];
    case 'Unary':
      return node.operator === 'not' ? strengthOfNot : strengthOfMinus;
    case 'Number':
    case 'String':
    case 'Boolean':
    case 'Off':
    case 'Name':
    case 'Call':
    case 'Index':
    case 'Member':
    case 'List':
    case 'Comprehension':
    case 'Tuple':
    case 'Missing':
      return level.postfix;
  }
}

/** An expression in a place that takes what binds at least as tightly as `weakest`, in parentheses if it does not. */
function within(places: CommentPlaces, node: Expression, weakest: number): Doc {
  const doc = expressionDoc(places, node);
  const isReserved = node.kind === 'Boolean' || node.kind === 'Off';
  const needsParentheses = strengthOf(node) < weakest || (weakest === level.postfix && isReserved);
  return needsParentheses ? parenthesized(doc) : doc;
}

export function parenthesized(doc: Doc): Doc {
  return group(concat('(', indent(concat(softLine, doc)), softLine, ')'));
}

/** A part of a chain with the comments at the end of its line. */
function part(places: CommentPlaces, node: Expression, weakest: number): Doc {
  return concat(within(places, node, weakest), trailingDoc(places, node));
}

/** The comments at the end of a node's line. */
export function trailingDoc(places: CommentPlaces, node: Node): Doc {
  const comments = places.trailing.get(node) ?? [];
  return concatAll(comments.map((comment) => suffix(` ${comment.text}`)));
}

/** The comments on lines before a node, each with the line break after it. */
function leadingDoc(places: CommentPlaces, node: Node): Doc {
  const comments = [...(places.hoisted.get(node) ?? []), ...(places.leading.get(node) ?? [])];
  return concatAll(comments.map((comment) => concat(comment.text, hardLine)));
}

function callDoc(places: CommentPlaces, node: CallNode): Doc {
  return concat(within(places, node.callee, level.postfix), bracketed(places, node, '(', node.arguments, ')'));
}

/** Items on one line, or each on its own. */
function bracketed(
  places: CommentPlaces,
  node: Node,
  opener: string,
  items: readonly (ElementNode | EntrantNode | Expression)[],
  closer: string,
): Doc {
  const dangling = (places.dangling.get(node) ?? []).map((comment) => concat(hardLine, comment.text));
  if (items.length === 0) {
    return dangling.length === 0
      ? text(opener + closer)
      : concat(opener, indent(concatAll(dangling)), hardLine, closer);
  }
  const docs = items.map((item) => itemDoc(places, item));
  return group(concat(opener, indent(concat(softLine, join(concat(',', line), docs))), softLine, closer));
}

function itemDoc(places: CommentPlaces, item: ElementNode | EntrantNode | Expression): Doc {
  return withComments(places, item, ownItemDoc(places, item));
}

function ownItemDoc(places: CommentPlaces, item: ElementNode | EntrantNode | Expression): Doc {
  if (item.kind === 'Element') return elementDoc(places, item);
  return item.kind === 'Entrant' ? entrantDoc(places, item) : expressionDoc(places, item);
}

/** The values of a study's entry: one, or a list in brackets. */
export function studyValuesDoc(places: CommentPlaces, node: StudyEntryNode): Doc {
  if (node.listed) return bracketed(places, node, '[', node.values, ']');
  return concatAll(node.values.map((value) => entrantDoc(places, value, beginsWithList(value.value))));
}

function entrantDoc(places: CommentPlaces, { value, unmatched, equal }: EntrantNode, enclosed = false): Doc {
  const own = expressionDoc(places, value);
  const reason = unmatched === undefined ? nothing : concat(' unmatched ', expressionDoc(places, unmatched));
  const capacity =
    equal === undefined ? nothing : text(` equal ${identifierText(equal.measure)} by ${identifierText(equal.knob)}`);
  return concat(enclosed ? parenthesized(own) : own, reason, capacity);
}

/** An item of a bracket with the comments before, at and after it. */
export function withComments(places: CommentPlaces, item: Node, own: Doc): Doc {
  const after = (places.after.get(item) ?? []).map((comment) => concat(hardLine, comment.text));
  return concat(leadingDoc(places, item), own, trailingDoc(places, item), concatAll(after));
}

function elementDoc(places: CommentPlaces, node: ElementNode): Doc {
  const value = expressionDoc(places, node.value);
  if (node.spread) return concat('...', value);
  if (node.name === undefined) return value;
  return concat(identifierText(node.name), node.separator === '=' ? ' = ' : ': ', value);
}

function unaryDoc(places: CommentPlaces, node: UnaryNode): Doc {
  if (node.operator === 'not') return concat('not ', within(places, node.operand, strengthOfNot));
  return concat('-', within(places, node.operand, strengthOfMinus));
}

function comprehensionDoc(places: CommentPlaces, node: ComprehensionNode): Doc {
  const value = withComments(places, node.value, expressionDoc(places, node.value));
  return group(concat('[', indent(concat(softLine, value, clausesDoc(places, node.clauses))), softLine, ']'));
}

/** ` for i in 0 .. 4, j in 0 .. i`, before which a line may break. */
export function clausesDoc(places: CommentPlaces, clauses: readonly ForClause[]): Doc {
  const docs = clauses.map(({ name, range }) => concat(identifierText(name), ' in ', expressionDoc(places, range)));
  return concat(line, 'for ', group(indent(join(concat(',', line), docs))));
}

/** Powers associate to the right, so their left side is in parentheses where it is a power. */
function powerDoc(places: CommentPlaces, node: BinaryNode): Doc {
  const left = part(places, node.left, strengthOfPower + 1);
  const isSigned = node.right.kind === 'Unary' && node.right.operator === '-';
  const right = part(places, node.right, isSigned ? strengthOfMinus : strengthOfPower);
  return group(concat(left, indent(concat(line, leadingDoc(places, node.right), '^ ', right))));
}

/** A chain of operators of one strength breaks before each operator, after `-`, which cannot open a line. */
function binaryDoc(places: CommentPlaces, node: BinaryNode): Doc {
  const own = strength[node.operator];
  if (own === strengthOfPower) return powerDoc(places, node);
  const links: BinaryNode[] = [];
  let base: Expression = node;
  while (
    base.kind === 'Binary' &&
    strength[base.operator] === own &&
    (links.length === 0 || own !== strengthOfComparison)
  ) {
    links.unshift(base);
    base = base.left;
  }
  const docs = links.map((link) => {
    const before = link === links[0] ? nothing : trailingDoc(places, link.left);
    const leading = leadingDoc(places, link.right);
    const right = part(places, link.right, own + 1);
    if (link.operator === '-') return concat(before, ' -', line, leading, right);
    return concat(before, line, leading, link.operator, ' ', right);
  });
  const leftmost = own === strengthOfComparison ? own + 1 : own;
  return group(concat(part(places, base, leftmost), indent(concatAll(docs))));
}

/** `if a then b else if c then d else e` breaks before each `else`, and before `then` where that is too long. */
function conditionalDoc(places: CommentPlaces, node: ConditionalNode): Doc {
  const docs: Doc[] = [];
  let current: Expression = node;
  let opening: Doc = nothing;
  while (current.kind === 'Conditional') {
    const { condition, then, otherwise }: ConditionalNode = current;
    const head = concat(opening, 'if ', part(places, condition, level.conditional));
    const consequence = concat(line, leadingDoc(places, then), 'then ', part(places, then, level.conditional));
    docs.push(group(concat(head, consequence)));
    opening = concat(leadingDoc(places, otherwise), 'else ');
    if (otherwise.kind !== 'Conditional') docs.push(concat(opening, part(places, otherwise, level.conditional)));
    else opening = concat(opening, trailingDoc(places, otherwise));
    current = otherwise;
  }
  return group(indent(join(line, docs)));
}

/** Steps on one line, or each on its own line after the source. */
function pipeDoc(places: CommentPlaces, node: PipeNode): Doc {
  const links: PipeNode[] = [];
  let base: Expression = node;
  while (base.kind === 'Pipe') {
    links.unshift(base);
    base = base.source;
  }
  const docs = links.map((link) => {
    const before = link === links[0] ? nothing : trailingDoc(places, link.source);
    const step = part(places, link.step, level.postfix);
    const when =
      link.when === undefined ? nothing : concat(' when ', unbroken(within(places, link.when, level.operation)));
    const as = link.as === undefined ? nothing : text(` as ${identifierText(link.as)}`);
    return concat(before, line, leadingDoc(places, link.step), '-> ', step, when, as);
  });
  return group(concat(part(places, base, level.range), indent(concatAll(docs))));
}

/** An expression that stays on one line outside brackets, as what follows it could be taken for a member. */
export function operationDoc(places: CommentPlaces, node: Expression): Doc {
  return unbroken(within(places, node, level.operation));
}

export function typeText(node: TypeNode): string {
  const inner = node.arguments.map(typeText).join(', ');
  return identifierText(node.name) + (inner === '' ? '' : `(${inner})`);
}

export function identifierText(node: Identifier): string {
  return nameText(node.name, false);
}

function nameText(name: string, quoted: boolean): string {
  return quoted || !isPlainName(name) ? `\`${name}\`` : name;
}

/** Whether an expression begins with `off`, which would continue the member before it. */
export function beginsWithOff(node: Expression): boolean {
  switch (node.kind) {
    case 'Off':
      return true;
    case 'Pipe':
      return beginsWithOff(node.source);
    case 'Binary':
      return beginsWithOff(node.left);
    case 'Range':
      return beginsWithOff(node.from);
    default:
      return false;
  }
}

/** Whether the text of an expression begins with `[`, which would be the list of a study's entry. */
function beginsWithList(node: Expression): boolean {
  switch (node.kind) {
    case 'List':
    case 'Comprehension':
      return true;
    case 'Call':
      return beginsWithList(node.callee);
    case 'Index':
    case 'Member':
      return beginsWithList(node.target);
    case 'Pipe':
      return beginsWithList(node.source);
    case 'Binary':
      return beginsWithList(node.left);
    case 'Range':
      return beginsWithList(node.from);
    default:
      return false;
  }
}
