import type { IToken } from 'chevrotain';
import type {
  BinaryOperator,
  ElementNode,
  Expression,
  ForClause,
  ListNode,
  NameNode,
  NumberNode,
  StringNode,
  TupleNode,
} from './ast.js';
import { buildName, first, missing, nodeSpan, tokenSpan, unquote, type BuildContext } from './build-context.js';
import type {
  ClausesCstNode,
  ConditionalCstNode,
  ElementCstNode,
  ElementsCstNode,
  ExpressionCstNode,
  GroupCstNode,
  ListCstNode,
  OperandCstNode,
  OperationCstNode,
  PipeCstNode,
  PostfixCstNode,
  PrimaryCstNode,
  RangeCstNode,
  StepCstNode,
  SuffixCstNode,
} from './cst.generated.js';
import { misplacedInCall } from './element-forms.js';
import { report } from './diagnostics/registry.js';
import { rank, type PrecedenceErrors, type Prefixed, type Sign } from './precedence.js';
import { joinSpans } from './source.js';
import * as token from './tokens.js';

/** The expression that a rule parsed, or `Missing`. */
export function buildExpression(context: BuildContext, nodes: readonly ExpressionCstNode[] | undefined): Expression {
  const node = first(nodes);
  const conditional = first(node?.children.conditional);
  if (conditional !== undefined) return buildConditional(context, conditional);
  const pipe = first(node?.children.pipe);
  return pipe === undefined ? missing(context) : buildPipe(context, pipe);
}

function buildConditional(context: BuildContext, node: ConditionalCstNode): Expression {
  const { If, condition, then, otherwise } = node.children;
  if (first(If) !== undefined) tokenSpan(context, If[0] as IToken);
  return {
    kind: 'Conditional',
    condition: buildExpression(context, condition),
    then: buildExpression(context, then),
    otherwise: buildExpression(context, otherwise),
    span: nodeSpan(context, node),
  };
}

function buildPipe(context: BuildContext, node: PipeCstNode): Expression {
  const source = buildRange(context, node.children.range);
  return (node.children.step ?? []).reduce((left, step) => buildStep(context, left, step), source);
}

function buildStep(context: BuildContext, source: Expression, node: StepCstNode): Expression {
  const { Arrow, postfix, When, operation, As, name } = node.children;
  const arrow = first(Arrow);
  if (arrow !== undefined) tokenSpan(context, arrow);
  const step = buildPostfix(context, postfix);
  const when = first(When) === undefined ? undefined : buildOperation(context, operation);
  const as = first(As) === undefined ? undefined : buildName(context, name);
  return { kind: 'Pipe', source, step, when, as, span: joinSpans(source.span, nodeSpan(context, node)) };
}

function buildRange(context: BuildContext, nodes: readonly RangeCstNode[] | undefined): Expression {
  const node = first(nodes);
  const from = buildOperation(context, node?.children.from);
  const dots = first(node?.children.DotDot);
  if (node === undefined || dots === undefined) return from;
  tokenSpan(context, dots);
  const to = buildOperation(context, node.children.to);
  return { kind: 'Range', from, to, span: joinSpans(from.span, to.span) };
}

/** An expression of operators, structured by precedence. */
export function buildOperation(context: BuildContext, nodes: readonly OperationCstNode[] | undefined): Expression {
  const node = first(nodes);
  if (node === undefined) return missing(context);
  const operators = (node.children.Infix ?? []).map((found) => signOf(context, found) as Sign<BinaryOperator>);
  const operands: Prefixed[] = (node.children.operand ?? []).map((operand) => buildOperand(context, operand));
  while (operands.length < operators.length + 1) operands.push({ prefixes: [], operand: missing(context) });
  return rank(operands, operators, precedenceErrorsIn(context));
}

function buildOperand(context: BuildContext, node: OperandCstNode): Prefixed {
  const prefixes = (node.children.prefix ?? []).map((found) => signOf(context, found) as Sign<'-' | 'not'>);
  return { prefixes, operand: buildPostfix(context, node.children.postfix) };
}

