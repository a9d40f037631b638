import type { IToken } from 'chevrotain';
import type {
  AssignNode,
  AuxNode,
  PenaltyNode,
  BlockMember,
  BlockNode,
  EntrantNode,
  EntryNode,
  EqualNode,
  FileNode,
  HalfNode,
  Identifier,
  InputNode,
  ListNode,
  MissingNode,
  ModelMember,
  ModelNode,
  OutputNode,
  ParameterNode,
  PartNode,
  ProtocolNode,
  Statement,
  StringNode,
  StudyEntryNode,
  StudyNode,
  TypeNode,
  UseNode,
  VariantMember,
  VariantNode,
} from './ast.js';
import {
  buildName,
  docBefore,
  first,
  missing,
  nodeSpan,
  spanAtCursor,
  tokenSpan,
  type BuildContext,
} from './build-context.js';
import { buildClauses, buildExpression, buildList, buildOperation, buildString } from './build-expression.js';
import type * as cst from './cst.generated.js';
import { joinSpans, type Span } from './source.js';

/** Builds the syntax tree of a concrete tree; parts that recovery skipped are missing here too, and nothing throws. */
export function buildFile(context: BuildContext, node: cst.FileCstNode): FileNode {
  const statements = (node.children.statement ?? []).flatMap((statement) => buildStatement(context, statement));
  const span = { source: context.source, start: 0, end: context.source.text.length };
  return { kind: 'File', statements, comments: context.comments, source: context.source, span };
}

/** A statement or a member. */
type EnteredCstNode = cst.StatementCstNode | cst.ModelMemberCstNode | cst.VariantMemberCstNode | cst.BlockMemberCstNode;

/** Sets the cursor to the beginning of a node, so that parts missing at its beginning are placed there. */
function enter(context: BuildContext, node: EnteredCstNode): number {
  const start = node.location?.startOffset ?? NaN;
  if (!Number.isNaN(start)) context.cursor = start;
  return context.cursor;
}

function buildStatement(context: BuildContext, node: cst.StatementCstNode): Statement[] {
  const doc = docBefore(context, enter(context, node));
  const use = first(node.children.use);
  if (use !== undefined) return [buildUse(context, use)];
  const block = first(node.children.block);
  if (block !== undefined) return [buildBlock(context, block, doc)];
  const model = first(node.children.model);
  if (model !== undefined) return [buildModel(context, model, doc)];
  const protocol = first(node.children.protocol);
  if (protocol !== undefined) return [buildProtocol(context, protocol, doc)];
  const study = first(node.children.study);
  return study === undefined ? [] : [buildStudy(context, study, doc)];
}

function buildUse(context: BuildContext, node: cst.UseCstNode): UseNode {
  const string = first(node.children.StringLiteral);
  context.cursor = nodeSpan(context, node).end;
  const path = buildText(context, string);
  return { kind: 'Use', path, span: nodeSpan(context, node) };
}

/** A string, or `Missing` if recovery inserted it. */
function buildText(context: BuildContext, string: IToken | undefined): StringNode | MissingNode {
  const isWritten = string !== undefined && !Number.isNaN(string.startOffset);
  return isWritten ? buildString(context, string) : missing(context);
}

function buildBlock(context: BuildContext, node: cst.BlockCstNode, doc: string | undefined): BlockNode {
  const { name, parameters, blockMember } = node.children;
  return {
    kind: 'Block',
    doc,
    name: buildName(context, name),
    parameters: (first(parameters)?.children.parameter ?? []).map((each) => buildParameter(context, each)),
    members: (blockMember ?? []).flatMap((member) => buildBlockMember(context, member)),
    span: nodeSpan(context, node),
  };
}

function buildParameter(context: BuildContext, node: cst.ParameterCstNode): ParameterNode {
  const { name, type, Equals, expression } = node.children;
  return {
    kind: 'Parameter',
    name: buildName(context, name),
    type: buildType(context, type),
    value: first(Equals) === undefined ? undefined : buildExpression(context, expression),
    span: nodeSpan(context, node),
  };
}

function buildType(context: BuildContext, nodes: readonly cst.TypeCstNode[] | undefined): TypeNode {
  const node = first(nodes);
  const name = buildName(context, node?.children.name);
  const inner = (node?.children.type ?? []).map((each) => buildType(context, [each]));
  return { kind: 'Type', name, arguments: inner, span: node === undefined ? name.span : nodeSpan(context, node) };
}

