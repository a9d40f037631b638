import { describe, expect, it } from 'vitest';
import { buildDiff, type NetworkDiff } from '../../../../compiler/emit/diff/diff.js';
import { renderDiffHtml } from '../../../../compiler/emit/diff/render-html.js';
import { renderDiffJson } from '../../../../compiler/emit/diff/render-json.js';
import { renderDiffMarkdown } from '../../../../compiler/emit/diff/render-markdown.js';
import { renderDiffText } from '../../../../compiler/emit/diff/render-text.js';
import type { Network } from '../../../../compiler/ir/ir.js';
import { lowerSpec } from '../../lowered.js';
import { allKinds, hostile } from '../tfjs/all-kinds.js';

function between(before: Network | undefined, after: Network | undefined, patches: number[][]): NetworkDiff {
  const [left = [], right = []] = patches;
  if (before === undefined || after === undefined) throw new Error('no network');
  return buildDiff(
    { network: before, protocol: undefined, patch: left, source: 'a.unet' },
    { network: after, protocol: undefined, patch: right, source: '<b>|*.unet' },
  );
}

const patch = [64, 64, 64];
const noCsa = between(lowerSpec('dalight3d.unet')[0], lowerSpec('ablations/no-csa.unet')[0], [patch, patch]);
const nasty = between(hostile(), allKinds(), [
  [4, 4],
  [8, 6],
]);

describe('a diff as JSON', () => {
  it('has the fields that programs read', () => {
    const json = JSON.parse(renderDiffJson(noCsa)) as Record<string, unknown>;
    expect(json).toMatchObject({
      class: 'architecture',
      knobs: [{ name: 'csa', before: 'true', after: 'false' }],
      params: { before: 2_219_074, after: 1_924_522, delta: -294_552 },
      macs: { before: 37_688_741_824, after: 37_686_215_872, delta: -2_525_952 },
      protocol: [],
    });
    expect(json['changes']).toEqual([
      {
        kind: 'removed',
        id: 'encoder.level2.main.cross_slice_attention',
        module: 'encoder.level2.main',
        before: 'cross slice attention',
        after: null,
        params: -13_968,
      },
      {
        kind: 'removed',
        id: 'encoder.level3.main.cross_slice_attention',
        module: 'encoder.level3.main',
        before: 'cross slice attention',
        after: null,
        params: -280_584,
      },
    ]);
  });
});

describe('a diff as text', () => {
  it('says the class, the knob, the modules and the totals', () => {
    const text = renderDiffText(noCsa);
    expect(text).toMatch(/^DALight3D → NoCSA: architecture only\n/);
    expect(text).toMatch(/^csa +true +false$/m);
    expect(text).toMatch(/^− removed +encoder\.level2\.main\.cross_slice_attention .* −13,968$/m);
    expect(text).toMatch(/^parameters +2,219,074 +1,924,522 +−294,552 \(−13\.3 %\)$/m);
    expect(text).toMatch(/^activation MiB +1,259\.7 +1,259\.7 +−0\.05 \(−0\.004 %\)$/m);
    expect(text).toMatch(/^receptive field +121, global +121, global$/m);
    expect(text).not.toContain('\u001B');
  });

  it('groups what changes alike in one module', () => {
    const noSsfb = between(lowerSpec('dalight3d.unet')[0], lowerSpec('ablations/no-ssfb.unet')[0], [patch, patch]);
    expect(renderDiffText(noSsfb)).toMatch(/^± replaced +decoder\.fuse1, fuse0 +ssfb ⟶ concat fuse +−9,486$/m);
  });

  it('is coloured where that is asked', () => {
    expect(renderDiffText(noCsa, { colours: true })).toContain('\u001B[31m− removed');
  });

  it('lets no name act', () => {
    expect(renderDiffText(nasty).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202E]/u);
  });
});

describe('a diff as Markdown', () => {
  it('has rows as wide as their heads', () => {
    for (const diff of [noCsa, nasty]) {
      const blocks = renderDiffMarkdown(diff).trimEnd().split('\n\n');
      const tables = blocks.map((block) => block.split('\n')).filter(([line = '']) => line.startsWith('|'));
      expect(tables.length).toBeGreaterThan(2);
      for (const rows of tables) {
        const widths = rows.map((row) => row.replaceAll('\\|', '').split('|').length);
        expect(new Set(widths).size).toBe(1);
      }
    }
  });
});

describe('a diff as HTML', () => {
  it('is one page that lets no name act', () => {
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="5"/>';
    const html = renderDiffHtml(nasty, picture);
    const source = `data:image/svg+xml;base64,${Buffer.from(picture).toString('base64')}`;
    expect(html).toContain('&lt;b&gt;|*.unet');
    expect(html).toContain(`<img src="${source}"`);
    expect(html).toContain(`<a download="diff.svg" href="${source}">`);
    expect(html.match(/<img/g)).toHaveLength(1);
    expect(html).not.toMatch(/<(script|iframe|b>\|)/i);
    expect(html).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;;`);
    const tags = [...html.matchAll(/<(\/?)(table|thead|tbody|tr|td|th|p|h1|h2|div|figure|body|html)\b/g)];
    const open: string[] = [];
    for (const [, slash, tag = ''] of tags) {
      if (slash === '') open.push(tag);
      else expect(open.pop()).toBe(tag);
    }
    expect(open).toEqual([]);
  });
});
