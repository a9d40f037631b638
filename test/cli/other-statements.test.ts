import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { unet, scratch } from './run-unet.js';

/** A sound model in a file whose other statements have errors. */
const text = `model M {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(mask.classes, 3)
}
block other {
  x: [C, ...S]
  x -> nothing
}
study S { protocol: P, seeds: 1, base: Nope }
`;

describe('a command on one model', () => {
  const file = path.join(scratch(), 'other-statements.unet');
  writeFileSync(file, text);

  it.each([
    ['report'],
    ['compile', '-o', path.join(scratch(), 'generated')],
    ['diagram', '-o', path.join(scratch(), 'm.svg')],
  ])('%s does not depend on what the model does not use', async (command, ...flags) => {
    const { code, stderr } = await unet([command, `${file}#M`, ...flags]);
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);
  });

  it('check reports the errors', async () => {
    const { code, stderr } = await unet(['check', file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/`nothing`/);
    expect(stderr).toMatch(/`Nope`/);
  });
});
