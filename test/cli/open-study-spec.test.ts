import { afterEach, describe, expect, it, vi } from 'vitest';
import { exitCodes, Finished } from '../../cli/exit.js';
import { compileStudy } from '../../cli/study/open-study-spec.js';
import { writeSpec } from './tiny.js';
import { tinyStudy } from './tiny-study.js';

afterEach(() => vi.restoreAllMocks());

/** What is printed when the study `Small` of a text is opened, and the exit code; 0 if it opens. */
function open(text: string): { code: number; printed: string } {
  const file = writeSpec('opened.unet', text);
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    expect(compileStudy(file, 'Small').study.models).toHaveLength(2);
    return { code: 0, printed: '' };
  } catch (error) {
    if (!(error instanceof Finished)) throw error;
    return { code: error.code, printed: write.mock.calls.join('') };
  }
}

describe('a study opens', () => {
  it.each([
    ['another study', 'study Other { protocol: None, seeds: 1, base: Nope }'],
    ['a model that it does not use', 'model Broken {\n  mask = nothing\n}'],
    ['blocks that use each other', 'block a {\n  x: [C]\n  x -> b\n}\nblock b {\n  x: [C]\n  x -> a\n}'],
  ])('although %s has an error', (_, statement) => {
    expect(open(`${tinyStudy}${statement}\n`)).toEqual({ code: 0, printed: '' });
  });

  it('not if something that it uses has one', () => {
    const recursive = 'block a {\n  x: [C, ...S]\n  x -> b\n}\nblock b {\n  x: [C, ...S]\n  x -> a\n}\n';
    for (const [text, code] of [
      [tinyStudy.replace('conv(width, 3) -> relu', 'nothing'), 'UNET2001'],
      [tinyStudy.replace('conv(width, 3) -> relu', 'a') + recursive, 'UNET2006'],
      [tinyStudy.replace('variants: [Slim]', 'variants: [Slin]'), 'UNET2001'],
      [tinyStudy.replace('select: last', 'select: lost'), 'lost'],
    ] as const) {
      const { code: exit, printed } = open(text);
      expect(exit).toBe(exitCodes.diagnostics);
      expect(printed).toContain(code);
    }
  });
});
