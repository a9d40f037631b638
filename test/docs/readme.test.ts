import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkProgram } from '../../compiler/check/check.js';
import { renderDiagnostic } from '../../grammar/diagnostics/render.js';
import { checkText, openText } from '../compiler/spec-text.js';

const root = path.resolve(import.meta.dirname, '../..');
const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
const fences = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

/** The spec whose error the README shows. */
const net = `use "lib/unet.unet"

block residual_pair(out: int) {
  x: [C, ...S]
  let y = x -> two_convs(out)
  x + y
}

model Net {
  input scan: image(T1w, FLAIR)[D, H, W]
  output mask: classes(background, tumour)
  encoder { widths: [16, 32, 64], level(c): residual_pair(c), down: max_pool(2) }
  decoder {
    up(c): transposed_conv(c, 2, stride: 2)
    fuse: concat_up_skip
    level(c): two_convs(c)
  }
  head mask: conv(mask.classes, 1)
}
`;

describe('the README', () => {
  it('is short, and has the two commands for a fresh machine', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
    expect(fences('sh')).toEqual(['npm ci && npx unet quickstart\n', 'npm ci && npm test\n']);
  });

  it('shows specs that check, and the error that its spec causes', () => {
    const specs = fences('unet');
    expect(specs.length).toBeGreaterThan(0);
    for (const spec of specs) expect(checkText(spec.replaceAll('"unet:', '"'))).toEqual([]);
    const [diagnostic] = checkProgram(openText(net));
    const shown = renderDiagnostic(diagnostic!, { colours: false }).replace(/--> .*in-memory\.unet/, '--> net.unet');
    expect(fences('text').map((text) => text.trimEnd())).toContain(shown.trimEnd());
  });
});

describe('docs/README.md', () => {
  it('lists every page', () => {
    const index = readFileSync(path.join(root, 'docs/README.md'), 'utf8');
    const pages = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md');
    for (const page of pages) expect(index).toContain(`](${page})`);
  });
});
