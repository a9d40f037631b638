import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../compiler/ir/ir.js';
import { weightsOf } from '../../compiler/ir/ir.js';
import { checkText, lowerText } from '../compiler/spec-text.js';

interface Fence {
  /** The name of its file, where others use it. */
  readonly file: string | undefined;
  readonly text: string;
  /** Whether the checker is to find something. */
  readonly fails: boolean;
}

/** The specs in a guide, as they are seen from `specs/`. */
function specsIn(guide: string): Fence[] {
  return [...guide.matchAll(/^```unet( fails)?(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, fails, file, text = '']) => ({
      file,
      text: text.replaceAll('"unet:lib/', '"lib/'),
      fails: fails !== undefined,
    }),
  );
}

function parametersOf(network: Network): string {
  const sizes = weightsOf(network).map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return sizes.reduce((total, size) => total + size, 0).toLocaleString('en-US');
}

describe.each(['tutorial.md', 'coming-from.md'])('%s', (name) => {
  const guide = readFileSync(resolve(import.meta.dirname, '../../docs', name), 'utf8');
  const fences = specsIn(guide);
  const files = Object.fromEntries(fences.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]])));

  test('shows specs that check as it says', () => {
    expect(fences).toHaveLength(guide.match(/^```unet/gm)?.length ?? 0);
    expect(fences.length).toBeGreaterThan(1);
    for (const { text, fails } of fences) {
      if (fails) expect(checkText(text, files)).not.toEqual([]);
      else expect(checkText(text, files)).toEqual([]);
    }
  });

  test('gives the parameters that each model has', () => {
    const models = fences.filter(({ text, fails }) => !fails && /^model /m.test(text));
    for (const { text } of models) expect(guide).toContain(parametersOf(lowerText(text, {}, files)));
  });
});
