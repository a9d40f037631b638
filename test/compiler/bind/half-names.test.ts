import { describe, expect, test } from 'vitest';
import { checkText, tinyModel } from '../spec-text.js';

const u = (members: string, lists = ''): string =>
  tinyModel(
    `${members}
  encoder { widths: [2, 2], ${lists}level(i, c): conv(c, 3) -> repeat(i, relu), down: max_pool(2) }
  decoder { up(c): transposed_conv(c, 2, stride: 2), fuse: add_skip }
  head mask: conv(2, 1)`,
    'block add_skip {\n  skip: [C, ...S]\n  up: [C, ...S]\n  skip + up\n}',
  );

describe('what a half brings into scope has its name to itself', () => {
  test.each([
    ['knob n: int = 2', 'n'],
    ['let n = 2', 'n'],
    ['knob encoder: int = 2', 'encoder'],
    ['let decoder = 2', 'decoder'],
  ])('%s', (member, name) => {
    expect(checkText(u(member))).toEqual([
      expect.stringMatching(new RegExp(`UNET2003 \`${name}\` is already the name of`)),
    ]);
  });

  test.each(['i', 'c'])('a list called %s would hide what a part is given', (name) => {
    expect(checkText(u('', `${name}: [1, 2], `))).toEqual([expect.stringContaining(`UNET2003 \`${name}\``)]);
  });

  test('without halves the names are free', () => {
    expect(
      checkText(tinyModel('knob n: int = 4\n  let encoder = scan -> conv(n, 3)\n  mask = encoder -> conv(2, 1)')),
    ).toEqual([]);
  });
});
