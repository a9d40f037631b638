/** Checks operations on an engine: values against the cpu engine's, gradients against finite differences. */
import * as tf from '@tensorflow/tfjs';
import { layout, setLayout } from '../ops/layout.js';
import { reasonOf } from '../engine/reason.js';
import { caseName, logicalOperation, operandValues, type OpCase } from './op-case.js';
import { difference, slopes } from './numbers.js';

/** The largest acceptable differences: single-precision rounding, and its effect on finite differences. */
export const TOLERANCE = { value: 1e-5, gradient: 5e-3 } as const;

/** The result of checking an operation. */
export interface OpCheck {
  readonly op: string;
  readonly case: string;
  /** Difference of values relative to the cpu engine's largest (1 if all are smaller). */
  readonly value: number;
  /**
   * Difference of slopes along random and single directions, relative to the slope (1 if smaller); null without a
   * gradient.
   */
  readonly gradient: number | null;
  readonly passed: boolean;
  /** The message of an error thrown instead of a result. */
  readonly reason?: string;
}

/** Checks a case on the current engine. */
export async function checkOp(given: OpCase): Promise<OpCheck> {
  try {
    return await measure(given);
  } catch (error) {
    const nothing = { value: Infinity, gradient: null, passed: false };
    return { op: given.op, case: caseName(given), ...nothing, reason: reasonOf(error) };
  }
}

async function measure(given: OpCase): Promise<OpCheck> {
  const { op, differentiable = true } = given;
  const values = await operandValues(given);
  const wanted = await onCpu(() => result(given, values));
  const value = difference(await result(given, values), wanted);
  const gradient = differentiable ? await worstSlope(given, values) : null;
  const passed = value < TOLERANCE.value && (gradient ?? 0) < TOLERANCE.gradient;
  return { op, case: caseName(given), value, gradient, passed };
}

async function result(given: OpCase, values: readonly Float32Array[]): Promise<Float32Array> {
  const inputs = tensors(given, values);
  const made = logicalOperation(given)(...inputs);
  const numbers = (await made.data<'float32'>()).slice();
  tf.dispose([made, inputs]);
  return numbers;
}

async function worstSlope(given: OpCase, values: readonly Float32Array[]): Promise<number> {
  const inputs = tensors(given, values);
  const found = await slopes(logicalOperation(given), inputs);
  tf.dispose(inputs);
  const errors = found.map(({ error }) => error);
  return errors.every(Number.isFinite) ? Math.max(...errors) : Infinity;
}

function tensors({ operands }: OpCase, values: readonly Float32Array[]): tf.Tensor[] {
  return values.map((each, i) => tf.tensor(each, [...operands[i]!.shape]));
}

async function onCpu<T>(run: () => Promise<T>): Promise<T> {
  const [backend, lying] = [tf.getBackend(), layout()];
  await tf.setBackend('cpu');
  setLayout('channels-last');
  try {
    return await run();
  } finally {
    await tf.setBackend(backend);
    setLayout(lying);
  }
}
