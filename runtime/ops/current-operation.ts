/** The operation of the network that is being computed, so that an engine can name it in an error. */
let current: string | undefined;

/** Computes `f` as part of the operation with that id. */
export function asOperation<T>(id: string, f: () => T): T {
  const before = current;
  current = id;
  try {
    return f();
  } finally {
    current = before;
  }
}

/** The id of the current operation; undefined between operations and in the backward pass. */
export function currentOperation(): string | undefined {
  return current;
}
