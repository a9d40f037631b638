import type {
  BinaryNode,
  ComprehensionNode,
  ConditionalNode,
  ElementNode,
  Expression,
  IndexNode,
  ListNode,
  MemberNode,
  NameNode,
  PipeNode,
} from '../../grammar/ast.js';
import type { Label } from '../../grammar/diagnostics/diagnostic.js';
import { foreignMethods } from '../../grammar/diagnostics/foreign-words.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import { misplacedInIndices, misplacedInList } from '../../grammar/element-forms.js';
import type { Span } from '../../grammar/source.js';
import { choiceNames, choices, functionForms, primitives, type FunctionName } from '../bind/builtins.js';
import { declarationOf, type Symbol } from '../bind/symbol.js';
import { formatSize } from '../shape/size.js';
import { keepsShape } from './apply.js';
import { evaluateBinary } from './arithmetic.js';
import { axisAsNumber, introduceWritten, isAxisName, renameAxes } from './axes.js';
import { evaluateCall } from './call.js';
import { agree, conform, conformNumber } from './conform.js';
import { joinId, type Evaluation, type Frame } from './evaluation.js';
import { layerState } from './layer-state.js';
import { listLimit } from './limits.js';
import { loop } from './loop.js';
import { isTake, takeElements } from './take.js';
import { formatType, type Type } from './types.js';
import {
  booleanOf,
  countElements,
  describeValue,
  errorValue,
  numberOf,
  unknownAnything,
  unknownTensor,
  type SequenceStep,
  type TensorValue,
  type Value,
} from './values.js';

/** Evaluates an expression. Errors are reported and return the error value; never throws for a user error. */
export function evaluate(evaluation: Evaluation, frame: Frame, node: Expression): Value {
  if (!evaluation.spend(frame, node.span)) return errorValue;
  const first = evaluation.ops.length;
  const value = evaluateNode(evaluation, frame, node);
  if (!frame.abstract) {
    evaluation.trace.observe(node.span, value, false, frame.prefix, first);
    frame.use.values.set(node, value);
  }
  return value;
}

function evaluateNode(evaluation: Evaluation, frame: Frame, node: Expression): Value {
  switch (node.kind) {
    case 'Number':
      return numberOf(node.value, node.integer);
    case 'Boolean':
      return booleanOf(node.value);
    case 'String': {
      const parts = { what: 'A value', expected: 'a number, a layer or a tensor', found: 'a string' };
      const help = 'Numbers, booleans and names are written without quotes.';
      return evaluation.fail(frame, 'UNET3001', parts, node.span, { help });
    }
    case 'Off':
      return evaluation.fail(frame, 'UNET2015', {}, node.span);
    case 'Missing':
      return errorValue;
    case 'Name':
      return evaluateName(evaluation, frame, node);
    case 'Call':
      return evaluateCall(evaluation, frame, node);
    case 'Index':
      return evaluateIndex(evaluation, frame, node);
    case 'Member':
      return evaluateMember(evaluation, frame, node);
    case 'List':
      return evaluateList(evaluation, frame, node);
    case 'Comprehension':
      return evaluateComprehension(evaluation, frame, node);
    case 'Tuple':
      return { kind: 'tuple', items: node.items.map((item) => evaluate(evaluation, frame, item)) };
    case 'Unary':
      return evaluateUnary(evaluation, frame, node);
    case 'Binary':
      return evaluateOperator(evaluation, frame, node);
    case 'Range':
      return evaluateRange(evaluation, frame, node);
    case 'Conditional':
      return evaluateConditional(evaluation, frame, node);
    case 'Pipe':
      return evaluatePipe(evaluation, frame, node);
  }
}

