/** Tensor expressions as statements of a function. */
import type { BinaryNode, CallNode, Expression, PipeNode } from '../../grammar/ast.js';
import { joinId } from '../evaluate/evaluation.js';
import { operatorNames as stepWords, type StepNames } from '../evaluate/naming.js';
import { isTake } from '../evaluate/take.js';
import type { Recipe } from '../evaluate/values.js';
import { operationFunctions } from '../ir/ops/operations.js';
import { applyCode, applySteps, canWrite, type Step } from './apply-layer.js';
import { code, type Code } from './code.js';
import { isLayer, layerOf, settingsOf, truths } from './layer-code.js';
import { operation } from './operation-code.js';
import { scalarCode } from './scalar-code.js';
import type { Statement } from './statements.js';
import { Unstructured } from './unstructured.js';
import { assignTo, isVariable, knownTensor, settle } from './variables.js';
import { collect, operationOf, valueOf, valuesOf, type Writer } from './writer.js';

/** The position of an expression in the text of a member: the prefix of its ids, and the names of its steps. */
export interface Place {
  readonly prefix: string;
  readonly names: StepNames;
  /** The variable for the intermediate results of a chain. */
  readonly variable: string | undefined;
  /** The variable that an enclosing conditional has declared for its branches. */
  readonly declared?: string;
  /** Whether the expression is a block's result, which needs no variable. */
  readonly isResult?: boolean;
}

function stepId(place: Place, node: Expression, word: string): string {
  return joinId(place.prefix, place.names.get(node) ?? word);
}

/** Translates a tensor expression. The statements that it needs are added first. */
export function tensorCode(writer: Writer, node: Expression, place: Place): Code {
  const known = knownTensor(writer, node);
  if (known !== undefined) return code(known);
  switch (node.kind) {
    case 'Pipe':
      return pipeCode(writer, node, place);
    case 'Call':
      return isFunction(writer, node) ? functionCode(writer, node, place) : appliedCall(writer, node, place);
    case 'Binary':
      return binaryCode(writer, node, place);
    case 'Unary':
      return operation(writer, node, stepId(place, node, 'negate'), [operand(writer, node.operand, place)]);
    case 'Conditional':
      return conditionalCode(writer, node, place);
    case 'Index':
      if (!isTake(node)) return tensorCode(writer, node.target, place);
      return operation(writer, node, stepId(place, node, 'slice'), [operand(writer, node.target, place)]);
    default:
      throw new Unstructured(`a tensor that is ${node.kind}`);
  }
}

/** Returns a tensor as a variable; assigns it first if necessary. */
function operand(writer: Writer, node: Expression, place: Place): string {
  const inner = { ...place, variable: undefined };
  return settle(writer, tensorCode(writer, node, inner), joinId(place.prefix, wordFor(place, node)));
}

/** The name for the result of an expression: that of its last step. */
function wordFor(place: Place, node: Expression): string {
  const named = node.kind === 'Pipe' ? node.step : node;
  return place.names.get(named) ?? (node.kind === 'Index' ? wordFor(place, node.target) : 'y');
}

/** Whether a chain has at most one intermediate result, which is then named after its step. */
function isShort(writer: Writer, steps: readonly Step[], source: Expression): boolean {
  const live = steps.filter(({ when }) => when === undefined || truths(writer, when).has(true));
  const isDynamic = live.some(({ when }) => when !== undefined);
  const isMade = source.kind !== 'Tuple' && knownTensor(writer, source) === undefined;
  return !isDynamic && live.length + (isMade ? 1 : 0) <= 2;
}

/** `x -> a -> b when c`: assigns each step to the variable of the place, or to one of its own. */
function pipeCode(writer: Writer, root: PipeNode, place: Place): Code {
  const steps: Step[] = [];
  let node: Expression = root;
  while (node.kind === 'Pipe' && !isLayer(writer, node)) {
    const word = place.names.get(node.step) ?? 'step';
    steps.unshift({ node: node.step, when: node.when, id: joinId(place.prefix, word), word });
    node = node.source;
  }
  const variable = place.isResult && isShort(writer, steps, node) ? undefined : place.variable;
  if (node.kind === 'Tuple') {
    const tensors = node.items.map((each) => operand(writer, each, place));
    return applySteps(writer, steps, tensors, undefined, variable);
  }
  const source = tensorCode(writer, node, { ...place, variable });
  const word = joinId(place.prefix, wordFor(place, node));
  const tensor = isVariable(source) ? source.flat : assignTo(writer, variable, source, word);
  return applySteps(writer, steps, [tensor], undefined, variable);
}

const functionNames: ReadonlySet<string> = new Set(Object.keys(operationFunctions));

function isFunction(writer: Writer, { callee }: CallNode): boolean {
  if (callee.kind !== 'Name' || !functionNames.has(callee.name)) return false;
  return writer.context.evaluation.symbolOf(callee)?.kind === 'builtin';
}

/** `transpose(x)`, `gelu(a + b)`: a call that applies a layer. */
function appliedCall(writer: Writer, node: CallNode, place: Place): Code {
  const settings = new Set(settingsOf(writer, node));
  const tensors = node.arguments.flatMap((each) => (settings.has(each) ? [] : [operand(writer, each.value, place)]));
  const word = place.names.get(node) ?? 'step';
  const recipes = appliedRecipes(writer, node);
  const layer = settings.size === 0 ? layerOf(writer, node.callee) : layerOf(writer, node);
  const complete = layer.kind === 'primitive' || layer.kind === 'block' ? { ...layer, recipes } : layer;
  return applyCode(writer, complete, joinId(place.prefix, word), tensors, undefined, undefined);
}

