import * as tf from '@tensorflow/tfjs';
import type { Batch } from '../data/types.js';
import { forgetComputations, runComputation } from '../engine/computation.js';
import type { Parameter } from '../network/parameter.js';
import type { Randomness, TrainableNetwork } from '../network/trainable-network.js';
import { movedValues, type Movement } from '../ops/running.js';
import type { WeightAverage } from './average.js';
import type { Optimizer } from './optimizer.js';
import {
  backward,
  batchKey,
  clippedUpdates,
  lossValues,
  updateKey,
  type StepBatch,
  type StepProtocol,
  type StepResult,
  type UpdateArgument,
  type Updater,
} from './step.js';

/**
 * Averages the gradients of several batches before an update, so that a step needs the memory of one batch. Without
 * statistics of batches, the result is that of one large batch of as many cases, except for the order of sums.
 */
export class Accumulator {
  private readonly sums = new Map<string, tf.Variable>();

  constructor(
    private readonly network: TrainableNetwork,
    private readonly optimizer: Optimizer,
    private readonly average?: WeightAverage,
  ) {}

  /**
   * Performs one training step on several batches, each with the same weight in the mean, as `trainStep` does on one.
   * Running statistics move with every batch, as in PyTorch. A loss or gradient that is not finite changes no weight.
   * @param seed of the random numbers for dropout; undefined disables dropout
   */
  async step(
    batches: readonly (StepBatch & Pick<Batch, 'step'>)[],
    protocol: StepProtocol,
    lr: number,
    seed?: number,
  ): Promise<StepResult> {
    const added = new Set<Parameter>();
    const values: Float32Array[] = [];
    for (const batch of batches) {
      const randomness = seed === undefined ? undefined : { seed, step: batch.step };
      values.push(await this.add(batch, protocol, added, randomness));
    }
    const mean = values[0]!.map((_, term) => values.reduce((sum, each) => sum + each[term]!, 0) / values.length);
    const { gradientNorm, commit, dispose } = await this.update([...added], batches.length, protocol, lr);
    const result = lossValues(this.network, protocol, mean);
    const updated = Number.isFinite(result.loss) && Number.isFinite(gradientNorm);
    if (updated) {
      commit();
      this.optimizer.advance([...added]);
      this.average?.advance();
    }
    dispose();
    return { ...result, gradientNorm, updated };
  }

  dispose(): void {
    forgetComputations(this);
    tf.dispose([...this.sums.values()]);
  }

  private sumOf({ id, variable }: Parameter): tf.Variable {
    const known = this.sums.get(id);
    if (known !== undefined) return known;
    const made = tf.variable(tf.zeros(variable.shape), false);
    this.sums.set(id, made);
    return made;
  }

  /** Adds the gradients of a batch. @returns the terms of its loss */
  private async add(
    batch: StepBatch,
    protocol: StepProtocol,
    added: Set<Parameter>,
    randomness: Randomness | undefined,
  ): Promise<Float32Array> {
    const { network } = this;
    const begun = network.weights.map((weight) => (added.has(weight) ? '1' : '0')).join('');
    const run = await runComputation(
      {
        owner: this,
        key: `add ${batchKey(network, batch, protocol)} ${begun} ${randomness !== undefined}`,
        name: 'the gradients of a batch',
        compute: (current: () => { batch: StepBatch; randomness: Randomness | undefined }) => {
          const random = current().randomness === undefined ? undefined : (): Randomness => current().randomness!;
          const movements: Movement[] = [];
          const pass = { randomness: random, movements };
          const { terms, found, gradients } = backward(network, () => current().batch, protocol, pass);
          const sums = found.map((parameter, i): readonly [tf.Variable, tf.Tensor] => {
            const sum = this.sumOf(parameter);
            return [sum, added.has(parameter) ? tf.add(sum, gradients[i]!) : gradients[i]!];
          });
          const updates = [...sums, ...movedValues(movements)];
          tf.dispose(movements.map(({ measured }) => measured));
          return { outputs: [terms], updates, found };
        },
      },
      { batch, randomness },
    );
    const values = run.outputs[0]!.slice();
    run.commit();
    for (const parameter of run.result.found) added.add(parameter);
    run.dispose();
    return values;
  }

  private async update(found: readonly Parameter[], count: number, protocol: StepProtocol, lr: number) {
    const updater: Updater = { optimizer: this.optimizer, average: this.average };
    const ids = found.map(({ id }) => id).join();
    const run = await runComputation(
      {
        owner: this,
        key: `update ${count} ${ids} ${updateKey(updater, protocol)}`,
        name: 'the update',
        compute: (current: () => UpdateArgument) => {
          const gradients = found.map((parameter) => tf.div(this.sumOf(parameter), count));
          const { norm, updates } = clippedUpdates(updater, protocol, { asked: found, found, gradients }, current);
          return { outputs: [norm], updates };
        },
      },
      { rates: this.optimizer.rates(found, lr), keep: this.average?.factor },
    );
    return { gradientNorm: run.outputs[0]![0]!, commit: () => run.commit(), dispose: () => run.dispose() };
  }
}
