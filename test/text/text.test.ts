import { describe, expect, it } from 'vitest';
import stringWidth from 'fast-string-width';
import fc from 'fast-check';
import { joined, markup } from '../../text/markup.js';
import { wrapText } from '../../text/wrap.js';

describe('markup', () => {
  it('escapes text in content and in attributes, and not markup', () => {
    const name = `<b a="1" c='2'>&`;
    expect(markup`<p title="${name}">${name}${markup`<i>${1 / 3}</i>`}</p>`.source).toBe(
      '<p title="&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;">&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;<i>0.33</i></p>',
    );
  });

  it('joins lists and shows nothing of what is not there', () => {
    expect(markup`${['a', '<', [markup`<br>`]]}${null}${undefined}${false}`.source).toBe('a&lt;<br>');
    expect(joined(['a', '&', 'b'], '<').source).toBe('a&lt;&amp;&lt;b');
  });

  it('shows control characters and marks that reorder text by their code', () => {
    expect(markup`${'a\u001b[31m\u202eb'}`.source).toBe('a\\u{1b}[31m\\u{202e}b');
  });

  it('refuses an attribute without quotes, in which a space would begin another', () => {
    expect(() => markup`<p id=${'a onclick=b'}>`).toThrow(RangeError);
  });

  it('never lets text open an element or leave its attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { source } = markup`${text}`;
        expect(source).not.toMatch(/[<>"']/);
        expect(source.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
      }),
    );
  });
});

describe('wrapText', () => {
  it('breaks at spaces, and a word where it must', () => {
    expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapText('a verylongword', 5)).toEqual(['a', 'veryl', 'ongwo', 'rd']);
    expect(wrapText('', 5)).toEqual(['']);
  });

  it('keeps every character, and no line is wider than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrapText(text, width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        for (const line of lines) expect([...line].length === 1 || stringWidth(line) <= width).toBe(true);
      }),
    );
  });
});