/** The layers that a call applied, with their settings; no expression has them as its value. */
function appliedRecipes(writer: Writer, node: CallNode): readonly Recipe[] {
  return valuesOf(writer, node.callee).flatMap((value) => (value.kind === 'layer' ? [value.recipe] : []));
}

/** Translates a function of the language on tensors. */
function functionCode(writer: Writer, node: CallNode, place: Place): Code {
  const name = node.callee.kind === 'Name' ? node.callee.name : '';
  const tensors = tensorArguments(writer, node, name, place);
  const [first] = tensors;
  if (first === undefined) throw new Unstructured(`${name} of nothing`);
  if (name === 'concat' && tensors.length === 1 && operationOf(writer, node) === undefined) return code(first);
  return operation(writer, node, stepId(place, node, name), tensors);
}

/** The arguments of a function that are tensors; the others are part of the operation. */
function tensorArguments(writer: Writer, node: CallNode, name: string, place: Place): readonly string[] {
  const positional = node.arguments.filter((each) => each.name === undefined).map((each) => each.value);
  const variable = (each: Expression): string => operand(writer, each, place);
  switch (name) {
    case 'concat':
      return positional.flatMap((each) => listItems(writer, each, place) ?? [variable(each)]);
    case 'einsum':
      return positional.map(variable);
    case 'min':
    case 'max':
      return positional.filter((each) => isTensor(writer, each)).map(variable);
    case 'pick': {
      const absent = node.arguments.find((each) => each.name?.name === 'absent');
      return [...positional, ...(absent === undefined ? [] : [absent.value])].map(variable);
    }
    default:
      return positional.slice(0, 1).map(variable);
  }
}

/** The tensors of a list, or the list itself, spread, if its length differs between uses. */
function listItems(writer: Writer, node: Expression, place: Place): readonly string[] | undefined {
  const value = valueOf(writer, node);
  if (value?.kind !== 'list') return undefined;
  if (node.kind === 'List') {
    return node.items.flatMap((item) =>
      item.spread ? (listItems(writer, item.value, place) ?? []) : [operand(writer, item.value, place)],
    );
  }
  const list = knownTensor(writer, node);
  if (list !== undefined) return [`...${list}`];
  return value.items.map((item) => {
    const variable = item.kind === 'tensor' ? writer.variables.get(item.op) : undefined;
    if (variable === undefined) throw new Unstructured('a list of tensors');
    return variable;
  });
}

function binaryCode(writer: Writer, node: BinaryNode, place: Place): Code {
  const sides = [node.left, node.right].filter((side) => isTensor(writer, side));
  const tensors = sides.map((side) => operand(writer, side, place));
  return operation(writer, node, stepId(place, node, stepWords[node.operator] ?? 'step'), tensors);
}

function isTensor(writer: Writer, node: Expression): boolean {
  return valueOf(writer, node)?.kind === 'tensor';
}

/** `if condition then a else b` of tensors; if all uses take the same branch, that branch. */
function conditionalCode(writer: Writer, node: Extract<Expression, { kind: 'Conditional' }>, place: Place): Code {
  const taken = truths(writer, node.condition);
  const [idle] = taken.size === 1 ? [taken.has(true) ? node.otherwise : node.then] : [];
  const isKept =
    idle === undefined || (writer.block !== undefined && canWrite(writer, (trial) => tensorCode(trial, idle, place)));
  if (!isKept) return tensorCode(writer, taken.has(true) ? node.then : node.otherwise, place);
  const variable = place.variable ?? writer.names.nameFor('chosen');
  const inner = { ...place, variable, declared: variable };
  const condition = scalarCode(writer, node.condition);
  const [then, otherwise] = [node.then, node.otherwise].map((arm) => {
    const { statements, result } = collect(writer, () => tensorCode(writer, arm, inner));
    return result.flat === variable
      ? statements
      : [...statements, { kind: 'assign', variable, value: result } as const];
  }) as [Statement[], Statement[]];
  for (const [start, rest, when] of [
    [then, otherwise, negated(condition)],
    [otherwise, then, condition],
  ] as const) {
    const [only] = start;
    if (start.length !== 1 || only?.kind !== 'assign' || !/^[\w$]+$/.test(only.value.flat)) continue;
    writer.statements.push(only, { kind: 'if', condition: when, then: rest, otherwise: [] });
    return code(variable);
  }
  if (place.declared !== variable) writer.statements.push({ kind: 'declare', variable });
  writer.statements.push({ kind: 'if', condition, then, otherwise });
  return code(variable);
}

/** Negates a condition in a readable form. */
function negated(condition: string): string {
  const parts = condition.split(' && ');
  if (parts.length > 1 && !/[|?()]/.test(condition)) return parts.map(negated).join(' || ');
  if (/^[^&|?]* === [^&|?]*$/.test(condition)) return condition.replace(' === ', ' !== ');
  if (/^[^&|?]* !== [^&|?]*$/.test(condition)) return condition.replace(' !== ', ' === ');
  return /^[\w$.]+$/.test(condition) ? `!${condition}` : `!(${condition})`;
}
