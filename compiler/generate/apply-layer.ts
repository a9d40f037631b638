/** Layers applied to tensors, and layers as values. */
import type { Expression } from '../../grammar/ast.js';
import { joinId } from '../evaluate/evaluation.js';
import { layerState } from '../evaluate/layer-state.js';
import { ruleOf } from '../evaluate/initial.js';
import type { Type } from '../evaluate/types.js';
import type { LayerValue } from '../evaluate/values.js';
import type { BlockFunctions } from './block-functions.js';
import { code, functionCall, literal, type Code } from './code.js';
import { layerOf, requiredNames, truths } from './layer-code.js';
import type { LayerCode, LayerOf, LayerStep } from './layer-form.js';
import { imageOf } from './operation-code.js';
import { primitiveCode } from './primitive-code.js';
import { scalarCode } from './scalar-code.js';
import { arrowBody } from './statements.js';
import { Unstructured } from './unstructured.js';
import { assignTo, isOwn, knownTensor } from './variables.js';
import { collect, valueOf, type LayerType, type Writer } from './writer.js';

export interface Step {
  readonly node: Expression;
  readonly when: Expression | undefined;
  readonly id: string;
  readonly word: string;
}

/** Applies steps in sequence. The last one is returned as code, the others are assigned. */
export function applySteps(
  writer: Writer,
  steps: readonly Step[],
  inputs: readonly string[],
  tensorNames: readonly string[] | undefined,
  variable: string | undefined,
): Code {
  let current = code(inputs[0] ?? '');
  let tensors = inputs;
  let names = tensorNames;
  let word = 'y';
  for (const step of steps) {
    const isDecided = step.when === undefined || writer.block === undefined;
    if (isDecided && step.when !== undefined && !truths(writer, step.when).has(true)) continue;
    // A step that is never active is kept if its code can be written without a use.
    const isTaken = step.when === undefined || truths(writer, step.when).has(true);
    if (!isTaken && !canWrite(writer, (trial) => applyLayer(trial, step.node, step.id, inputs, names, variable)))
      continue;
    if (tensors !== inputs || current.flat !== inputs[0]) tensors = [assignTo(writer, variable, current, word)];
    const apply = (): Code => applyLayer(writer, step.node, step.id, tensors, names, variable);
    if (isDecided) {
      current = apply();
    } else {
      const target =
        variable ?? (isOwn(writer, tensors[0]) ? tensors[0] : undefined) ?? writer.names.nameFor(step.word);
      if (tensors[0] !== target)
        writer.statements.push({ kind: 'assign', variable: target, value: code(tensors[0] ?? '') });
      tensors = [target];
      const { statements, result } = collect(writer, apply);
      const then = [...statements, { kind: 'assign', variable: target, value: result } as const];
      const condition = scalarCode(writer, step.when ?? step.node);
      writer.statements.push({ kind: 'if', condition, then, otherwise: [] });
      current = code(target);
    }
    word = step.id;
    names = undefined;
  }
  return current;
}

/** Applies a layer at an id, relative to the prefix of the function's ids. */
export function applyLayer(
  writer: Writer,
  node: Expression,
  id: string,
  tensors: readonly string[],
  tensorNames: readonly string[] | undefined,
  variable: string | undefined,
): Code {
  return applyCode(writer, layerOf(writer, node), id, tensors, tensorNames, variable);
}

export function applyCode(
  writer: Writer,
  layer: LayerCode,
  id: string,
  tensors: readonly string[],
  tensorNames: readonly string[] | undefined,
  variable: string | undefined,
): Code {
  switch (layer.kind) {
    case 'primitive':
      return primitiveCode(writer, layer, id, tensors);
    case 'block':
      return blockCode(writer, layer, id, tensors, tensorNames);
    case 'variable': {
      const given = layer.given.map((each) => scalarCode(writer, each));
      const taken =
        tensorNames === undefined ? tensors : writer.context.fusionTensors.map((_, index) => tensors[index] ?? '');
      return functionCall(
        layer.text,
        [writer.idCode(id), ...taken, ...given].map((each) => code(each)),
      );
    }
    case 'steps': {
      const steps = layer.steps.map((step) => chainStep(step, id));
      return applySteps(writer, steps, tensors, tensorNames, variable);
    }
    case 'copies': {
      const before = [writer.idCode(id), scalarCode(writer, layer.count), tensors[0] ?? ''];
      return functionCall(`unet.${layer.how}`, [...before.map((each) => code(each)), layerValue(writer, layer.layer)]);
    }
    case 'shared':
      return applyLayer(writer, layer.layer, id, tensors, tensorNames, variable);
    case 'conditional': {
      const [then, otherwise] = [layer.then, layer.otherwise].map((arm) => layerValue(writer, arm).flat);
      const condition = scalarCode(writer, layer.condition);
      return code(`(${condition} ? ${then} : ${otherwise})(${[writer.idCode(id), ...tensors].join(', ')})`);
    }
  }
}