/** UNET2028: elements of a list of values cannot have names. */
function evaluateList(evaluation: Evaluation, frame: Frame, node: ListNode): Value {
  const misplaced = node.items.flatMap(misplacedInList);
  for (const each of misplaced) evaluation.add(each);
  const items = node.items.map((item) => elementsOf(evaluation, frame, item));
  if (misplaced.length > 0) return errorValue;
  const known = items.flatMap((item) => item ?? []);
  if (known.length === 0 || items.every((item) => item !== undefined)) {
    return items.includes(undefined) ? unknownList : listOf(evaluation, frame, known, node.span);
  }
  return unknownList;
}

const unknownList: Value = { kind: 'unknown', type: { kind: 'list', of: { kind: 'any' } } };

/** The element that an item stands for, or those of the list that it spreads; undefined if that is unknown. */
function elementsOf(evaluation: Evaluation, frame: Frame, item: ElementNode): readonly Value[] | undefined {
  const value = evaluate(evaluation, frame, item.value);
  if (!item.spread) return [value];
  const type = { kind: 'list', of: { kind: 'any' } } as const;
  const list = conform(evaluation, frame, value, type, 'What `...` inserts', item.value.span);
  if (list.kind === 'list') return list.items;
  return list.kind === 'error' ? [errorValue] : undefined;
}

/** UNET3001: an element is a value without operations, whose ids would be those of every element. */
function evaluateComprehension(evaluation: Evaluation, frame: Frame, node: ComprehensionNode): Value {
  const first = evaluation.ops.length;
  const items: Value[] = [];
  const whole = loop(evaluation, frame, node.clauses, [], (scope) => {
    items.push(evaluate(evaluation, scope, node.value));
  });
  if (whole === 'unknown') {
    // The value is checked once, with unknown indices.
    evaluate(evaluation, { ...frame, abstract: true }, node.value);
    return unknownList;
  }
  if (whole === 'error') return errorValue;
  if (evaluation.ops.length === first) return listOf(evaluation, frame, items, node.span);
  const parts = { what: 'An element of `[... for ...]`', expected: 'a number or a layer', found: 'a tensor' };
  const help = 'Define the tensors one by one: `let x[i] = ... for i in ...`.';
  return evaluation.fail(frame, 'UNET3001', parts, node.value.span, { help });
}

/** UNET3019: a list must not exceed the maximum length, nested lists included. */
function listOf(evaluation: Evaluation, frame: Frame, items: readonly Value[], span: Span): Value {
  const list: Value = { kind: 'list', items };
  const count = countElements(list);
  if (count <= listLimit) return list;
  const parts = {
    what: 'A list',
    range: `at most ${listLimit} elements long, including nested lists`,
    found: String(count),
  };
  return evaluation.fail(frame, 'UNET3019', parts, span);
}

function evaluateName(evaluation: Evaluation, frame: Frame, node: NameNode): Value {
  const symbol = evaluation.symbolOf(node);
  if (symbol === undefined) {
    if (isAxisName(node.name)) return axisAsNumber(evaluation, frame, node.name, node.span);
    return choiceNames.has(node.name) ? { kind: 'choice', name: node.name, arguments: [] } : errorValue;
  }
  if (symbol.kind === 'builtin') {
    const primitive = primitives.get(node.name);
    if (primitive !== undefined)
      return { kind: 'layer', recipe: { kind: 'primitive', primitive, bound: new Map(), base: undefined } };
    const parts = {
      what: `\`${node.name}\``,
      expected: 'called with its arguments',
      found: 'a function without arguments',
    };
    const help = `It is a function, not a layer: \`${functionForm(node.name)}\`.`;
    return evaluation.fail(frame, 'UNET3001', parts, node.span, { help });
  }
  if (symbol.kind === 'foreign') return errorValue;
  if (symbol.kind === 'depth') {
    const { depth } = evaluation.levels;
    return depth === undefined ? { kind: 'unknown', type: { kind: 'int' } } : numberOf(depth, true);
  }
  if (symbol.kind === 'levels') {
    const items = evaluation.levels[symbol.name];
    return items === undefined ? errorValue : { kind: 'list', items };
  }
  if (symbol.kind === 'block') {
    if (evaluation.recursive.has(symbol.declaration)) return errorValue;
    const recipe = {
      kind: 'block',
      block: symbol.declaration,
      file: symbol.file,
      bound: new Map(),
      base: undefined,
    } as const;
    return { kind: 'layer', recipe };
  }
  if (symbol.kind === 'model' || symbol.kind === 'protocol' || symbol.kind === 'study') {
    const parts = { what: `\`${node.name}\``, expected: 'a value', found: `a ${symbol.kind}` };
    return evaluation.fail(frame, 'UNET3001', parts, node.span);
  }
  const value = frame.values.get(symbol);
  if (value !== undefined) return value;
  if (frame.abstract) return unknownAnything;
  return definedInOrder.has(symbol.kind) ? failBeforeDefinition(evaluation, frame, node, symbol) : errorValue;
}

