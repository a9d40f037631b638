import type {
  AuxNode,
  PenaltyNode,
  BlockMember,
  BlockNode,
  Expression,
  ForClause,
  Identifier,
  ModelMember,
  Node,
  ParameterNode,
  Statement,
  VariantMember,
} from '../ast.js';
import { openingBrace, type CommentPlaces } from './comments.js';
import {
  blankLine,
  concat,
  concatAll,
  group,
  hardLine,
  indent,
  join,
  line,
  memberLine,
  nothing,
  softLine,
  suffix,
  text,
  unbroken,
  type Doc,
} from './doc.js';
import {
  beginsWithOff,
  clausesDoc,
  expressionDoc,
  identifierText,
  operationDoc,
  parenthesized,
  studyValuesDoc,
  trailingDoc,
  typeText,
  withComments,
} from './expression.js';

type Item =
  Statement | BlockMember | ModelMember | Extract<Node, { kind: 'Part' | 'Setting' | 'Entry' | 'StudyEntry' }>;

/** Prints statements or members on separate lines, with their comments; up to one empty line between them is kept. */
export function linesDoc(places: CommentPlaces, holder: Node, items: readonly Item[]): Doc {
  const docs: Doc[] = [];
  let end: number | undefined;
  for (let i = 0; i < items.length; i++) {
    const first = items[i];
    if (first === undefined) continue;
    const run = [first];
    while (sharesLine(places, items[i], items[i + 1])) run.push(items[++i] as Item);
    const last = run.at(-1) ?? first;
    for (const entry of [...commentsBefore(places, first), runEntry(places, holder, run)]) {
      if (end !== undefined) docs.push(lineBetween(first, end, entry.start));
      docs.push(entry.doc);
      end = entry.end;
    }
    for (const comment of places.after.get(last) ?? []) {
      docs.push(lineBetween(first, end ?? 0, comment.span.start), text(comment.text));
      end = comment.span.end;
    }
  }
  return concatAll(docs);
}

/** A document and the part of the source that it represents. */
interface Entry {
  readonly doc: Doc;
  readonly start: number;
  readonly end: number;
}

function runEntry(places: CommentPlaces, holder: Node, run: readonly Item[]): Entry {
  const docs = run.map((item) => concat(itemDoc(places, holder, item), trailingDoc(places, item)));
  const start = run[0]?.span.start ?? 0;
  const last = run.at(-1);
  const ends = [last?.span.end ?? 0, ...run.flatMap((item) => places.trailing.get(item) ?? []).map((c) => c.span.end)];
  const doc = docs.length === 1 ? (docs[0] ?? nothing) : group(join(memberLine, docs));
  return { doc, start, end: Math.max(...ends) };
}

/**
 * The comments on the lines before an item; hoisted ones that look like documentation are followed by an empty line.
 */
function commentsBefore(places: CommentPlaces, item: Item): Entry[] {
  const leading = places.leading.get(item) ?? [];
  const start = leading[0]?.span.start ?? item.span.start;
  const hoisted = places.hoisted.get(item) ?? [];
  const entries: Entry[] = [];
  if (hoisted.length > 0) {
    const separator = hoisted.some((comment) => comment.doc) ? hardLine : nothing;
    const doc = concat(
      join(
        hardLine,
        hoisted.map((comment) => text(comment.text)),
      ),
      separator,
    );
    entries.push({ doc, start, end: start });
  }
  for (const { text: content, span } of leading) entries.push({ doc: text(content), start: span.start, end: span.end });
  const isDocumented = leading.some((comment) => comment.doc);
  const written = 'doc' in item && item.doc !== undefined && !isDocumented ? item.doc.split('\n') : [];
  for (const content of written) {
    entries.push({ doc: text(`/// ${content}`.trimEnd()), start: item.span.start, end: item.span.start });
  }
  return entries;
}

/** Whether the source has two members on one line, as in `epochs: 50, batch: 1`, with no comment at either. */
function sharesLine(places: CommentPlaces, before: Item | undefined, next: Item | undefined): boolean {
  if (before === undefined || next === undefined || next.span.end === 0) return false;
  if (places.trailing.has(before) || places.leading.has(next) || places.hoisted.has(next)) return false;
  return !/[\r\n]/.test(before.span.source.text.slice(before.span.end, next.span.start));
}

function lineBetween(item: Item, end: number, start: number): Doc {
  const isApart = /(\r\n|\n|\r)[ \t]*(\r\n|\n|\r)/.test(item.span.source.text.slice(end, start));
  return isApart ? blankLine : hardLine;
}

/** Members in braces, on one line if they were written so and fit. */
function bodyDoc(places: CommentPlaces, node: Node, items: readonly Item[]): Doc {
  const opening = concatAll((places.opening.get(node) ?? []).map((comment) => suffix(` ${comment.text}`)));
  if (items.length === 0) {
    const dangling = places.dangling.get(node) ?? [];
    const docs = dangling.map((comment) => concat(hardLine, comment.text));
    const isEmpty = docs.length === 0 && !opening.forced;
    return isEmpty ? text(' {}') : concat(' {', opening, indent(concatAll(docs)), hardLine, '}');
  }
  if (isOnOneLine(node)) {
    const docs = items.map((item) => itemDoc(places, node, item));
    return group(concat(' {', indent(concat(line, join(memberLine, docs))), line, '}'));
  }
  return concat(' {', opening, indent(concat(hardLine, linesDoc(places, node, items))), hardLine, '}');
}