function buildBlockMember(context: BuildContext, node: cst.BlockMemberCstNode): BlockMember[] {
  enter(context, node);
  const param = first(node.children.param);
  if (param !== undefined) {
    const { name, shape, value, Fallback } = param.children;
    return [
      {
        kind: 'Param',
        name: buildName(context, name),
        shape: buildExpression(context, shape),
        value: buildExpression(context, value),
        fallback: first(Fallback) !== undefined,
        span: nodeSpan(context, param),
      },
    ];
  }
  const tensor = first(node.children.tensor);
  if (tensor !== undefined) {
    const name = buildName(context, tensor.children.name);
    const axes = buildAxes(context, tensor.children.list);
    return [{ kind: 'Tensor', name, axes, span: nodeSpan(context, tensor) }];
  }
  const binding = first(node.children.let);
  if (binding !== undefined) return [buildLet(context, binding)];
  if (first(node.children.expression) === undefined) return [];
  const value = buildExpression(context, node.children.expression);
  return [{ kind: 'Result', value, span: value.span }];
}

function buildAxes(context: BuildContext, nodes: readonly cst.ListCstNode[] | undefined): ListNode {
  const node = first(nodes);
  return node === undefined ? { kind: 'List', items: [], span: spanAtCursor(context) } : buildList(context, node);
}

function buildLet(context: BuildContext, node: cst.LetCstNode) {
  const { name, index, value, clauses } = node.children;
  return {
    kind: 'Let' as const,
    name: buildName(context, name),
    indices: (index ?? []).map((each) => buildExpression(context, [each])),
    value: buildExpression(context, value),
    clauses: buildClauses(context, clauses),
    span: nodeSpan(context, node),
  };
}

function buildModel(context: BuildContext, node: cst.ModelCstNode, doc: string | undefined): ModelNode | VariantNode {
  const name = buildName(context, node.children.name);
  const variant = first(node.children.variant);
  if (variant !== undefined) {
    const base = buildName(context, variant.children.name);
    const members = (variant.children.variantMember ?? []).flatMap((each) => buildVariantMember(context, each));
    return { kind: 'Variant', doc, name, base, members, span: nodeSpan(context, node) };
  }
  const members = first(node.children.modelBody)?.children.modelMember ?? [];
  return {
    kind: 'Model',
    doc,
    name,
    members: members.flatMap((member) => buildModelMember(context, member)),
    span: nodeSpan(context, node),
  };
}

function buildVariantMember(context: BuildContext, node: cst.VariantMemberCstNode): VariantMember[] {
  const doc = docBefore(context, enter(context, node));
  const span = nodeSpan(context, node);
  enter(context, node);
  const declared = buildInterfaceMember(context, node.children, doc, span);
  if (declared !== undefined) return [declared];
  const setting = first(node.children.assignment)?.children;
  if (setting === undefined) return [];
  const value = buildExpression(context, setting.expression);
  return [{ kind: 'Setting', name: buildName(context, setting.name), value, span }];
}

/** An input or an output. */
function buildInterfaceMember(
  context: BuildContext,
  { inputMember, outputMember }: cst.VariantMemberCstChildren | cst.ModelMemberCstChildren,
  doc: string | undefined,
  span: Span,
): InputNode | OutputNode | undefined {
  const input = first(inputMember)?.children;
  const output = first(outputMember)?.children;
  const declared = input ?? output;
  if (declared === undefined) return undefined;
  const name = buildName(context, declared.name);
  const type = buildExpression(context, declared.expression);
  return { kind: input === undefined ? 'Output' : 'Input', doc, name, type, span };
}

function buildModelMember(context: BuildContext, node: cst.ModelMemberCstNode): ModelMember[] {
  const doc = docBefore(context, enter(context, node));
  const member = node.children;
  const span = nodeSpan(context, node);
  enter(context, node);
  const declared = buildInterfaceMember(context, member, doc, span);
  if (declared !== undefined) return [declared];
  const head = first(member.head)?.children;
  if (head !== undefined) {
    const name = buildName(context, head.name);
    return [{ kind: 'Head', output: name, value: buildExpression(context, head.expression), span }];
  }
  const knob = first(member.knob);
  if (knob !== undefined) return [buildKnob(context, knob, doc)];
  const half = first(member.half);
  if (half !== undefined) return [buildHalf(context, half)];
  const aux = first(member.auxOutput);
  if (aux !== undefined) return [buildAux(context, aux)];
  const penalty = first(member.penalty);
  if (penalty !== undefined) return [buildPenalty(context, penalty, doc)];
  const init = first(member.init);
  if (init !== undefined) return [{ kind: 'Init', entries: buildEntries(context, init.children.entries), span }];
  const binding = first(member.let);
  if (binding !== undefined) return [buildLet(context, binding)];
  const assignment = first(member.assignment);
  return assignment === undefined ? [] : [buildAssign(context, assignment)];
}

function buildKnob(context: BuildContext, node: cst.KnobCstNode, doc: string | undefined): ModelMember {
  const { name, type, value, Off, off } = node.children;
  return {
    kind: 'Knob',
    doc,
    name: buildName(context, name),
    type: buildType(context, type),
    value: buildExpression(context, value),
    off: first(Off) === undefined ? undefined : buildExpression(context, off),
    span: nodeSpan(context, node),
  };
}