function signOf(context: BuildContext, found: IToken): Sign<string> {
  // `&&`, which has been reported, is an `and`.
  const isWord = token.reservedWords.includes(found.tokenType);
  const operator = isWord ? found.tokenType.name.toLowerCase() : found.image;
  return { operator, span: tokenSpan(context, found) };
}

function precedenceErrorsIn(context: BuildContext): PrecedenceErrors {
  return {
    chained: (second, before) => {
      const labels = [{ span: before.span, text: 'the result of this comparison is true or false' }];
      const help = 'Combine two comparisons with `and`: `a < b and b < c`.';
      context.diagnostics.push(report('UNET1009', {}, second.span, { labels, help }));
    },
    misplacedNot: (not, operator) => {
      const help = 'Put `not` and its operand in parentheses.';
      context.diagnostics.push(report('UNET1016', { operator }, not.span, { help }));
    },
  };
}

function buildPostfix(context: BuildContext, nodes: readonly PostfixCstNode[] | undefined): Expression {
  const node = first(nodes);
  if (node === undefined) return missing(context);
  const target = buildPrimary(context, node.children.primary);
  return (node.children.suffix ?? []).reduce((left, suffix) => buildSuffix(context, left, suffix), target);
}

function buildSuffix(context: BuildContext, target: Expression, node: SuffixCstNode): Expression {
  const { CallOpen, IndexOpen, Dot, elements, name } = node.children;
  const opener = first(CallOpen) ?? first(IndexOpen) ?? first(Dot);
  if (opener === undefined) return target;
  tokenSpan(context, opener);
  if (first(Dot) !== undefined) {
    const member = buildName(context, name);
    return { kind: 'Member', target, name: member, span: joinSpans(target.span, member.span) };
  }
  const items = buildElements(context, elements);
  const span = joinSpans(target.span, nodeSpan(context, node));
  const isCall = first(CallOpen) !== undefined;
  if (isCall) context.diagnostics.push(...misplacedInCall(items));
  return isCall ? { kind: 'Call', callee: target, arguments: items, span } : { kind: 'Index', target, items, span };
}

function buildElements(context: BuildContext, nodes: readonly ElementsCstNode[] | undefined): ElementNode[] {
  return (first(nodes)?.children.element ?? []).map((element) => buildElement(context, element));
}

function buildElement(context: BuildContext, node: ElementCstNode): ElementNode {
  const { name, Colon, Equals, Spread, expression } = node.children;
  const separator = first(Colon) !== undefined ? ':' : first(Equals) !== undefined ? '=' : undefined;
  const spread = first(Spread);
  if (spread !== undefined) tokenSpan(context, spread);
  const identifier = separator === undefined ? undefined : buildName(context, name);
  const value = buildExpression(context, expression);
  const own = nodeSpan(context, node);
  const span = identifier === undefined && spread === undefined ? value.span : own;
  return { kind: 'Element', name: identifier, separator, spread: spread !== undefined, value, span };
}

function buildPrimary(context: BuildContext, nodes: readonly PrimaryCstNode[] | undefined): Expression {
  const children = first(nodes)?.children;
  if (children === undefined) return missing(context);
  const number = first(children.IntegerLiteral) ?? first(children.FloatLiteral);
  if (number !== undefined) return buildNumber(context, number, children.IntegerLiteral !== undefined);
  const string = first(children.StringLiteral);
  if (string !== undefined) return buildString(context, string);
  const boolean = first(children.True) ?? first(children.False);
  if (boolean !== undefined) {
    return { kind: 'Boolean', value: children.True !== undefined, span: tokenSpan(context, boolean) };
  }
  const off = first(children.Off);
  if (off !== undefined) return { kind: 'Off', span: tokenSpan(context, off) };
  const name = first(children.Identifier) ?? first(children.QuotedName);
  if (name !== undefined) return buildNameNode(context, name);
  const list = first(children.list);
  if (list !== undefined) return buildListOrComprehension(context, list);
  const group = first(children.group);
  return group === undefined ? missing(context) : buildGroup(context, group);
}

