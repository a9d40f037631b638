/** The functions and operators that the IR's operations, the layers and the kernels have in common. */

/** Functions of one number, applied to each element of a tensor; formulas are those of PyTorch's functions of the same names. */
export const unaryFunctions = [
  'relu',
  'leaky_relu',
  'elu',
  'gelu',
  'silu',
  'sigmoid',
  'tanh',
  'softplus',
  'exp',
  'log',
  'sqrt',
  'abs',
  'negate',
] as const;

export type UnaryFunction = (typeof unaryFunctions)[number];

/** Operators on two tensors, element by element. */
export type BinaryOperator = '+' | '-' | '*' | '/' | 'min' | 'max';

/** Operators on a tensor and a number, element by element. */
export type ScalarOperator = '+' | '-' | '*' | '/' | 'min' | 'max' | 'power';

/** The names of operators in generated code, reports and diagrams. */
export const operatorNames = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  min: 'minimum',
  max: 'maximum',
  power: 'power',
} as const satisfies Readonly<Record<ScalarOperator, string>>;

/** Functions that reduce axes of a tensor to one value. */
export type Reduction = 'mean' | 'sum' | 'max';