function isDocumented(member: VariantMember): boolean {
  return member.kind !== 'Setting' && member.doc !== undefined;
}

/** Whether the source has the braces on one line; for a node without source, whether that is usual. */
function isOnOneLine(node: Node): boolean {
  if (node.span.end === 0) return node.kind === 'Init' || (node.kind === 'Variant' && !node.members.some(isDocumented));
  return !/[\r\n]/.test(node.span.source.text.slice(openingBrace(node), node.span.end));
}

function itemDoc(places: CommentPlaces, holder: Node, node: Item): Doc {
  switch (node.kind) {
    case 'Use':
      return concat('use ', expressionDoc(places, node.path));
    case 'Block':
      return blockDoc(places, node);
    case 'Model':
      return concat('model ', identifierText(node.name), bodyDoc(places, node, node.members));
    case 'Variant': {
      const head = `model ${identifierText(node.name)} = ${identifierText(node.base)}`;
      return concat(head, bodyDoc(places, node, node.members));
    }
    case 'Protocol':
      return concat('protocol ', identifierText(node.name), bodyDoc(places, node, node.entries));
    case 'Study':
      return concat('study ', identifierText(node.name), bodyDoc(places, node, node.entries));
    case 'Tensor':
      return concat(identifierText(node.name), ': ', expressionDoc(places, node.axes));
    case 'Param': {
      const shape = unbroken(expressionDoc(places, node.shape));
      const value = expressionDoc(places, node.value);
      return concat('param ', identifierText(node.name), ': ', shape, ' = ', value, node.fallback ? ' fallback' : '');
    }
    case 'Let': {
      const head = concat('let ', identifierText(node.name), indicesDoc(places, node.indices), ' = ');
      return withClauses(places, concat(head, expressionDoc(places, node.value)), node.clauses);
    }
    case 'Result': {
      const value = expressionDoc(places, node.value);
      return beginsWithOff(node.value) ? parenthesized(value) : value;
    }
    case 'Input':
      return concat('input ', identifierText(node.name), ': ', expressionDoc(places, node.type));
    case 'Output':
      return concat('output ', identifierText(node.name), ': ', expressionDoc(places, node.type));
    case 'Knob': {
      const head = `knob ${identifierText(node.name)}: ${typeText(node.type)} = `;
      const off = node.off === undefined ? nothing : concat(line, 'off ', expressionDoc(places, node.off));
      return group(concat(head, expressionDoc(places, node.value), indent(off)));
    }
    case 'Half':
      return concat(node.half, bodyDoc(places, node, node.members));
    case 'Part': {
      const head = identifierText(node.name) + namesText(node.parameters);
      return concat(head, ': ', expressionDoc(places, node.value));
    }
    case 'Head':
      return concat('head ', identifierText(node.output), ': ', expressionDoc(places, node.value));
    case 'Aux':
      return auxDoc(places, node, holder.kind === 'Half' ? ': ' : ' = ');
    case 'Penalty':
      return concat(
        'penalty ',
        identifierText(node.name),
        whenDoc(places, node),
        ' = ',
        expressionDoc(places, node.value),
      );
    case 'Init':
      return concat('init', bodyDoc(places, node, node.entries));
    case 'Entry':
      return concat(identifierText(node.name), ': ', expressionDoc(places, node.value));
    case 'StudyEntry':
      return concat(identifierText(node.name), ': ', studyValuesDoc(places, node));
    case 'Assign':
      return concat(identifierText(node.output), ' = ', expressionDoc(places, node.value));
    case 'Setting':
      return concat(identifierText(node.name), ' = ', expressionDoc(places, node.value));
  }
}

function whenDoc(places: CommentPlaces, { when }: AuxNode | PenaltyNode): Doc {
  return when === undefined ? nothing : concat(' when ', operationDoc(places, when));
}

function auxDoc(places: CommentPlaces, node: AuxNode, separator: string): Doc {
  const when = whenDoc(places, node);
  const head = concat('aux ', identifierText(node.output), namesText(node.parameters), when, separator);
  return withClauses(places, concat(head, expressionDoc(places, node.value)), node.clauses);
}

function blockDoc(places: CommentPlaces, node: BlockNode): Doc {
  const docs = node.parameters.map((parameter) => parameterDoc(places, parameter));
  const inner = indent(concat(softLine, join(concat(',', line), docs)));
  const list = docs.length === 0 ? nothing : group(concat('(', inner, softLine, ')'));
  return concat('block ', identifierText(node.name), list, bodyDoc(places, node, node.members));
}

function parameterDoc(places: CommentPlaces, node: ParameterNode): Doc {
  const head = `${identifierText(node.name)}: ${typeText(node.type)}`;
  const value = node.value === undefined ? nothing : concat(' = ', expressionDoc(places, node.value));
  return withComments(places, node, concat(head, value));
}

function indicesDoc(places: CommentPlaces, indices: readonly Expression[]): Doc {
  if (indices.length === 0) return nothing;
  return concat(
    '[',
    join(
      text(', '),
      indices.map((index) => unbroken(expressionDoc(places, index))),
    ),
    ']',
  );
}

function namesText(names: readonly Identifier[]): string {
  return names.length === 0 ? '' : `(${names.map(identifierText).join(', ')})`;
}

function withClauses(places: CommentPlaces, doc: Doc, clauses: readonly ForClause[]): Doc {
  if (clauses.length === 0) return doc;
  return group(concat(doc, indent(clausesDoc(places, clauses))));
}
