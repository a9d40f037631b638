import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { fromPhysical, toLogicalOrder, toPhysical, toPhysicalOrder } from '../../../runtime/ops/layout.js';
import type { RuntimeLayer } from '../../../runtime/layers/base.js';
import type { Named } from '../../../runtime/layers/configs.js';
import { setWeights, variablesOf, weightsOf } from '../../../runtime/layers/weights.js';
import { expectClose, expectGradient, normals } from '../ops/support.js';

export interface LayerCase {
  /** A fresh layer at each call. */
  readonly layer: () => RuntimeLayer<Named>;
  /** Logical shapes of the operands with cases `[N, C, ...]`; one of rank 1 holds identifiers. */
  readonly inputs: readonly (readonly number[])[];
  /** Operands that stand for params: no cases, their first size is 1. */
  readonly unbatched?: readonly number[];
  /** Logical shape of the result. */
  readonly output: readonly number[];
  /** Shapes of the weights by id. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  /** The result by another way, from logical operands and weights. */
  readonly expected?: (inputs: readonly tf.Tensor[], weights: ReadonlyMap<string, tf.Tensor>) => tf.Tensor;
  /** Where the operand enters the function away from kinks and poles: maps standard normal numbers. */
  readonly domain?: (x: tf.Tensor) => tf.Tensor;
  readonly identifiers?: readonly number[];
  /** Whether to check gradients; not where the layer hands on what it gets. */
  readonly gradient?: boolean;
  readonly tolerance?: number;
}

/**
 * Everything a layer must hold, as Keras's `run_layer_test`: the shape it announces with known and unknown sizes, the
 * shape it gives, dtype, weights and their count, values, gradients of operands and weights, and that a model of it,
 * saved and loaded, gives the same.
 */
export async function checkLayer(given: LayerCase): Promise<void> {
  const model = modelOf(given);
  expect(announcedShape(model)).toEqual(withNullBatch(given, given.output));
  checkAnnouncedUnknown(given);
  checkWeights(model, given);
  const values = await randomWeights(model);
  setWeights(model, values);
  const weightValues = new Map(
    [...weightsOf(model)].map(([id, { shape }]) => [id, tf.tensor(values.get(id)!, shape as number[])]),
  );
  const operands = await operandsOf(given);
  const wanted = given.expected?.(operands, weightValues);
  const result = logicalResult(model, operands);
  expect(result.dtype).toBe('float32');
  expect(result.shape).toEqual(given.output);
  if (wanted !== undefined) await expectClose(result, wanted, given.tolerance ?? 1e-5);
  if (given.gradient !== false) await checkGradients(model, given, operands);
  await checkRoundTrip(model, operands, result);
}

function isIdentifier(shape: readonly number[]): boolean {
  return shape.length === 1;
}

function symbolic(given: LayerCase, unknown: boolean): tf.SymbolicTensor[] {
  return given.inputs.map((shape, i) => {
    const batch = given.unbatched?.includes(i) === true ? 1 : null;
    const spatial = shape.slice(2).map((size) => (unknown ? null : size));
    const logical = [batch, ...shape.slice(1, 2), ...spatial];
    const dtype = isIdentifier(shape) ? 'int32' : 'float32';
    return tf.input({ name: `input${i}`, batchShape: toPhysicalOrder(logical), dtype });
  });
}

function modelOf(given: LayerCase): tf.LayersModel {
  const inputs = symbolic(given, false);
  return tf.model({ inputs, outputs: given.layer().on(...inputs) });
}

function announcedShape(model: tf.LayersModel): (number | null)[] {
  return toLogicalOrder(model.outputs[0]!.shape);
}

function withNullBatch(given: LayerCase, shape: readonly number[]): (number | null)[] {
  const batched = given.inputs.some((_, i) => given.unbatched?.includes(i) !== true);
  const carries = given.layer().getClassName() === 'UnetParam' ? false : batched;
  return [carries ? null : 1, ...shape.slice(1)];
}

