import * as tf from '@tensorflow/tfjs';
import { buildDiff } from '../../compiler/emit/diff/diff.js';
import { buildReport } from '../../compiler/emit/report/report.js';
import { countParameters } from '../../compiler/ir/cost.js';
import { weightsOf, type Network, type Op } from '../../compiler/ir/ir.js';
import { checkPatch } from '../../compiler/ir/patch.js';
import { spatialAxes } from '../../compiler/ir/receptive-field.js';
import { sameGraph } from '../../compiler/ir/same-graph.js';
import { verify } from '../../compiler/ir/verify.js';
import { checkProgram } from '../../compiler/check/check.js';
import { bindModel, lower, openProgram, ownModels, settingOf } from '../../compiler/program/program.js';
import { evaluate } from '../../compiler/shape/size.js';
import { format } from '../../grammar/print.js';
import { parseExpression } from '../../grammar/parse.js';
import { createSource } from '../../grammar/source.js';
import { fromPhysical, toLogicalOrder, toPhysical } from '../../runtime/ops/layout.js';
import { graphName } from '../../runtime/layers/graph-name.js';
import { describeWeights, weightsOf as weightsOfModel } from '../../runtime/layers/weights.js';
import type { WeightDescription } from '../../contract/model-description.js';
import { hostOf } from '../compiler/check/check-text.js';
import { generate } from '../compiler/emit/tfjs/generated.js';

/** What differs between what the compiler says of a program and what its generated code does; empty where nothing does. */
export async function tryProgram(text: string): Promise<readonly string[]> {
  const program = openProgram(hostOf(new Map([['spec.unet', text]])), 'spec.unet');
  if (program === undefined) return ['the program cannot be opened'];
  const errors = checkProgram(program).filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors.map(({ code, message }) => `refused: ${code} ${message}`);
  const network = lowerText(text);
  if (network === undefined) return ['no errors and no network'];
  const faults = [...formatFaults(text, network), ...diffFaults(network)];
  for (const knob of ['', 'width', 'flag', 'norm', 'kind']) {
    const variant = knob === '' ? network : lowerText(text, knob);
    if (variant === undefined) faults.push(`${knob} off: no network, and the program checked without errors`);
    else if (knob === '' || !sameGraph(variant, network)) {
      const found = await networkFaults(variant, knob === '' ? 2 : 1);
      faults.push(...found.map((fault) => (knob === '' ? fault : `${knob} off: ${fault}`)));
    }
  }
  return faults;
}

/** The network of the program's model, with one knob at its `off`. */
function lowerText(text: string, off?: string): Network | undefined {
  const program = openProgram(hostOf(new Map([['spec.unet', text]])), 'spec.unet');
  const [declaration] = program === undefined ? [] : ownModels(program);
  if (program === undefined || declaration === undefined) return undefined;
  const value = parseExpression(createSource('--set', 'off')).expression;
  const model = bindModel(program, declaration, off === undefined ? [] : [settingOf(off, value)]);
  return model === undefined ? undefined : lower(program, model).network;
}

/** `fmt` changes neither its own result nor what a program means. */
function formatFaults(text: string, network: Network): string[] {
  const once = format(createSource('spec.unet', text)).text;
  const twice = format(createSource('spec.unet', once)).text;
  const formatted = lowerText(once);
  const faults = once === twice ? [] : ['formatting twice changes the text again'];
  const same = formatted !== undefined && sameGraph(formatted, network);
  return same ? faults : [...faults, 'the formatted program is another network'];
}

function diffFaults(network: Network): string[] {
  const [patch] = legalPatches(network, 1);
  if (patch === undefined) return [];
  const side = { network, protocol: undefined, patch, source: 'spec.unet' };
  const diff = buildDiff(side, { ...side });
  const same = diff.class === 'same' && diff.changes.length === 0 && diff.knobs.length === 0 && diff.params.delta === 0;
  return same ? [] : [`the diff with itself is ${diff.class}: ${JSON.stringify(diff.changes).slice(0, 200)}`];
}

/** The smallest legal patches, of different sizes along the axes where they are free. */
function legalPatches(network: Network, count: number): readonly (readonly number[])[] {
  const axes = spatialAxes(network);
  const sizeOf = (axis: string, turn: number): number => {
    const images = network.inputs.flatMap((input) => (input.kind === 'image' ? input.axes : []));
    const fixed = images.find(({ name, size }) => name === axis && size !== undefined)?.size;
    const legal = network.legal.find((each) => each.axis === axis);
    return fixed ?? (legal === undefined ? 8 : legal.first + turn * legal.step);
  };
  // Constraints between axes ask for equal sizes: unequal ones are only tried where they are legal.
  const patches = Array.from({ length: count + 2 }, (_, turn) => [
    axes.map((axis, place) => sizeOf(axis, turn + place)),
    axes.map((axis) => sizeOf(axis, turn)),
  ]).flat();
  const legal = patches.filter((patch) => checkPatch(network, patch).length === 0);
  const [first] = legal;
  return first === undefined || count === 1 ? legal.slice(0, 1) : [first, ...legal.slice(-1)];
}