function chainStep({ node, name, when }: LayerStep, id: string): Step {
  return { node, when, id: joinId(id, name), word: name };
}

/** A call of a block's function: id, tensors, arguments. */
function blockCode(
  writer: Writer,
  layer: LayerOf<'block'>,
  id: string,
  tensors: readonly string[],
  tensorNames: readonly string[] | undefined,
): Code {
  const { name, images } = functionOf(writer, layer);
  const declared = layer.block.members.flatMap((member) => (member.kind === 'Tensor' ? [member.name.name] : []));
  const byName = declared.map((each) => tensors[tensorNames?.indexOf(each) ?? -1]);
  const ordered = byName.every((each) => each !== undefined) ? byName : tensors;
  const given = [...images].map((image) => imageOf(writer, image));
  const before = [writer.idCode(id), ...ordered, ...given].map((each) => code(each ?? ''));
  return functionCall(name, [...before, ...blockArguments(writer, layer)]);
}

function functionOf(writer: Writer, { block, recipes }: LayerOf<'block'>): ReturnType<BlockFunctions['functionFor']> {
  const { evaluation, functions } = writer.context;
  const uses = recipes.flatMap((recipe) => evaluation.applications.usesOf(recipe));
  if (writer.isTrial === true && uses.length === 0) throw new Unstructured(`${block.name.name} is never applied`);
  return functions.functionFor(block, uses);
}

/** The arguments of a block, up to the last one that is given. */
function blockArguments(writer: Writer, { block, bound }: LayerOf<'block'>): readonly Code[] {
  const last = block.parameters.findLastIndex(({ name }) => bound.has(name.name));
  return block.parameters.slice(0, last + 1).map(({ name, value }) => {
    const node = bound.get(name.name);
    if (node !== undefined) return 'flat' in node ? node : argumentCode(writer, node);
    return code(value?.kind === 'Number' || value?.kind === 'Boolean' ? literal(value.value) : 'undefined');
  });
}

function argumentCode(writer: Writer, node: Expression): Code {
  const value = valueOf(writer, node);
  if (value?.kind === 'layer') return layerValue(writer, node);
  if (value?.kind === 'choice') return code(literal({ ...ruleOf(value) }));
  if (value?.kind === 'identifier') return code(knownTensor(writer, node) ?? '');
  if (value?.kind === 'list' && value.items.some(({ kind }) => kind === 'layer')) {
    if (node.kind !== 'List' || node.items.some(({ spread }) => spread))
      throw new Unstructured('a list of layers that is not written out');
    return code(`[${node.items.map((item) => layerValue(writer, item.value).flat).join(', ')}]`);
  }
  return code(scalarCode(writer, node));
}

/** A layer as a value: the function of a block, a constant, or an arrow function. */
export function layerValue(writer: Writer, node: Expression): Code {
  const layer = layerOf(writer, node);
  if (layer.kind === 'variable' && layer.given.length === 0) return code(layer.text);
  if (layer.kind === 'block' && isPlain(writer, layer)) return code(functionOf(writer, layer).name);
  if (layer.kind === 'shared') {
    const inner = layerValue(writer, layer.layer);
    return code(`unet.shared(${inner.flat})`, `unet.shared(${inner.broken})`);
  }
  const { names: tensorNames, isFusion } = tensorsOf(writer, node, layer);
  const parameters = ['at', ...tensorNames.map((name) => writer.names.localName(name))];
  const waiting = new Map(waitsFor(layer).map((name) => [name, writer.names.localName(name)]));
  const complete = withArguments(layer, waiting);
  const inner: Writer = { ...writer, idCode: innerId };
  const names = isFusion ? tensorNames : undefined;
  const { statements, result } = collect(inner, () =>
    applyCode(inner, complete, '', parameters.slice(1), names, tensorNames.length === 1 ? parameters[1] : undefined),
  );
  const body = arrowBody(statements, result, parameters);
  const head = `(${[...parameters, ...waiting.values()].join(', ')}) => `;
  return code(head + body.flat, head + body.broken);
}