/** With unknown spatial sizes every size that is announced is right. */
function checkAnnouncedUnknown(given: LayerCase): void {
  const announced = toLogicalOrder(given.layer().on(...symbolic(given, true)).shape);
  expect(announced.length).toBe(given.output.length);
  announced.slice(1).forEach((size, i) => {
    if (size !== null) expect(size).toBe(given.output[i + 1]);
  });
}

function checkWeights(model: tf.LayersModel, { weights = {} }: LayerCase): void {
  const shapes = Object.fromEntries([...weightsOf(model)].map(([id, weight]) => [id, [...weight.shape]]));
  expect(shapes).toEqual(weights);
  const count = Object.values(weights).reduce((total, shape) => total + shape.reduce((a, b) => a * b, 1), 0);
  expect(model.countParams()).toBe(count);
}

async function randomWeights(model: tf.LayersModel): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const [id, { shape }] of weightsOf(model))
    values.set(id, await normals(shape as number[], id).data<'float32'>());
  return values;
}

/** Their numbers lie in our own memory, so that what is expected can be worked out of them at once. */
async function operandsOf({ inputs, domain, identifiers }: LayerCase): Promise<tf.Tensor[]> {
  const operands: tf.Tensor[] = [];
  for (const [i, shape] of inputs.entries()) {
    const values = normals(shape, `input ${i}`);
    const entered = domain?.(values) ?? values;
    operands.push(
      isIdentifier(shape)
        ? tf.tensor1d([...identifiers!], 'int32')
        : tf.tensor(await entered.data(), shape as number[]),
    );
  }
  return operands;
}

function logicalResult(model: tf.LayersModel, operands: readonly tf.Tensor[]): tf.Tensor {
  const fed = operands.map(toPhysical);
  return fromPhysical(model.apply(fed.length === 1 ? fed[0]! : fed) as tf.Tensor);
}

async function checkGradients(model: tf.LayersModel, given: LayerCase, operands: readonly tf.Tensor[]): Promise<void> {
  const real = operands.filter((each) => each.dtype === 'float32');
  if (real.length > 0) {
    const asFunction = (...xs: tf.Tensor[]): tf.Tensor => {
      const left = [...xs];
      return logicalResult(
        model,
        operands.map((each) => (each.dtype === 'float32' ? left.shift()! : each)),
      );
    };
    await expectGradient(asFunction, real);
  }
  for (const [id, variable] of variablesOf(model)) await checkWeightGradient(model, id, variable, operands);
}

async function checkWeightGradient(
  model: tf.LayersModel,
  id: string,
  variable: tf.Variable,
  operands: readonly tf.Tensor[],
): Promise<void> {
  const start = variable.clone();
  const random = normals(logicalResult(model, operands).shape, `weights ${id}`);
  const loss = (): tf.Scalar => tf.sum(tf.mul(logicalResult(model, operands), random));
  const { grads } = tf.variableGrads(loss, [variable]);
  const direction = tf.div(normals(start.shape, `direction ${id}`), Math.sqrt(start.size));
  const moved = async (by: number): Promise<number> => {
    variable.assign(tf.add(start, tf.mul(direction, by)));
    return (await loss().data())[0]!;
  };
  const numeric = ((await moved(1e-2)) - (await moved(-1e-2))) / 2e-2;
  variable.assign(start);
  const analytic = (await tf.sum(tf.mul(grads[variable.name]!, direction)).data())[0]!;
  expect(Math.abs(numeric - analytic), `${id}: ${numeric} and ${analytic}`).toBeLessThan(
    5e-3 * Math.max(1, Math.abs(numeric)),
  );
}

async function checkRoundTrip(model: tf.LayersModel, operands: readonly tf.Tensor[], result: tf.Tensor): Promise<void> {
  let saved: tf.io.ModelArtifacts | undefined;
  const artifacts = (given: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> => {
    // Through text, as in a file.
    saved = { ...given, modelTopology: JSON.parse(JSON.stringify(given.modelTopology)) as object };
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
  };
  await model.save(tf.io.withSaveHandler(artifacts));
  const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
  expect([...weightsOf(loaded).keys()]).toEqual([...weightsOf(model).keys()]);
  await expectClose(logicalResult(loaded, operands), result, 1e-6);
}
