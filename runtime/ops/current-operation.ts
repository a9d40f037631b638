/** Which operation of a network is being computed, so that an engine can name it when something fails in it. */
let current: string | undefined;

/** Computes `f` as part of the operation of that id. */
export function asOperation<T>(id: string, f: () => T): T {
  const before = current;
  current = id;
  try {
    return f();
  } finally {
    current = before;
  }
}

/** The id of the operation under way; undefined between operations and in the backward pass. */
export function currentOperation(): string | undefined {
  return current;
}
