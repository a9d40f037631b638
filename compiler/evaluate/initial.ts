import { initialOf as initialUnder, ones, zeros, type Initial, type InitialRule } from '../../contract/initial.js';
import type { ChoiceValue, Value } from './values.js';

export { ones, zeros };

/** The initial values of a layer's weight or bias under a choice; without one, PyTorch's default. */
export function initialOf(choice: ChoiceValue | undefined, name: string, weightShape: readonly number[]): Initial {
  return initialUnder(choice === undefined ? { kind: 'torch_default' } : ruleOf(choice), name, weightShape);
}

/** The rule of a checked choice, with its defaults filled in. */
export function ruleOf(choice: ChoiceValue): InitialRule {
  const [argument] = choice.arguments;
  switch (choice.name) {
    case 'torch_default':
      return { kind: 'torch_default' };
    case 'kaiming_normal':
    case 'kaiming_uniform': {
      const mode = argument?.kind === 'choice' && argument.name === 'fan_out' ? 'fan_out' : 'fan_in';
      return { kind: choice.name, mode };
    }
    default:
      return plainInitial(choice);
  }
}

/** Initial values that do not depend on the weight's shape. */
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