/** A function with its arguments, as it is called. */
function functionForm(name: string): string {
  const { positional, any, named = [] } = functionForms[name as FunctionName];
  const given = [...positional, ...(any === undefined ? [] : ['...']), ...named.map((each) => `${each}: ...`)];
  return `${name}(${given.join(', ')})`;
}

/** Declarations that have a value only after their own line (or half); a missing value of any other was reported. */
const definedInOrder: ReadonlySet<Symbol['kind']> = new Set(['input', 'output', 'knob', 'let', 'param', 'list']);

/** UNET2026: a name must be defined before it is used. */
function failBeforeDefinition(evaluation: Evaluation, frame: Frame, node: NameNode, symbol: Symbol): Value {
  const declared = declarationOf(symbol);
  const labels = declared?.span.source === node.span.source ? [{ span: declared.span, text: 'defined here' }] : [];
  const notes = ['input', 'output', 'knob'].includes(symbol.kind)
    ? ['A model defines its inputs and outputs first, then its knobs, then its other members.']
    : [];
  return evaluation.fail(frame, 'UNET2026', { name: node.name }, node.span, { labels, notes });
}

function evaluateIndex(evaluation: Evaluation, frame: Frame, node: IndexNode): Value {
  const target = evaluate(evaluation, frame, node.target);
  switch (target.kind) {
    case 'error':
      return errorValue;
    case 'tensor':
      if (isTake(node)) return takeElements(evaluation, frame, node, target);
      return renameAxes(evaluation, frame, target, node.items, node.span);
    case 'list':
      return indexList(evaluation, frame, node, target.items);
    case 'family':
      return indexFamily(evaluation, frame, node, target.values, target.name);
    case 'unknown':
      return indexUnknown(evaluation, frame, node, target.type);
    default: {
      const parts = { what: 'The indexed value', expected: 'a list or a tensor', found: describeValue(target) };
      return evaluation.fail(frame, 'UNET3001', parts, node.target.span);
    }
  }
}

function indexUnknown(evaluation: Evaluation, frame: Frame, node: IndexNode, type: Type): Value {
  if (isTake(node) && (type.kind === 'tensor' || type.kind === 'any')) {
    return takeElements(evaluation, frame, node, undefined);
  }
  if (type.kind === 'tensor') {
    return introduceWritten(evaluation, frame, node.items).kind === 'error' ? errorValue : unknownTensor;
  }
  for (const item of node.items) {
    if (!(item.value.kind === 'Name' && isAxisName(item.value.name))) evaluate(evaluation, frame, item.value);
  }
  if (type.kind === 'list') return { kind: 'unknown', type: type.of };
  if (type.kind === 'any' || type.kind === 'size') return unknownAnything;
  const parts = { what: 'The indexed value', expected: 'a list or a tensor', found: formatType(type) };
  return evaluation.fail(frame, 'UNET3001', parts, node.target.span);
}

