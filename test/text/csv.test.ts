import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { csvText } from '../../text/csv.js';

describe('CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠x'])(
    'has text that begins a formula, %j, as text',
    (text) => {
      const [row] = parse(csvText([{ text }]), { columns: true });
      expect(row).toEqual({ text: `'${text}` });
    },
  );

  it('has all other text as it is', () => {
    const texts = ['a,b', 'a"b', 'a\nb', 'a\rb', 'a=b', "'", '', '\u001b]0;x\u0007', '\u202e\u2028', ' -1', '1e3'];
    const rows: unknown = parse(csvText(texts.map((text, index) => ({ index, text }))), { columns: true });
    expect(rows).toEqual(texts.map((text, index) => ({ index: String(index), text })));
  });

  it('has numbers as numbers, none as an empty field, and the columns in order', () => {
    const row = { a: -1.5, b: 1e-7, c: null, d: undefined, e: 1e21 };
    expect(csvText([row])).toBe('a,b,c,d,e\n-1.5,1e-7,,,1e+21\n');
    expect(csvText([{ b: 1, a: -2 }], ['a', 'b'])).toBe('a,b\n-2,1\n');
    expect(csvText([], ['a', 'b'])).toBe('a,b\n');
  });
});
