import { describe, expect, it } from 'vitest';
import { differences } from '../../../runtime/study/differences.js';

describe('differences', () => {
  it('finds none between equal documents, whatever the order of their fields', () => {
    expect(differences({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toEqual([]);
  });

  it('names the innermost places, with both sides', () => {
    const before = { optimizer: { lr: 0.1, kind: 'adamw' }, folds: [{ test: ['a', 'b'] }], gone: true };
    const after = { optimizer: { lr: 0.2, kind: 'adamw' }, folds: [{ test: ['a', 'c', 'd'] }], come: null };
    expect(differences(before, after)).toEqual([
      { place: 'optimizer.lr', before: '0.1', after: '0.2' },
      { place: 'folds.0.test.1', before: '"b"', after: '"c"' },
      { place: 'folds.0.test.2', before: 'absent', after: '"d"' },
      { place: 'gone', before: 'true', after: 'absent' },
      { place: 'come', before: 'absent', after: 'null' },
    ]);
  });

  it('tells a list from an object and null from 0', () => {
    expect(differences({ a: [1] }, { a: { 0: 1 } })).toEqual([{ place: 'a', before: '[1]', after: '{"0":1}' }]);
    expect(differences({ a: null }, { a: 0 })).toEqual([{ place: 'a', before: 'null', after: '0' }]);
  });
});
