/** Generates the body of `build`: inputs, knobs, the parts of the model in order, outputs. */
import type { ModelStep, ModelText } from '../lower/model-text.js';
import type { TensorValue, Value } from '../evaluate/values.js';
import type { Network } from '../ir/ir.js';
import { commentText } from './comment-text.js';
import { code, literal, type Code } from './code.js';
import { bindValue, constantOf, isTensors } from './named-values.js';
import { renderStatements, type GeneratedStatement, type Statement } from './statements.js';
import { finishCode, inputStatement } from './straight-line.js';
import { applyLayer } from './apply-layer.js';
import { tensorCode } from './tensor-code.js';
import { isVariable } from './variables.js';
import { newWriter, type ModuleContext, type Writer } from './writer.js';
import { Unstructured } from './unstructured.js';

export function buildFunctionBody(
  network: Network,
  text: ModelText,
  context: ModuleContext,
): readonly GeneratedStatement[] {
  const writer = newWriter(context, { block: undefined, uses: [text.use], idCode: literal });
  const inputs = network.inputs.map((input) => inputStatement(bindInput(writer, text, input.name), input));
  writeKnobs(writer, text);
  const knobs = take(writer);
  const sections = sectionsOf(text.steps).map(({ title, steps }) => {
    const lists = title === 'Encoder' || title === 'Decoder' ? writeLists(writer, text, title.toLowerCase()) : [];
    for (const step of steps) writeStep(writer, text, step);
    return { title, statements: [...lists, ...take(writer)] };
  });
  // Everything is rendered at once, so that unused constants can be omitted.
  const all: Statement[] = [
    ...inputs.map((line): Statement => ({ kind: 'line', text: line })),
    ...section('Knobs', knobs),
    ...sections.flatMap(({ title, statements }) => section(title, statements)),
    blank,
    { kind: 'return', value: finishCode(network, writer.variables) },
  ];
  return withoutEmptySections(renderStatements(all));
}

const blank: Statement = { kind: 'line', text: '' };

function section(title: string, statements: readonly Statement[]): readonly Statement[] {
  return [blank, { kind: 'line', text: commentText(`// ${title}`) }, ...statements];
}

/** Removes section titles that have no statements. */
function withoutEmptySections(statements: readonly GeneratedStatement[]): readonly GeneratedStatement[] {
  return statements.filter((each, index) => {
    const isTitle = (at: number): boolean => {
      const line = statements[at];
      return typeof line === 'string' && line.startsWith('// ');
    };
    if (isTitle(index)) return statements[index + 1] !== '';
    return !(each === '' && isTitle(index + 1) && statements[index + 2] === '');
  });
}

function take(writer: Writer): Statement[] {
  return writer.statements.splice(0);
}

function bindInput(writer: Writer, text: ModelText, name: string): string {
  const variable = writer.names.captureFor(name);
  const node = text.node.members.find((member) => member.kind === 'Input' && member.name.name === name);
  const symbol = node === undefined ? undefined : writer.context.evaluation.declared.get(node);
  if (symbol !== undefined) writer.bindings.set(symbol, { kind: 'tensor', text: variable });
  writer.variables.set(name, variable);
  return variable;
}

function writeKnobs(writer: Writer, text: ModelText): void {
  for (const { node, chosen } of text.knobs) {
    const symbol = writer.context.evaluation.declared.get(node);
    const value = text.use.values.get(chosen);
    if (symbol === undefined || value === undefined) continue;
    const variable = writer.names.captureFor(node.name.name);
    const made = constantOf(writer, chosen, value);
    if (made === undefined) continue;
    writer.statements.push({ kind: 'assign', variable, ...made });
    bindValue(writer, symbol, variable, chosen, value);
  }
}

/** Declares the lists of a half: `const widths = [width, 2 * width];` */
function writeLists(writer: Writer, text: ModelText, half: string): readonly Statement[] {
  const before = take(writer);
  for (const member of text.node.members) {
    if (member.kind !== 'Half' || member.half !== half) continue;
    for (const part of member.members) {
      const symbol = part.kind === 'Part' ? writer.context.evaluation.declared.get(part) : undefined;
      const value = part.kind === 'Part' ? text.use.values.get(part.value) : undefined;
      if (part.kind !== 'Part' || symbol?.kind !== 'list' || value?.kind !== 'list') continue;
      const variable = writer.names.captureFor(part.name.name);
      const made = constantOf(writer, part.value, value);
      if (made === undefined) continue;
      writer.statements.push({ kind: 'assign', variable, ...made });
      writer.bindings.set(symbol, { kind: 'scalar', text: variable });
    }
  }
  const lists = take(writer);
  writer.statements.push(...before);
  return lists;
}

interface Section {
  readonly title: string;
  readonly steps: ModelStep[];
}

function sectionsOf(steps: readonly ModelStep[]): readonly Section[] {
  const sections: Section[] = [];
  for (const step of steps) {
    const title = titleOf(step);
    const last = sections.at(-1);
    if (last?.title === title) last.steps.push(step);
    else sections.push({ title, steps: [step] });
  }
  return sections;
}

