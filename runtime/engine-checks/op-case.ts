import * as tf from '@tensorflow/tfjs';
import { fromPhysical, toPhysical } from '../ops/layout.js';
import { normals, type Operation } from './numbers.js';

/** An operand of standard normal numbers. */
export interface Operand {
  /** Logical shape `[N, C, ...]` for operands in the tensor layout; PyTorch's order for weights. */
  readonly shape: readonly number[];
  /** Whether it has the same memory order in every layout, like weights and lists. */
  readonly plain?: boolean;
  /** The domain that the numbers are mapped to, away from kinks and poles of the operation. */
  readonly domain?: (value: number) => number;
}

/** A test case for an operation, small enough for finite differences. */
export interface OpCase {
  /** The operation's name in the language; several cases may have the same one. */
  readonly op: string;
  /** The difference from other cases of the operation. */
  readonly about?: string;
  readonly operands: readonly Operand[];
  /** Runs on tensors in memory order. */
  readonly run: Operation;
  /** Whether the result is in the tensor layout; false for a list, for example. */
  readonly spatial?: boolean;
  /** False if the operation is never differentiated. */
  readonly differentiable?: boolean;
}

export const image = (...shape: readonly number[]): Operand => ({ shape });
export const plain = (...shape: readonly number[]): Operand => ({ shape, plain: true });
/** At least 0.5. */
export const positive = (operand: Operand): Operand => ({ ...operand, domain: (x) => Math.abs(x) + 0.5 });
/** Keeps finite differences from crossing a kink at zero. */
export const awayFromZero = (operand: Operand): Operand => ({ ...operand, domain: (x) => x + 0.1 * Math.sign(x) });

/** `op (about)`. */
export function caseName({ op, about }: OpCase): string {
  return about === undefined ? op : `${op} (${about})`;
}

/** The operands' numbers, the same on every engine. */
export async function operandValues({ operands }: OpCase): Promise<Float32Array[]> {
  const values: Float32Array[] = [];
  for (const [index, { shape, domain }] of operands.entries()) {
    const numbers = normals(shape, `operand ${index}`);
    const data = await numbers.data<'float32'>();
    values.push(domain === undefined ? data.slice() : Float32Array.from(data, domain));
    numbers.dispose();
  }
  return values;
}

/**
 * Runs the operation on operands in logical order, whatever the engine's layout; the result is in logical order too.
 */
export function logicalOperation({ operands, run, spatial = true }: OpCase): Operation {
  return (...inputs) =>
    tf.tidy(() => {
      const lying = inputs.map((input, i) => (operands[i]!.plain === true ? input : toPhysical(input)));
      const result = run(...lying);
      return spatial ? fromPhysical(result) : result;
    });
}
