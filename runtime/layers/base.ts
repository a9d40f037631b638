import * as tf from '@tensorflow/tfjs';
import {
  initialOf,
  ruleFor,
  zeros,
  type Initial,
  type InitialKind,
  type InitialRule,
  type InitialRules,
} from '../../contract/initial.js';
import { toLogicalOrder, toPhysicalOrder } from '../ops/layout.js';
import { asOperation } from '../ops/current-operation.js';
import type { InitialConfig, Named } from './configs.js';
import { graphName } from './graph-name.js';

/** Size of an axis; null if it is known only at run time. */
export type Extent = number | null;

/**
 * `[N, a0, ..., an]`: the batch, then the logical axes, channels first. The batch is 1 for tensors computed from params
 * only.
 */
export type LogicalShape = readonly Extent[];

/**
 * The base class of all layers in generated code: the configuration is the IR's attributes, shapes are in logical
 * order, and weights have PyTorch's shapes and ids `<layer name>.<weight name>`. Layers can be saved and loaded with
 * `tf.LayersModel`; a saved model fits the memory layout in which it was saved.
 */
export abstract class RuntimeLayer<C extends Named> extends tf.layers.Layer {
  readonly config: C;
  /** The position of this layer among all layers created in this process. */
  readonly created = layersCreated++;
  private readonly ownWeights = new Map<string, OwnWeight>();

  constructor(given: C | SavedConfig) {
    const config = isSaved(given) ? (JSON.parse(given.settings.name) as C) : given;
    super({ name: graphName(config.name) });
    this.config = config;
  }

  /** Logical shape of the output. */
  protected abstract shapeOf(inputs: readonly LogicalShape[]): LogicalShape;

  /** Computes the output from tensors in memory order. Runs in a tidy. */
  protected abstract run(inputs: readonly tf.Tensor[], training: boolean): tf.Tensor;

  /** Adds the weights, once the operands' shapes are known. */
  protected addWeights(_inputs: readonly LogicalShape[]): void {}

  /** Applies the layer; repeated calls use the same weights. */
  on(...inputs: tf.SymbolicTensor[]): tf.SymbolicTensor {
    const distinct = inputs.map((input, place) =>
      inputs.indexOf(input) === place ? input : new Again({ name: `${this.config.name}.again${place}` }).on(input),
    );
    const [only] = distinct;
    return this.apply(distinct.length === 1 ? only! : distinct) as tf.SymbolicTensor;
  }

  /** Returns its weights by id. */
  weightsById(): ReadonlyMap<string, tf.LayerVariable> {
    return new Map([...this.ownWeights].map(([id, { variable }]) => [id, variable]));
  }

  /** Returns the initial values of its weights by id, under the given rules of the model. */
  initialsById(rules: InitialRules): ReadonlyMap<string, Initial> {
    const shape = (this.ownWeights.get(this.weightId('weight'))?.variable.shape ?? []) as number[];
    const { initial } = this.config as { readonly initial?: InitialConfig };
    return new Map(
      [...this.ownWeights].map(([id, { name, start }]) => {
        if (initial !== undefined && !isRule(initial)) return [id, initial[name] ?? zeros];
        if (typeof start === 'object') return [id, initial === undefined ? start : initialOf(initial, name, shape)];
        return [id, initialOf(initial ?? ruleFor(start, rules), name, shape)];
      }),
    );
  }

  protected weightId(weightName: string): string {
    return `${this.config.name}.${weightName}`;
  }

  /** Whether a weight is a running statistic. */
  isStatistic(id: string): boolean {
    return this.ownWeights.get(id)?.statistic === true;
  }

  /**
   * Adds a weight of zeros, whose values `initialize` sets.
   * @param shape in PyTorch's order
   * @param start its initial values, or the kind of layer whose rule applies; the `initial` of the configuration
   * overrides it
   */
  protected createWeight(weightName: string, shape: readonly number[], start: Initial | InitialKind): void {
    const { trainable = true } = this.config as { readonly trainable?: boolean };
    this.create(weightName, shape, { start, trainable, statistic: false });
  }

