import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { syntaxDiagnostics } from '../../../grammar/diagnostics/syntax.js';
import { codesOf } from '../support.js';

const folder = join(import.meta.dirname, '../../../docs/diagnostics');

/** The text of the code block with a tag, or undefined. */
function block(page: string, tag: string): string | undefined {
  return new RegExp(`^\`\`\`unet ${tag}\n([^]*?)^\`\`\``, 'm').exec(page)?.[1];
}

describe.each(Object.entries(syntaxDiagnostics))('page of %s', (code, { title }) => {
  const path = join(folder, `${code}.md`);
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';

  it('has the title of the registry, and an example that fails with it alone and is fixed', () => {
    expect(page.split('\n')[0]).toBe(`# ${code}: ${title}`);
    for (const heading of ['## What it means', '## Why', '## Example', '## Fixed']) expect(page).toContain(heading);
    const fails = block(page, 'fails');
    const fixed = block(page, 'fixed');
    expect(fails === undefined).toBe(['UNET1012', 'UNET1013', 'UNET1014'].includes(code));
    if (fails === undefined || fixed === undefined) return;
    expect(codesOf(fails)).toEqual([code]);
    expect(codesOf(fixed)).toEqual([]);
  });
});