function buildNumber(context: BuildContext, found: IToken, integer: boolean): NumberNode {
  const text = found.image;
  const span = tokenSpan(context, found);
  const value = Number.parseFloat(text);
  const held = integer ? Number.isSafeInteger(value) : Number.isFinite(value);
  if (!held && !Number.isNaN(found.startOffset)) {
    context.diagnostics.push(report('UNET1015', { text: shorten(text) }, span));
  }
  return { kind: 'Number', value, integer, text, span };
}

function shorten(text: string): string {
  return text.length <= 30 ? text : `${text.slice(0, 27)}...`;
}

/** The value of a string token, without quotes and escapes; its closing quote may be missing. */
export function buildString(context: BuildContext, found: IToken): StringNode {
  const value = found.image.replace(/^"/, '').replace(/\\(.?)|"$/g, '$1');
  return { kind: 'String', value, span: tokenSpan(context, found) };
}

function buildNameNode(context: BuildContext, found: IToken): NameNode {
  const quoted = found.image.startsWith('`');
  return { kind: 'Name', name: unquote(found.image), quoted, span: tokenSpan(context, found) };
}

/** A list in brackets; an absent one is empty. */
/** A list of axes, which has no clauses (UNET2028). */
export function buildList(context: BuildContext, node: ListCstNode): ListNode {
  const { items, clauses, span } = buildBracket(context, node);
  const [clause] = clauses;
  if (clause !== undefined) {
    const help = 'Write the axes one after another.';
    context.diagnostics.push(report('UNET2028', { sign: 'for', place: 'a list of axes' }, clause.span, { help }));
  }
  return { kind: 'List', items, span };
}

/** A list, or `[value for ...]`, which has one value (UNET2028). */
function buildListOrComprehension(context: BuildContext, node: ListCstNode): Expression {
  const { items, clauses, span } = buildBracket(context, node);
  const [clause] = clauses;
  if (clause === undefined) return { kind: 'List', items, span };
  const [item, ...others] = items;
  if (item !== undefined && others.length === 0 && item.name === undefined && !item.spread) {
    return { kind: 'Comprehension', value: item.value, clauses, span };
  }
  const help = 'Write one value before `for`: `[2 * i for i in 0 .. 3]`.';
  context.diagnostics.push(
    report('UNET2028', { sign: 'for', place: 'a list of several values' }, clause.span, { help }),
  );
  return { kind: 'Missing', span };
}

function buildBracket(context: BuildContext, node: ListCstNode) {
  const opener = first(node.children.ListOpen);
  if (opener !== undefined) tokenSpan(context, opener);
  const items = buildElements(context, node.children.elements);
  const clauses = buildClauses(context, node.children.clauses);
  return { items, clauses, span: nodeSpan(context, node) };
}

/** The clauses of a `for`, outermost first. */
export function buildClauses(context: BuildContext, nodes: readonly ClausesCstNode[] | undefined): ForClause[] {
  return (first(nodes)?.children.clause ?? []).map((node) => ({
    kind: 'ForClause',
    name: buildName(context, node.children.name),
    range: buildExpression(context, node.children.expression),
    span: nodeSpan(context, node),
  }));
}

function buildGroup(context: BuildContext, node: GroupCstNode): Expression {
  const opener = first(node.children.GroupOpen);
  if (opener !== undefined) tokenSpan(context, opener);
  const items = (node.children.expression ?? []).map((item) => buildExpression(context, [item]));
  const span = nodeSpan(context, node);
  const [only, ...others] = items;
  if (only === undefined) return { kind: 'Missing', span };
  if (others.length === 0) return { ...only, span };
  return { kind: 'Tuple', items, span } satisfies TupleNode;
}
