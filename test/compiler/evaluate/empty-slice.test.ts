import { describe, expect, it } from 'vitest';
import { checkText, lowerText } from '../spec-text.js';

const spec = (body: string): string => `
block first(k: int) {
  x: [C, ...S]
  ${body}
}
model M {
  input scan: image(T1w)[D, H]
  output mask: classes(a, b)
  mask = scan -> first(0) -> conv(2, 1)
}`;

describe('a slice without elements', () => {
  it('is allowed in a branch that is not taken', () => {
    const text = spec('if k == 0 then x else x[C: 0 .. k - 1]');
    expect(checkText(text)).toEqual([]);
    expect(lowerText(text).ops.some(({ kind }) => kind === 'take')).toBe(false);
  });

  it('is an error where it is used', () => {
    expect(checkText(spec('x[C: 0 .. k - 1]'))).toEqual([expect.stringContaining('UNET3019')]);
  });
});