function titleOf(step: ModelStep): string {
  switch (step.kind) {
    case 'part':
      return step.half === 'encoder' ? 'Encoder' : 'Decoder';
    case 'head':
      return `Head ${step.node.output.name}`;
    case 'aux':
      // A prediction of a decoder level is written next to that level.
      return step.tensors.length > 0 ? 'Decoder' : `Output ${step.node.output.name}`;
    case 'assign':
      return `Output ${step.node.output.name}`;
    case 'penalty':
      return `Penalty ${step.node.name.name}`;
    case 'let':
      return 'Network';
  }
}

function writeStep(outer: Writer, text: ModelText, step: ModelStep): void {
  const { evaluation } = outer.context;
  // A part has values of its own, in addition to those of the model.
  const writer: Writer = { ...outer, uses: step.use === outer.uses[0] ? outer.uses : [step.use, ...outer.uses] };
  writer.statements = [];
  bindLoop(writer, text, step);
  const value = step.value;
  const isTensor = value.kind === 'tensor' || isTensors(value);
  const variable = isTensor ? writer.names.nameFor(variableOf(step)) : writer.names.captureFor(variableOf(step));
  const made = stepCode(writer, step, variable);
  if (made !== undefined) {
    if (made.flat !== variable) writer.statements.push({ kind: 'assign', variable, value: made });
    register(writer, value, variable, made);
    const symbol = step.kind === 'let' && step.indices.length === 0 ? evaluation.declared.get(step.node) : undefined;
    if (symbol !== undefined) bindValue(writer, symbol, variable, step.node.value, value);
  }
  outer.statements.push(...writer.statements);
}

/** The computation of a step: a layer applied to tensors, or an expression. */
function stepCode(writer: Writer, step: ModelStep, variable: string): Code | undefined {
  const node = step.node.value;
  if (step.kind === 'part' || step.kind === 'head' || (step.kind === 'aux' && step.tensors.length > 0)) {
    const tensors = step.tensors.map((tensor) => variableOfTensor(writer, tensor));
    const names = step.kind === 'part' ? step.tensorNames : undefined;
    return applyLayer(writer, node, step.id, tensors, names, variable);
  }
  if (step.value.kind === 'tensor' || isTensors(step.value)) {
    const place = { prefix: step.id, names: writer.context.evaluation.namesIn(node), variable };
    return tensorCode(writer, node, place);
  }
  const made = constantOf(writer, node, step.value);
  if (made === undefined) return undefined;
  writer.statements.push({ kind: 'assign', variable, ...made });
  return code(variable);
}

/** Associates the operations of a result with its variable. */
function register(writer: Writer, value: Value, variable: string, made: Code): void {
  if (value.kind === 'tensor') {
    writer.variables.set(value.op, isVariable(made) ? made.flat : variable);
  }
  if (value.kind === 'list') {
    value.items.forEach((item, index) => {
      if (item.kind === 'tensor') writer.variables.set(item.op, `unet.at(${variable}, ${index})`);
    });
  }
}

function variableOfTensor(writer: Writer, tensor: TensorValue): string {
  const variable = writer.variables.get(tensor.op);
  if (variable === undefined) throw new Unstructured(`a tensor without a variable: ${tensor.op}`);
  return variable;
}

/** The names `i` and `c` of a part: `i` is a literal, `c` an element of the widths. */
function bindLoop(writer: Writer, text: ModelText, step: ModelStep): void {
  if (step.kind !== 'part' && !(step.kind === 'aux' && step.tensors.length > 0)) return;
  const level = step.kind === 'part' ? step.level : Number(step.id.split('.').at(-1));
  const half = step.kind === 'part' ? step.half : 'decoder';
  const widths = widthsOf(writer, text, half) ?? widthsOf(writer, text, 'encoder');
  for (const parameter of step.node.parameters) {
    const symbol = writer.context.evaluation.declared.get(parameter);
    if (symbol === undefined) continue;
    if (parameter.name === 'i') writer.bindings.delete(symbol);
    else if (widths !== undefined) writer.bindings.set(symbol, { kind: 'scalar', text: `${widths}[${level}]` });
  }
}

/** The constant that holds the widths of a half. */
function widthsOf(writer: Writer, text: ModelText, half: 'encoder' | 'decoder'): string | undefined {
  for (const member of text.node.members) {
    if (member.kind !== 'Half' || member.half !== half) continue;
    const part = member.members.find((each) => each.kind === 'Part' && each.name.name === 'widths');
    const symbol = part === undefined ? undefined : writer.context.evaluation.declared.get(part);
    const binding = symbol === undefined ? undefined : writer.bindings.get(symbol);
    if (binding !== undefined) return binding.text;
  }
  return undefined;
}

function variableOf(step: ModelStep): string {
  if (step.kind === 'part') {
    const { name } = step.node.name;
    if (name === 'stem') return 'stem';
    return `${step.half === 'decoder' && name === 'level' ? 'decoded' : name}${step.level}`;
  }
  return step.kind === 'head' ? step.node.output.name : step.id;
}