/** UNET3013: an index must lie within its list. A range returns a list of elements. */
function indexList(evaluation: Evaluation, frame: Frame, node: IndexNode, items: readonly Value[]): Value {
  if (reportMisplaced(evaluation, node)) return errorValue;
  const [item] = node.items;
  if (item === undefined || node.items.length !== 1) {
    const parts = { what: 'A list', expected: 'indexed by one number', found: `${node.items.length} indices` };
    return evaluation.fail(frame, 'UNET3001', parts, node.span);
  }
  const index = evaluate(evaluation, frame, item.value);
  const indices = index.kind === 'list' ? index.items : [index];
  const found: Value[] = [];
  for (const each of indices) {
    const number = conformNumber(evaluation, frame, each, 'An index', item.value.span);
    if (number.kind === 'error') return errorValue;
    if (number.kind !== 'number') return unknownAnything;
    const element = items[number.value];
    if (element === undefined) {
      if (frame.abstract) return unknownAnything;
      const labels = declaredAs(evaluation, node.target);
      return evaluation.fail(frame, 'UNET3013', { index: number.value, length: items.length }, item.value.span, {
        labels,
      });
    }
    found.push(element);
  }
  return index.kind === 'list' ? listOf(evaluation, frame, found, node.span) : (found[0] ?? errorValue);
}

/** UNET2028: indices of a list cannot have names. */
function reportMisplaced(evaluation: Evaluation, node: IndexNode): boolean {
  const misplaced = node.items.flatMap(misplacedInIndices);
  for (const each of misplaced) evaluation.add(each);
  return misplaced.length > 0;
}

/** A label that points at the declaration of a name. */
function declaredAs(evaluation: Evaluation, node: Expression): readonly Label[] {
  const symbol = node.kind === 'Name' ? evaluation.symbolOf(node) : undefined;
  const declared = symbol === undefined ? undefined : declarationOf(symbol);
  return declared === undefined ? [] : [{ span: declared.span, text: 'the list' }];
}

/** `x[i, 0 .. j - 1]`: one member of an indexed `let`, or the list that a range selects. */
function indexFamily(
  evaluation: Evaluation,
  frame: Frame,
  node: IndexNode,
  values: ReadonlyMap<string, Value>,
  name: string,
): Value {
  if (reportMisplaced(evaluation, node)) return errorValue;
  let keys: string[] = [''];
  let many = false;
  for (const item of node.items) {
    const index = evaluate(evaluation, frame, item.value);
    if (index.kind === 'error') return errorValue;
    if (index.kind === 'unknown') return unknownAnything;
    many ||= index.kind === 'list';
    const numbers = index.kind === 'list' ? index.items : [index];
    const parts: string[] = [];
    for (const number of numbers) {
      const whole = conformNumber(evaluation, frame, number, 'An index', item.value.span);
      if (whole.kind !== 'number') return errorValue;
      parts.push(String(whole.value));
    }
    if (keys.length * parts.length > listLimit) {
      const found = {
        what: 'A list',
        range: `at most ${listLimit} elements long`,
        found: String(keys.length * parts.length),
      };
      return evaluation.fail(frame, 'UNET3019', found, node.span);
    }
    keys = keys.flatMap((key) => parts.map((part) => (key === '' ? part : `${key},${part}`)));
  }
  const found: Value[] = [];
  for (const key of keys) {
    const value = values.get(key);
    if (value === undefined) {
      if (frame.abstract) return unknownAnything;
      return evaluation.fail(frame, 'UNET2026', { name: `${name}[${key.replaceAll(',', ', ')}]` }, node.span);
    }
    found.push(value);
  }
  return many ? listOf(evaluation, frame, found, node.span) : (found[0] ?? errorValue);
}

