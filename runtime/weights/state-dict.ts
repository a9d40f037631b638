import { NumpyArray, TorchTensor, type PythonValue } from './python/values.js';

type Tensor = TorchTensor | NumpyArray;

/** The weights within a saved value. */
export interface StateDict {
  /** Keys that lead to them. */
  readonly path: readonly string[];
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** How deep in a checkpoint weights are looked for. */
const deepest = 3;

/** Keys under which frameworks keep the weights of a network, the likeliest first. */
const usualKeys = [
  'state_dict',
  'network_weights',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'weights',
  'params',
  'module',
];

function isTensor(value: PythonValue): value is Tensor {
  return value instanceof TorchTensor || value instanceof NumpyArray;
}

/** The tensors of a dictionary under their names; undefined if some key is not a string, or less than half are tensors. */
function tensorsOf(dictionary: Map<PythonValue, PythonValue>): Map<string, Tensor> | undefined {
  const entries = [...dictionary];
  const tensors = entries.filter((entry): entry is [string, Tensor] => {
    return typeof entry[0] === 'string' && isTensor(entry[1]);
  });
  return tensors.length > 0 && 2 * tensors.length >= entries.length ? new Map(tensors) : undefined;
}

/**
 * Finds the weights in a value that PyTorch saved: the value itself if it is a dictionary of tensors, else the dictionary
 * under one of the usual keys, else the only one within.
 * @returns undefined if there is none
 */
export function findStateDict(value: PythonValue): StateDict | undefined {
  return search(value, [], new Set());
}

function search(value: PythonValue, path: readonly string[], seen: Set<PythonValue>): StateDict | undefined {
  if (!(value instanceof Map) || seen.has(value) || path.length > deepest) return undefined;
  seen.add(value);
  const tensors = tensorsOf(value);
  if (tensors !== undefined) return { path, tensors };
  for (const key of usualKeys) {
    const found = search(value.get(key) ?? null, [...path, key], seen);
    if (found !== undefined) return found;
  }
  const others = [...value].flatMap(([key, each]) => {
    const found = typeof key === 'string' ? search(each, [...path, key], seen) : undefined;
    return found === undefined ? [] : [found];
  });
  return others.length === 1 ? others[0] : undefined;
}

/** Wrappers that put a word before every name. */
const prefixes = ['module.', '_orig_mod.', '_forward_module.'];

/** Removes the prefixes that wrappers such as `DataParallel` and `torch.compile` put before every name. */
export function stripPrefix<T>(tensors: ReadonlyMap<string, T>): { prefix: string; renamed: Map<string, T> } {
  const names = [...tensors.keys()];
  let prefix = '';
  for (;;) {
    const next = prefixes.find((each) => names.every((name) => name.startsWith(prefix + each)));
    if (next === undefined || names.length === 0) break;
    prefix += next;
  }
  return { prefix, renamed: new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor])) };
}