/** Ids inside an arrow function start with its own parameter. */
export function innerId(suffix: string): string {
  if (suffix === '') return 'at';
  return /^[\w.-]+$/.test(suffix) ? `\`\${at}.${suffix}\`` : `at + ${literal(`.${suffix}`)}`;
}

/** Whether a block's function has the signature of a layer: an id, tensors and the arguments that are missing. */
function isPlain(writer: Writer, layer: LayerOf<'block'>): boolean {
  const { block, bound } = layer;
  const required = requiredNames(layer);
  const tensors = block.members.flatMap((member) => (member.kind === 'Tensor' ? [member.name.name] : []));
  const fusion = writer.context.fusionTensors;
  const isInOrder = tensors.length === 1 || tensors.join() === fusion.slice(0, tensors.length).join();
  const isShort = tensors.length > 1 && required.length > 0 && tensors.length < fusion.length;
  const waits = required.every((name, index) => block.parameters[index]?.name.name === name);
  const isComplete = [...functionOf(writer, layer).images].length === 0;
  return bound.size === 0 && isInOrder && !isShort && waits && isComplete;
}

/** The arguments that a layer is missing, in order. */
function waitsFor(layer: LayerCode): readonly string[] {
  return layer.kind === 'primitive' || layer.kind === 'block' ? requiredNames(layer) : [];
}

/** A layer with its missing arguments set to parameters of the arrow function around it. */
function withArguments(layer: LayerCode, names: ReadonlyMap<string, string>): LayerCode {
  if (layer.kind !== 'primitive' && layer.kind !== 'block') return layer;
  return {
    ...layer,
    bound: new Map([...layer.bound, ...[...names].map(([name, text]) => [name, code(text)] as const)]),
  };
}

/** Names for the tensors that a layer takes. */
function tensorsOf(
  writer: Writer,
  node: Expression,
  layer: LayerCode,
): { readonly names: readonly string[]; readonly isFusion: boolean } {
  const value = valueOf(writer, node);
  if (value?.kind === 'layer') {
    const { tensors, fusion } = layerState(value);
    if (fusion) return { names: writer.context.fusionTensors, isFusion: true };
    return { names: tensors.length === 0 ? ['x'] : tensors, isFusion: false };
  }
  if (layer.kind !== 'primitive') throw new Unstructured('a layer that is not known');
  return { names: ['x'], isFusion: false };
}

/** Whether code for something can be written; the code itself is discarded. */
export function canWrite(writer: Writer, write: (trial: Writer) => unknown): boolean {
  const trial: Writer = {
    ...writer,
    isTrial: true,
    names: writer.names.copy(),
    axes: new Map(writer.axes),
    statements: [],
    opening: [],
  };
  try {
    write(trial);
    return true;
  } catch (error) {
    if (error instanceof Unstructured) return false;
    throw error;
  }
}

/** The type of a layer as a value; undefined for one of several tensors that is not a fusion. */
export function layerType(writer: Writer, value: LayerValue): string | undefined {
  const { fusion, waits, tensors } = layerState(value);
  if (!fusion && tensors.length > 1) return undefined;
  return layerTypeOf(writer, { kind: fusion ? 'fusion' : 'layer', waits });
}

const argumentTypes: Partial<Record<Type['kind'], string>> = {
  int: 'number',
  float: 'number',
  bool: 'boolean',
  size: 'unet.Size',
};

/** The TypeScript type of a layer: an alias if it is complete or missing its width, else written out. */
export function layerTypeOf({ context }: Writer, { kind, waits }: Extract<Type, { kind: 'layer' | 'fusion' }>): string {
  const others = waits.map((each) => argumentTypes[each.kind]);
  if (others.includes(undefined)) throw new Unstructured('a layer that waits for an argument that is not a number');
  const sized = waits.length === 1 && waits[0]?.kind === 'int';
  if (waits.length === 0 || sized) {
    const name: LayerType = kind === 'layer' ? (sized ? 'SizedLayer' : 'Layer') : sized ? 'SizedFusion' : 'Fusion';
    context.types.add(name);
    return name;
  }
  const tensors = kind === 'fusion' ? context.fusionTensors : ['x'];
  const list = [
    ...tensors.map((name) => `${name}: Tensor`),
    ...others.map((type, index) => `${'abcdefgh'.charAt(index)}: ${type}`),
  ];
  return `(at: string, ${list.join(', ')}) => Tensor`;
}