async function networkFaults(network: Network, count: number): Promise<string[]> {
  const faults = [...verify(network)];
  const patches = legalPatches(network, count);
  if (patches.length === 0) faults.push('no legal patch is found');
  const { build, description } = generate(network);
  const model = build({ seed: 1 });
  faults.push(...weightFaults(network, model), ...descriptionFaults(network, describeWeights(model, description)));
  for (const patch of patches) faults.push(...(await runFaults(network, model, patch)));
  faults.push(...illegalFaults(network));
  model.dispose();
  return faults;
}

function weightFaults(network: Network, model: tf.LayersModel): string[] {
  const shown = (weights: Iterable<readonly [string, readonly (number | null)[]]>): string =>
    [...weights]
      .map(([id, shape]) => `${id} [${shape.join(', ')}]`)
      .sort()
      .join('; ');
  const expected = shown(weightsOf(network).map(({ id, shape }) => [id, shape] as const));
  const actual = shown([...weightsOfModel(model)].map(([id, { shape }]) => [id, shape] as const));
  const faults = expected === actual ? [] : [`the weights are ${actual}, and the report counts ${expected}`];
  // Both of the model's figures: the running statistics are its weights that are not trained.
  const { trainable, statistics } = countParameters({ weights: network.ops.flatMap(({ weights }) => weights) });
  // As in Keras, the model counts running statistics as parameters that are not trained.
  const [trained, all] = [valuesIn(model.trainableWeights), model.countParams()];
  const same = trained === trainable && all === trainable + statistics;
  return same
    ? faults
    : [
        ...faults,
        `${trained} of ${all} values in weights are trained, ${trainable} and ${statistics} statistics are counted`,
      ];
}

function valuesIn(weights: readonly tf.LayerVariable[]): number {
  return weights.reduce((sum, weight) => sum + weight.read().size, 0);
}

/** Weights come in the compiler's order, with its initial values and conditions of use. */
function descriptionFaults(network: Network, described: readonly WeightDescription[]): string[] {
  const shown = (weights: readonly Pick<WeightDescription, 'id' | 'initial' | 'usedWhen'>[]): string =>
    weights.map(({ id, initial, usedWhen }) => JSON.stringify([id, initial, usedWhen])).join('; ');
  const expected = shown(
    weightsOf(network).map(({ usedWhen, ...each }) => (usedWhen === undefined ? each : { ...each, usedWhen })),
  );
  const actual = shown(described);
  return expected === actual ? [] : [`the weights are described as ${actual}, not ${expected}`];
}

/** Along an axis with a step, a size in between is refused. */
function illegalFaults(network: Network): string[] {
  const axes = spatialAxes(network);
  const [patch] = legalPatches(network, 1);
  return axes.flatMap((axis, place) => {
    const step = network.legal.find((each) => each.axis === axis)?.step ?? 0;
    if (patch === undefined || step < 2) return [];
    const between = patch.map((size, index) => (index === place ? size + 1 : size));
    return checkPatch(network, between).length > 0 ? [] : [`${between.join(' x ')} is taken for a legal patch`];
  });
}