/** UNET2016: outputs have `classes`, identifiers `count`. */
function evaluateMember(evaluation: Evaluation, frame: Frame, node: MemberNode): Value {
  const target = evaluate(evaluation, frame, node.target);
  if (target.kind === 'error' || node.name.name === '') return errorValue;
  if (target.kind === 'output' && (node.name.name === 'classes' || node.name.name === 'regions')) {
    return numberOf(target.labels, true);
  }
  if (target.kind === 'identifier' && node.name.name === 'count') return numberOf(target.input.count, true);
  if (target.kind === 'unknown' && (target.type.kind === 'identifier' || target.type.kind === 'any')) {
    return { kind: 'unknown', type: { kind: 'int' } };
  }
  const names = target.kind === 'output' ? ['classes', 'regions'] : target.kind === 'identifier' ? ['count'] : [];
  const near = suggestionFor(node.name.name, names, node.name.span);
  const method = foreignMethods[node.name.name];
  const extras = method === undefined || names.length > 0 ? near : { help: method };
  const found = describeValue(target);
  const of = found.charAt(0).toUpperCase() + found.slice(1);
  return evaluation.fail(frame, 'UNET2016', { name: node.name.name, of }, node.name.span, extras);
}

function evaluateUnary(evaluation: Evaluation, frame: Frame, node: Extract<Expression, { kind: 'Unary' }>): Value {
  const operand = evaluate(evaluation, frame, node.operand);
  if (node.operator === 'not') {
    const value = conform(evaluation, frame, operand, { kind: 'bool' }, 'The operand of `not`', node.operand.span);
    return value.kind === 'boolean' ? booleanOf(!value.value) : value;
  }
  if (operand.kind === 'number') return numberOf(-operand.value, operand.integer);
  if (operand.kind === 'tensor') {
    const id = joinId(frame.prefix, frame.names.get(node) ?? 'negate');
    return evaluation.emit(frame, 'unary', id, { function: 'negate' }, [operand], node.span);
  }
  if (operand.kind === 'size')
    return evaluation.fail(frame, 'UNET3027', { size: formatSize(operand.size) }, node.operand.span);
  if (operand.kind === 'unknown' || operand.kind === 'error') return operand;
  const parts = { what: 'The operand of `-`', expected: 'a number or a tensor', found: describeValue(operand) };
  return evaluation.fail(frame, 'UNET3001', parts, node.operand.span);
}

function evaluateOperator(evaluation: Evaluation, frame: Frame, node: BinaryNode): Value {
  if (node.operator !== 'and' && node.operator !== 'or') {
    const left = evaluate(evaluation, frame, node.left);
    const right = evaluate(evaluation, frame, node.right);
    return evaluateBinary(evaluation, frame, node, left, right);
  }
  const what = `An operand of \`${node.operator}\``;
  const left = conform(
    evaluation,
    frame,
    evaluate(evaluation, frame, node.left),
    { kind: 'bool' },
    what,
    node.left.span,
  );
  const right = conform(
    evaluation,
    frame,
    evaluate(evaluation, frame, node.right),
    { kind: 'bool' },
    what,
    node.right.span,
  );
  if (left.kind === 'error' || right.kind === 'error') return errorValue;
  if (left.kind !== 'boolean' || right.kind !== 'boolean') return { kind: 'unknown', type: { kind: 'bool' } };
  return booleanOf(node.operator === 'and' ? left.value && right.value : left.value || right.value);
}

function evaluateRange(evaluation: Evaluation, frame: Frame, node: Extract<Expression, { kind: 'Range' }>): Value {
  const bounds = [node.from, node.to].map((bound) =>
    conformNumber(evaluation, frame, evaluate(evaluation, frame, bound), 'A bound of a range', bound.span),
  );
  const [from, to] = bounds;
  if (from?.kind === 'error' || to?.kind === 'error') return errorValue;
  if (from?.kind !== 'number' || to?.kind !== 'number')
    return { kind: 'unknown', type: { kind: 'list', of: { kind: 'int' } } };
  const length = Math.max(0, to.value - from.value + 1);
  if (length > listLimit) {
    const parts = { what: 'A range', range: `at most ${listLimit} elements long`, found: String(length) };
    return evaluation.fail(frame, 'UNET3019', parts, node.span);
  }
  return { kind: 'list', items: Array.from({ length }, (_, index) => numberOf(from.value + index, true)) };
}

