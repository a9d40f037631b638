import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf } from '../../../runtime/files/file-name.js';

/** Names that are alike: in letter case, in accents, with digests, and anything else. */
const names = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', 'A', 'ä', 'Ä', 'a\u0308', '-', '_', '.', ' ', '/', '\ud800', '\ud801'),
    maxLength: 4,
  }),
  fc.constantFrom('con', 'CON', 'nul.txt', 'Lpt1', '', '.', '..', 'x'.repeat(200), 'x'.repeat(201)),
);

describe('fileNameOf', () => {
  it('keeps the names that are fit, and tells the others apart by a digest', () => {
    expect(['BRATS_001', 'DALight3D', 'no-csa'].map((name) => fileNameOf(name))).toEqual([
      'BRATS_001',
      'DALight3D',
      'no-csa',
    ]);
    expect(fileNameOf('Müller')).toMatch(/^Muller-[0-9a-f]{8}$/);
    expect(fileNameOf('Möller')).toMatch(/^Moller-[0-9a-f]{8}$/);
    expect(fileNameOf('without csa')).toMatch(/^without_csa-[0-9a-f]{8}$/);
    expect(fileNameOf('NUL')).toMatch(/^_NUL-[0-9a-f]{8}$/);
    expect(fileNameOf('')).toMatch(/^unnamed-[0-9a-f]{8}$/);
    expect(fileNameOf('Net', ['Net', 'net'])).toMatch(/^Net-[0-9a-f]{8}$/);
  });

  it('is different for different names, also where letter case is lost', () => {
    fc.assert(
      fc.property(fc.uniqueArray(names, { maxLength: 30 }), (all) => {
        const found = all.map((name) => fileNameOf(name, all).toLowerCase());
        expect(new Set(found).size).toBe(all.length);
      }),
      { numRuns: 300 },
    );
  });

  it('is allowed on every system', () => {
    fc.assert(
      fc.property(names, (name) => {
        const found = fileNameOf(name);
        expect(found).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,89}$/);
        expect(found).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/i);
      }),
    );
  });
});
