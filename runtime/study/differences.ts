/** A place where two documents differ, each side as JSON. */
export interface Difference {
  /** `protocol.optimizer.lr`, `folds.0.test`. */
  readonly place: string;
  readonly before: string;
  readonly after: string;
}

/** The innermost places where two JSON documents differ, in the order of the first. */
export function differences(before: unknown, after: unknown, place = ''): readonly Difference[] {
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], place === '' ? key : `${place}.${key}`));
  }
  const [left, right] = [asText(before), asText(after)];
  return left === right ? [] : [{ place, before: left, after: right }];
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function asText(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}