/** UNET3025: both branches are checked for names and types, the taken one also for shapes. */
function evaluateConditional(evaluation: Evaluation, frame: Frame, node: ConditionalNode): Value {
  const evaluated = evaluate(evaluation, frame, node.condition);
  const condition = conform(evaluation, frame, evaluated, { kind: 'bool' }, 'A condition', node.condition.span);
  const unseen: Frame = { ...frame, abstract: true };
  if (condition.kind === 'boolean') {
    const taken = evaluate(evaluation, frame, condition.value ? node.then : node.otherwise);
    evaluate(evaluation, unseen, condition.value ? node.otherwise : node.then);
    return taken;
  }
  const then = evaluate(evaluation, unseen, node.then);
  const otherwise = evaluate(evaluation, unseen, node.otherwise);
  if (condition.kind === 'error' || then.kind === 'error' || otherwise.kind === 'error') return errorValue;
  const types = [typeOf(then), typeOf(otherwise)] as const;
  if (!agree(types[0], types[1]) && !agree(types[1], types[0])) {
    const parts = { then: formatType(types[0]), otherwise: formatType(types[1]) };
    return evaluation.fail(frame, 'UNET3025', parts, node.span);
  }
  return { kind: 'unknown', type: types[0].kind === 'any' ? types[1] : types[0] };
}

/** The type of a value, as far as it is known. */
export function typeOf(value: Value): Type {
  switch (value.kind) {
    case 'number':
      return { kind: value.integer ? 'int' : 'float' };
    case 'size':
      return { kind: 'int' };
    case 'boolean':
      return { kind: 'bool' };
    case 'list':
      return { kind: 'list', of: value.items[0] === undefined ? { kind: 'any' } : typeOf(value.items[0]) };
    case 'layer': {
      const { waits, fusion } = layerState(value);
      return { kind: fusion ? 'fusion' : 'layer', waits };
    }
    case 'tensor':
      return { kind: 'tensor' };
    case 'identifier':
      return { kind: 'identifier' };
    case 'choice':
      return { kind: isMode(value.name) ? 'mode' : 'init' };
    case 'unknown':
      return value.type;
    case 'output':
    case 'family':
    case 'tuple':
    case 'error':
      return { kind: 'any' };
  }
}

/** `source -> step`: applies a layer to a tensor, or composes two layers. */
function evaluatePipe(evaluation: Evaluation, frame: Frame, node: PipeNode): Value {
  const source = evaluate(evaluation, frame, node.source);
  const chosen = evaluateWhen(evaluation, frame, node);
  const stepFrame: Frame = chosen === false ? { ...frame, abstract: true } : frame;
  const step = evaluate(evaluation, stepFrame, node.step);
  if (source.kind === 'error' || step.kind === 'error' || chosen === 'error')
    return chosen === false && source.kind !== 'error' ? source : errorValue;
  const type = typeOf(step);
  const mayBeLayer = step.kind === 'unknown' && ['layer', 'fusion', 'any'].includes(type.kind);
  if (step.kind !== 'layer' && !mayBeLayer) {
    return evaluation.fail(frame, 'UNET3002', { found: describeValue(step) }, node.step.span);
  }
  if ((type.kind === 'layer' || type.kind === 'fusion') && type.waits.length > 0) {
    const state = step.kind === 'layer' ? layerState(step) : undefined;
    const parts = { layer: state?.name ?? 'this layer', argument: state?.missing[0] ?? type.waits[0]?.kind ?? '' };
    return evaluation.fail(frame, 'UNET3024', parts, node.step.span);
  }
  const name = frame.names.get(node.step) ?? 'step';
  if (
    source.kind === 'layer' ||
    (source.kind === 'unknown' && (source.type.kind === 'layer' || source.type.kind === 'fusion'))
  ) {
    return composeLayers(evaluation, frame, node, source, step, name, chosen);
  }
  if (chosen === false) return source;
  return applyStep(evaluation, frame, node, source, step, name);
}

