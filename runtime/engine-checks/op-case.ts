import * as tf from '@tensorflow/tfjs';
import { fromPhysical, toPhysical } from '../ops/layout.js';
import { normals, type Operation } from './numbers.js';

/** An operand of standard normal numbers. */
export interface Operand {
  /** Logical, `[N, C, ...]`, for what lies in the tensor layout; weights in PyTorch's order. */
  readonly shape: readonly number[];
  /** Weights and lists lie alike everywhere. */
  readonly plain?: boolean;
  /** What the numbers become first, away from kinks and poles of the operation. */
  readonly domain?: (value: number) => number;
}

/** One use of an operation, small enough that finite differences take no time. */
export interface OpCase {
  /** The operation's name in the language; several cases may share it. */
  readonly op: string;
  /** What sets the case apart from others of the operation. */
  readonly about?: string;
  readonly operands: readonly Operand[];
  /** On tensors as they lie in memory. */
  readonly run: Operation;
  /** The result lies in the tensor layout; false: as it is, such as a list. */
  readonly spatial?: boolean;
  /** False where the operation is never differentiated. */
  readonly differentiable?: boolean;
}

export const image = (...shape: readonly number[]): Operand => ({ shape });
export const plain = (...shape: readonly number[]): Operand => ({ shape, plain: true });
/** At least 0.5. */
export const positive = (operand: Operand): Operand => ({ ...operand, domain: (x) => Math.abs(x) + 0.5 });
/** Finite differences must not step over a kink at zero. */
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

/** The operation on operands in logical order, whatever the engine's layout; its result likewise. */
export function logicalOperation({ operands, run, spatial = true }: OpCase): Operation {
  return (...inputs) =>
    tf.tidy(() => {
      const lying = inputs.map((input, i) => (operands[i]!.plain === true ? input : toPhysical(input)));
      const result = run(...lying);
      return spatial ? fromPhysical(result) : result;
    });
}