function buildAssign(context: BuildContext, node: cst.AssignmentCstNode): AssignNode {
  const output = buildName(context, node.children.name);
  const value = buildExpression(context, node.children.expression);
  return { kind: 'Assign', output, value, span: nodeSpan(context, node) };
}

function buildHalf(context: BuildContext, node: cst.HalfCstNode): HalfNode {
  return {
    kind: 'Half',
    half: first(node.children.Decoder) === undefined ? 'encoder' : 'decoder',
    members: (node.children.halfMember ?? []).flatMap(({ children }): (PartNode | AuxNode)[] => {
      const aux = first(children.auxPart);
      if (aux !== undefined) return [buildAux(context, aux)];
      const part = first(children.part);
      return part === undefined ? [] : [buildPart(context, part)];
    }),
    span: nodeSpan(context, node),
  };
}

function buildPart(context: BuildContext, node: cst.PartCstNode): PartNode {
  const name = buildName(context, node.children.name);
  const parameters = buildNames(context, node.children.names);
  const value = buildExpression(context, node.children.expression);
  return { kind: 'Part', name, parameters, value, span: nodeSpan(context, node) };
}

function buildNames(context: BuildContext, nodes: readonly cst.NamesCstNode[] | undefined): Identifier[] {
  return (first(nodes)?.children.name ?? []).map((name) => buildName(context, [name]));
}

function buildAux(context: BuildContext, node: cst.AuxPartCstNode | cst.AuxOutputCstNode): AuxNode {
  const { name, When, operation, expression } = node.children;
  return {
    kind: 'Aux',
    output: buildName(context, name),
    parameters: node.name === 'auxPart' ? buildNames(context, node.children.names) : [],
    when: first(When) === undefined ? undefined : buildOperation(context, operation),
    value: buildExpression(context, expression),
    clauses: node.name === 'auxOutput' ? buildClauses(context, node.children.clauses) : [],
    span: nodeSpan(context, node),
  };
}

function buildPenalty(context: BuildContext, node: cst.PenaltyCstNode, doc: string | undefined): PenaltyNode {
  const { name, When, operation, expression } = node.children;
  return {
    kind: 'Penalty',
    doc,
    name: buildName(context, name),
    when: first(When) === undefined ? undefined : buildOperation(context, operation),
    value: buildExpression(context, expression),
    span: nodeSpan(context, node),
  };
}

function buildProtocol(context: BuildContext, node: cst.ProtocolCstNode, doc: string | undefined): ProtocolNode {
  const name = buildName(context, node.children.name);
  const entries = buildEntries(context, node.children.entries);
  return { kind: 'Protocol', doc, name, entries, span: nodeSpan(context, node) };
}

function buildEntries(context: BuildContext, nodes: readonly cst.EntriesCstNode[] | undefined): EntryNode[] {
  return (first(nodes)?.children.entry ?? []).map((node) => ({
    kind: 'Entry',
    name: buildName(context, node.children.name),
    value: buildExpression(context, node.children.expression),
    span: nodeSpan(context, node),
  }));
}

function buildStudy(context: BuildContext, node: cst.StudyCstNode, doc: string | undefined): StudyNode {
  const name = buildName(context, node.children.name);
  const entries = (node.children.studyEntry ?? []).map((entry) => buildStudyEntry(context, entry));
  return { kind: 'Study', doc, name, entries, span: nodeSpan(context, node) };
}

function buildStudyEntry(context: BuildContext, node: cst.StudyEntryCstNode): StudyEntryNode {
  const name = buildName(context, node.children.name);
  const list = first(node.children.entrants);
  const values =
    list === undefined
      ? [buildEntrant(context, first(node.children.entrant))]
      : (list.children.entrant ?? []).map((entrant) => buildEntrant(context, entrant));
  return { kind: 'StudyEntry', name, listed: list !== undefined, values, span: nodeSpan(context, node) };
}

function buildEntrant(context: BuildContext, node: cst.EntrantCstNode | undefined): EntrantNode {
  const value = buildExpression(context, node?.children.expression);
  if (node === undefined) return { kind: 'Entrant', value, unmatched: undefined, equal: undefined, span: value.span };
  const { Unmatched, StringLiteral, Equal } = node.children;
  const unmatched = first(Unmatched) === undefined ? undefined : buildText(context, first(StringLiteral));
  const equal = first(Equal) === undefined ? undefined : buildEqual(context, node.children, first(Equal));
  return { kind: 'Entrant', value, unmatched, equal, span: nodeSpan(context, node) };
}

function buildEqual(context: BuildContext, children: cst.EntrantCstChildren, word: IToken | undefined): EqualNode {
  const start = word === undefined ? spanAtCursor(context) : tokenSpan(context, word);
  const measure = buildName(context, children.measure);
  const knob = buildName(context, children.knob);
  return { kind: 'Equal', measure, knob, span: joinSpans(start, knob.span) };
}