function evaluateWhen(evaluation: Evaluation, frame: Frame, node: PipeNode): boolean | 'unknown' | 'error' {
  if (node.when === undefined) return true;
  const evaluated = evaluate(evaluation, frame, node.when);
  const value = conform(evaluation, frame, evaluated, { kind: 'bool' }, 'The condition of `when`', node.when.span);
  if (value.kind === 'boolean') return value.value;
  return value.kind === 'error' ? 'error' : 'unknown';
}

function composeLayers(
  evaluation: Evaluation,
  frame: Frame,
  node: PipeNode,
  source: Value,
  step: Value,
  name: string,
  chosen: boolean | 'unknown',
): Value {
  if (source.kind !== 'layer' || (step.kind !== 'layer' && chosen !== false)) {
    return { kind: 'unknown', type: { kind: 'layer', waits: [] } };
  }
  const [missing] = layerState(source).missing;
  if (missing !== undefined) {
    return evaluation.fail(frame, 'UNET3024', { layer: layerState(source).name, argument: missing }, node.source.span);
  }
  const first: readonly SequenceStep[] =
    source.recipe.kind === 'sequence' && node.source.kind === 'Pipe'
      ? source.recipe.steps
      : [{ layer: source, name: firstName(node), span: node.source.span, optional: false }];
  const layer = chosen === false || step.kind !== 'layer' ? undefined : step;
  const optional = chosen === true && node.when !== undefined;
  const steps: SequenceStep[] = [...first, { layer, name, span: node.step.span, optional }];
  return { kind: 'layer', recipe: { kind: 'sequence', steps: renumber(steps) } };
}

/** The name of a chain's first layer, which no pipe before it can name. */
function firstName(node: PipeNode): string {
  const word = (expression: Expression): string =>
    expression.kind === 'Call' ? word(expression.callee) : expression.kind === 'Name' ? expression.name : 'step';
  return word(node.source).replace(/[^A-Za-z0-9_]/g, '_');
}

/** Renames steps so that names in one chain are unique: the first layer counts as a use of its word. */
function renumber(steps: readonly SequenceStep[]): readonly SequenceStep[] {
  const taken = new Set<string>();
  return steps.map((step) => {
    const word = step.name.replace(/(?<!\d)\d+$/, '') || step.name;
    let name = step.name;
    for (let use = 2; taken.has(name); use++) name = `${word}${use}`;
    taken.add(name);
    return { ...step, name };
  });
}

/** Applies a step to the tensor or tensors before it (UNET3001 if they are not tensors). */
function applyStep(
  evaluation: Evaluation,
  frame: Frame,
  node: PipeNode,
  source: Value,
  step: Value,
  name: string,
): Value {
  const items = source.kind === 'tuple' ? source.items : [source];
  const tensors: TensorValue[] = [];
  let unknown = false;
  for (const item of items) {
    if (item.kind === 'error') return errorValue;
    if (item.kind === 'tensor') tensors.push(item);
    else if (item.kind === 'unknown' && (item.type.kind === 'tensor' || item.type.kind === 'any')) unknown = true;
    else {
      const parts = { what: 'The input of a layer', expected: 'a tensor', found: describeValue(item) };
      return evaluation.fail(frame, 'UNET3001', parts, node.source.span);
    }
  }
  if (unknown || step.kind !== 'layer' || frame.abstract) {
    return step.kind === 'layer' && step.recipe.kind === 'chain'
      ? { kind: 'unknown', type: { kind: 'list', of: { kind: 'tensor' } } }
      : unknownTensor;
  }
  const id = joinId(frame.prefix, name);
  const result = evaluation.apply({ evaluation, frame, layer: step, tensors, id, span: node.step.span });
  const [only] = tensors;
  if (node.when === undefined || only === undefined || tensors.length > 1) return result;
  return keepsShape(evaluation, frame, only, result, node.step.span) ? result : errorValue;
}

const modes: ReadonlySet<string> = new Set(choices['a resize mode']);

function isMode(name: string): boolean {
  return modes.has(name);
}
