import { describe, expect, it } from 'vitest';
import { didYouMean, suggest } from '../../../grammar/diagnostics/suggest.js';

const names = ['squeeze_excite', 'group_norm', 'conv', 'C', 'gelu', 'relu', 'selu', 'elu'];

describe('suggest', () => {
  it.each([
    ['sqeeze_excite', ['squeeze_excite']],
    ['SqueezeExcite', ['squeeze_excite']],
    ['Group-Norm', ['group_norm']],
    ['cnov', ['conv']],
    ['geul', ['gelu']],
    ['c', ['C']],
    ['D', []],
    ['completely_else', []],
    ['conv', []],
    ['', []],
    ['x'.repeat(100_000), []],
  ])('%j is near %j', (name, expected) => {
    expect(suggest(name, names)).toEqual(expected);
  });

  it('makes a sentence', () => {
    expect(didYouMean('cnov', names)).toBe('Did you mean `conv`?');
    expect(didYouMean('gelo', ['gelu', 'gela', 'galo'])).toBe('Did you mean `galo`, `gela` or `gelu`?');
    expect(didYouMean('zzz', names)).toBeUndefined();
  });
});
