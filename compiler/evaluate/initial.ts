import type { Initial } from '../ir/ir.js';
import type { ChoiceValue, Value } from './values.js';

export const zeros: Initial = { kind: 'constant', value: 0 };
export const ones: Initial = { kind: 'constant', value: 1 };

/** PyTorch's fans: of a weight `[a, b, ...kernel]`, fan-in is b and fan-out a, times the kernel's size. */
function fans(shape: readonly number[]): { readonly in: number; readonly out: number } {
  const kernel = shape.slice(2).reduce((product, size) => product * size, 1);
  return { in: (shape[1] ?? 1) * kernel, out: (shape[0] ?? 1) * kernel };
}

/**
 * Initial values of a layer's weight or bias under a choice; without one, PyTorch's default. Biases are zero where a
 * choice is made, and uniform within 1 / sqrt(fan-in) of the weight by PyTorch's default.
 * Kaiming: He et al. 2015, gain sqrt(2); PyTorch's default is its uniform form with a = sqrt(5).
 */
export function initialOf(choice: ChoiceValue | undefined, name: string, weightShape: readonly number[]): Initial {
  const fan = fans(weightShape);
  if (choice === undefined || choice.name === 'torch_default') {
    return { kind: 'uniform', bound: 1 / Math.sqrt(Math.max(fan.in, 1)) };
  }
  if (name === 'bias') return zeros;
  return weightInitial(choice, fan);
}

function weightInitial(choice: ChoiceValue, fan: { readonly in: number; readonly out: number }): Initial {
  const [argument] = choice.arguments;
  const chosen = argument?.kind === 'choice' && argument.name === 'fan_out' ? fan.out : fan.in;
  switch (choice.name) {
    case 'kaiming_normal':
      return { kind: 'normal', deviation: Math.sqrt(2 / chosen) };
    case 'kaiming_uniform':
      return { kind: 'uniform', bound: Math.sqrt(6 / chosen) };
    default:
      return plainInitial(choice);
  }
}

/** Initial values that need no fans. */
export function plainInitial(choice: ChoiceValue): Initial {
  const number = numeric(choice.arguments[0]);
  switch (choice.name) {
    case 'truncated_normal':
      return { kind: 'truncated_normal', deviation: number ?? 0.02 };
    case 'normal':
      return { kind: 'normal', deviation: number ?? 1 };
    case 'ones':
      return ones;
    default:
      return zeros;
  }
}

function numeric(value: Value | undefined): number | undefined {
  return value?.kind === 'number' ? value.value : undefined;
}
