import { describe, expect, it } from 'vitest';
import { readSource } from '../../grammar/read.js';

const bytesOf = (text: string): number[] => [...new TextEncoder().encode(text)];

describe('readSource', () => {
  it('gives the text of UTF-8 bytes', () => {
    const { source, diagnostics } = readSource('a.unet', new Uint8Array(bytesOf('use "größe"\n')));
    expect(diagnostics).toEqual([]);
    expect(source.text).toBe('use "größe"\n');
    expect(source.path).toBe('a.unet');
  });

  it.each([
    ['a Latin-1 letter', [...bytesOf('// ä\n// '), 0xfc, ...bytesOf(' x')], 9, 2],
    ['a character cut short at the end', [...bytesOf('// a\n'), 0xe2, 0x82], 5, 2],
    ['a character cut short before another', [0xe2, 0x82, 0x41], 0, 1],
    ['a lone continuation byte', [0x41, 0x80], 1, 1],
    ['UTF-16', [0xff, 0xfe, 0x75, 0x00], 0, 1],
    ['a surrogate', [0x41, 0x0a, 0xed, 0xa0, 0x80], 2, 2],
    ['an overlong form', [0xc0, 0xaf], 0, 1],
  ])('names the first wrong byte: %s', (_, bytes, offset, line) => {
    const { source, diagnostics } = readSource('a.unet', new Uint8Array(bytes));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]?.code).toBe('UNET1013');
    expect(diagnostics[0]?.message).toContain(`offset ${offset} (line ${line})`);
    expect(bytesOf(source.text)).toEqual(bytes.slice(0, offset));
  });

  it('finds the wrong byte of a large file quickly', () => {
    const bytes = new Uint8Array(4 * 2 ** 20).fill(0x61);
    bytes[bytes.length - 5] = 0xff;
    const start = performance.now();
    expect(readSource('a.unet', bytes).diagnostics[0]?.message).toContain(`offset ${bytes.length - 5} `);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('refuses what is too large to be a spec', () => {
    const { source, diagnostics } = readSource('a.unet', new Uint8Array(16 * 2 ** 20 + 1));
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNET1014']);
    expect(source.text).toBe('');
  });
});
