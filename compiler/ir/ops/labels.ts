/** Building blocks of labels. */

/** `3×3×3`; `[3]` stays `3`. */
export function sizes(values: readonly number[]): string {
  return values.join('×');
}

/** `conv 3×3×3, stride 2, 2 groups`: whatever differs from the default is listed. */
export function windowLabel(
  name: string,
  window: {
    readonly kernel: readonly number[];
    readonly stride: readonly number[];
    readonly dilation?: readonly number[];
    readonly groups?: number;
  },
): string {
  const { kernel, stride, dilation = [], groups = 1 } = window;
  const parts = [`${name} ${sizes(kernel)}`];
  if (!isOne(stride)) parts.push(`stride ${uniform(stride)}`);
  if (!isOne(dilation)) parts.push(`dilation ${uniform(dilation)}`);
  if (groups !== 1) parts.push(`${groups} groups`);
  return parts.join(', ');
}

export function isOne(values: readonly number[]): boolean {
  return values.every((value) => value === 1);
}

function uniform(values: readonly number[]): string {
  const [first] = values;
  return values.every((value) => value === first) ? String(first) : sizes(values);
}