  /** Adds a running statistic, which no gradient reaches. */
  protected createStatistic(statisticName: string, shape: readonly number[], start: Initial): void {
    this.create(statisticName, shape, { start, trainable: false, statistic: true });
  }

  private create(
    name: string,
    shape: readonly number[],
    { trainable, ...kind }: Omit<OwnWeight, 'name' | 'variable'> & { readonly trainable: boolean },
  ): void {
    const zero = tf.initializers.zeros();
    const variable = this.addWeight(name, [...shape], 'float32', zero, undefined, trainable);
    this.ownWeights.set(this.weightId(name), { name, variable, ...kind });
  }

  protected weight(weightName: string): tf.Tensor | undefined {
    return this.ownWeights.get(this.weightId(weightName))?.variable.read();
  }

  /** The variable of a running statistic. */
  protected statistic(statisticName: string): tf.Variable {
    return variableOf(this.ownWeights.get(this.weightId(statisticName))!.variable);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    if (this.built) return;
    this.addWeights(logicalShapes(inputShape));
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return toPhysicalOrder(this.shapeOf(logicalShapes(inputShape)));
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { readonly training?: boolean }): tf.Tensor {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    return asOperation(this.config.name, () => tf.tidy(() => this.run(list, kwargs.training === true)));
  }

  // tfjs converts the case of strings in a configuration (axis `D` becomes `d`), except under the key `name`.
  override getConfig(): tf.serialization.ConfigDict {
    return { name: this.name, settings: { name: JSON.stringify(this.config) } };
  }
}

function isRule(initial: InitialConfig): initial is InitialRule {
  return typeof initial['kind'] === 'string';
}

interface OwnWeight {
  readonly name: string;
  readonly variable: tf.LayerVariable;
  readonly start: Initial | InitialKind;
  readonly statistic: boolean;
}

/** tfjs-layers keeps the variable in a protected field and offers no other access. */
export function variableOf(weight: tf.LayerVariable): tf.Variable {
  return (weight as unknown as { readonly val: tf.Variable }).val;
}

let layersCreated = 0;

/** Returns its first operand unchanged. */
export abstract class PassThrough extends RuntimeLayer<Named> {
  protected shapeOf([x]: readonly LogicalShape[]): LogicalShape {
    return x!;
  }

  protected run([x]: readonly tf.Tensor[]): tf.Tensor {
    return x!;
  }
}

/**
 * Passes its operand through, for an operation that takes one tensor twice: tfjs counts such an operation once when it
 * decides when a tensor is no longer needed, but twice when it runs, and would dispose of it too early.
 */
export class Again extends PassThrough {
  static readonly className = 'UnetAgain';
}

tf.serialization.registerClass(Again);

interface SavedConfig {
  readonly name: string;
  readonly settings: { readonly name: string };
}

function isSaved(config: object): config is SavedConfig {
  return 'settings' in config;
}

function logicalShapes(inputShape: tf.Shape | tf.Shape[]): LogicalShape[] {
  const several = inputShape.some((each) => Array.isArray(each));
  const shapes = several ? (inputShape as tf.Shape[]) : [inputShape as tf.Shape];
  return shapes.map((shape) => toLogicalOrder(shape));
}

/** The batch size of a result of several operands: theirs, or 1 if none has a batch. */
export function jointBatch(inputs: readonly LogicalShape[]): Extent {
  const batches = inputs.map(([batch]) => batch as Extent);
  return batches.find((batch) => batch !== 1) ?? (batches.includes(null) ? null : 1);
}

/** The number of channels, which every layer with weights must know when it is built. */
export function channelsOf(shape: LogicalShape, layer: string): number {
  const channels = shape[1];
  if (typeof channels !== 'number') throw new Error(`${layer}: the number of channels must be known`);
  return channels;
}

/** Maps every spatial size that is known. */
export function mapSpatial(shape: LogicalShape, size: (n: number, axis: number) => number): Extent[] {
  return shape.slice(2).map((n, axis) => (n === null ? null : size(n, axis)));
}
