import { expect, it } from 'vitest';
import { jsonText } from '../../text/json.js';

it('writes what would act on a terminal as escapes that parse to the same value', () => {
  const name =
    'a\u0000\u001b[2J\r\n\t\u007f\u0085\u00ad\u200b\u200d\u2028\u2029\u202e\u2066\ufeff\ufffe\ud800 🧠\u{e0041}é';
  const text = jsonText({ [name]: [name] });
  expect(text).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffe]/u);
  expect(text).toContain('🧠');
  expect(JSON.parse(text)).toEqual({ [name]: [name] });
});