/** Runs the generated code at a patch and compares every operation's shape, the outputs and the costs. */
async function runFaults(network: Network, model: tf.LayersModel, patch: readonly number[]): Promise<string[]> {
  const values = new Map(spatialAxes(network).map((axis, index) => [axis, patch[index]!]));
  const outputs = symbolicOutputs(network, model);
  const at = `at ${patch.join(' x ')}: `;
  const inputs = network.inputs.map((input) => {
    if (input.kind === 'identifier') return tf.tensor2d([[1], [-1]], [2, 1], 'int32');
    const shape = [2, input.channels.length, ...input.axes.map(({ name, size }) => size ?? values.get(name)!)];
    return toPhysical(tf.randomNormal(shape, 0, 1, 'float32', 7));
  });
  const probe = tf.model({ inputs: model.inputs, outputs: [...outputs.values()] });
  let results: tf.Tensor[] = [];
  try {
    const given = probe.predict(inputs.length === 1 ? inputs[0]! : inputs, { batchSize: 2 });
    results = Array.isArray(given) ? given : [given];
  } catch (error) {
    tf.dispose(inputs);
    return [`${at}the generated code fails: ${error instanceof Error ? error.message : String(error)}`];
  }
  const faults: string[] = [];
  const shapes = new Map<string, readonly number[]>();
  [...outputs.keys()].forEach((id, index) => shapes.set(id, toLogicalOrder(results[index]!.shape)));
  for (const op of network.ops) faults.push(...shapeFaults(op, shapes, values).map((fault) => at + fault));
  for (const [index, id] of [...outputs.keys()].entries()) {
    const isResult =
      network.outputs.some(({ op, auxiliary }) => op === id || auxiliary.includes(id)) ||
      network.penalties.some(({ op }) => op === id);
    if (!isResult) continue;
    const logits = await tf.tidy(() => fromPhysical(results[index]!)).data();
    if (!logits.every(Number.isFinite)) faults.push(`${at}${id} is not finite`);
  }
  const independent = macsFromRun(network, shapes);
  const report = buildReport(network, patch);
  const counted = report.ok ? report.report.macs : undefined;
  if (counted !== independent)
    faults.push(`${at}${counted} MACs are reported, and ${independent} follow from what ran`);
  tf.dispose([...results, ...inputs]);
  return faults;
}

/** The tensor of each operation that has a layer; uses of a shared layer are its nodes, in order. */
function symbolicOutputs(network: Network, model: tf.LayersModel): ReadonlyMap<string, tf.SymbolicTensor> {
  const uses = new Map<string, number>();
  const found = new Map<string, tf.SymbolicTensor>();
  for (const op of network.ops) {
    if (op.kind === 'input') continue;
    const owner = op.sharedWith ?? op.id;
    const use = uses.get(owner) ?? 0;
    uses.set(owner, use + 1);
    const layer = model.layers.find(({ name }) => name === graphName(owner));
    if (layer !== undefined) found.set(op.id, layer.getOutputAt(use) as tf.SymbolicTensor);
  }
  return found;
}

function shapeFaults(
  op: Op,
  shapes: ReadonlyMap<string, readonly number[]>,
  values: ReadonlyMap<string, number>,
): string[] {
  if (op.kind === 'input') return [];
  const actual = shapes.get(op.id);
  const expected = op.shape.map(({ size }) => evaluate(size, values));
  if (actual === undefined) return [`${op.id} has no layer`];
  return String(actual.slice(1)) === String(expected)
    ? []
    : [`${op.id} is [${actual.slice(1).join(', ')}] instead of [${expected.join(', ')}]`];
}

/** The operations that outputs need; what penalties alone need is part of training. */
function predictedOps(network: Network): ReadonlySet<string> {
  const found = new Set(network.outputs.flatMap(({ op, auxiliary }) => [op, ...auxiliary]));
  for (const op of [...network.ops].reverse()) {
    if (found.has(op.id)) op.operands.forEach((operand) => found.add(operand.op));
  }
  return found;
}

/** Multiply-accumulates of a prediction from the shapes that ran: positions times the values of the weight that each position uses. */
function macsFromRun(network: Network, shapes: ReadonlyMap<string, readonly number[]>): number {
  const product = (numbers: readonly number[]): number => numbers.reduce((total, each) => total * each, 1);
  const weightSize = new Map(weightsOf(network).map(({ id, shape }) => [id, product(shape)]));
  const imageShapes = new Map(network.ops.map((op) => [op.id, shapes.get(op.id)]));
  let total = 0;
  const predicted = predictedOps(network);
  for (const op of network.ops) {
    if (!predicted.has(op.id)) continue;
    const size = weightSize.get(`${op.sharedWith ?? op.id}.weight`) ?? 0;
    const out = shapes.get(op.id) ?? [];
    if (op.kind === 'conv' || op.kind === 'depthwise_conv' || op.kind === 'linear')
      total += product(out.slice(2)) * size;
    if (op.kind === 'transposed_conv') {
      // The input of a transposed convolution is (n + pads - kernel - output pad) / stride + 1.
      const { kernel, stride, pad, outputPad } = op.attributes;
      const positions = out
        .slice(2)
        .map((n, axis) => (n + pad[axis]![0] + pad[axis]![1] - kernel[axis]! - outputPad[axis]!) / stride[axis]! + 1);
      total += product(positions) * size;
    }
    if (op.kind === 'einsum') {
      const sizes = new Map<string, number>();
      for (const operand of op.operands) {
        const source = imageShapes.get(operand.op) ?? [];
        operand.shape.forEach(({ name }, index) => sizes.set(name, source[index + 1] ?? 1));
      }
      total += product([...sizes.values()]);
    }
  }
  return total;
}
