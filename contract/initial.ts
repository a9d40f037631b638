/** Initial values of weights: the rules that a spec may choose, and the distributions that they stand for. */

/** The distribution of a weight's initial values, every number worked out. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'truncated_normal'; readonly deviation: number };

/** The fan that a Kaiming rule divides by. */
export type Fan = 'fan_in' | 'fan_out';

/** How a layer's weight is initialised: a distribution, or a rule that depends on the weight's shape. */
export type InitialRule =
  | Initial
  /** PyTorch's default for convolutions and linear layers: uniform within 1 / sqrt(fan-in), the bias too. */
  | { readonly kind: 'torch_default' }
  /** He et al. 2015, with a gain of sqrt(2). */
  | { readonly kind: 'kaiming_normal'; readonly mode: Fan }
  | { readonly kind: 'kaiming_uniform'; readonly mode: Fan };

export const zeros: Initial = { kind: 'constant', value: 0 };
export const ones: Initial = { kind: 'constant', value: 1 };

/** PyTorch's fans: of a weight `[a, b, ...kernel]`, fan-in is b and fan-out is a, times the size of the kernel. */
function fanOf(mode: Fan, shape: readonly number[]): number {
  const kernel = shape.slice(2).reduce((product, size) => product * size, 1);
  return ((mode === 'fan_out' ? shape[0] : shape[1]) ?? 1) * kernel;
}

/**
 * Returns the initial values of a layer's weight or bias under a rule. Biases are zero under every rule except PyTorch's
 * default.
 * @param name `weight` or `bias`
 * @param weightShape the shape of the layer's weight in PyTorch's order, also for its bias
 */
export function initialOf(rule: InitialRule, name: string, weightShape: readonly number[]): Initial {
  if (rule.kind === 'torch_default') {
    return { kind: 'uniform', bound: 1 / Math.sqrt(Math.max(fanOf('fan_in', weightShape), 1)) };
  }
  if (name === 'bias') return zeros;
  if (rule.kind === 'kaiming_normal') {
    return { kind: 'normal', deviation: Math.sqrt(2 / fanOf(rule.mode, weightShape)) };
  }
  if (rule.kind === 'kaiming_uniform') {
    return { kind: 'uniform', bound: Math.sqrt(6 / fanOf(rule.mode, weightShape)) };
  }
  return rule;
}

/** The layers that a model's `init` has rules for. */
export type InitialKind = 'conv' | 'depthwise_conv' | 'transposed_conv' | 'linear';

/** A model's rules by kind of layer. */
export type InitialRules = { readonly [K in InitialKind]?: InitialRule };

/**
 * The rule of a kind of layer: the model's own, or PyTorch's default. The rule for `conv` also covers depthwise
 * convolutions, unless there is one for them; transposed convolutions need their own.
 */
export function ruleFor(kind: InitialKind, rules: InitialRules): InitialRule {
  return rules[kind] ?? (kind === 'depthwise_conv' ? rules.conv : undefined) ?? { kind: 'torch_default' };
}
