/** Links of the README and the docs lead to files that the npm package contains. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import MarkdownIt from 'markdown-it';
import { describe, expect, it } from 'vitest';
import { root } from '../cli/run-unet.js';

const { files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { files: string[] };
const packed = [...files, 'README.md', 'LICENSE', 'package.json'];

const pages = ['README.md', 'CHANGELOG.md', ...pagesIn('docs')];

function pagesIn(directory: string): string[] {
  const names = readdirSync(path.join(root, directory), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.md')).map((name) => path.join(directory, name));
}

/** Targets of links and pictures. */
function targetsIn(page: string): string[] {
  const tokens = new MarkdownIt({ html: true }).parse(readFileSync(path.join(root, page), 'utf8'), {});
  const inline = tokens.flatMap(({ children }) => children ?? []);
  const links = inline.flatMap((token) => (token.attrGet('href') ?? token.attrGet('src') ?? []) as string | []);
  const html = tokens.filter(({ type }) => type === 'html_block').map(({ content }) => content);
  return [...links, ...[...html.join('').matchAll(/\b(?:src|srcset)="([^"]+)"/g)].map(([, target = '']) => target)];
}

/** Why a target does not work in the package; undefined if it does. */
function problemOf(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file = '', fragment] = target.split('#');
  const relative = file === '' ? page : path.join(path.dirname(page), decodeURIComponent(file));
  if (!existsSync(path.join(root, relative))) return `${target}: no such file`;
  if (!packed.some((entry) => relative === entry || relative.startsWith(entry + path.sep)))
    return `${target}: not packed`;
  if (fragment === undefined || !relative.endsWith('.md') || statSync(path.join(root, relative)).isDirectory())
    return undefined;
  return anchorsOf(relative).has(fragment) ? undefined : `${target}: no such heading`;
}

/** Headings as their anchors: in lower case, without punctuation, words joined by hyphens. */
function anchorsOf(page: string): Set<string> {
  const headings = readFileSync(path.join(root, page), 'utf8').match(/^#+ .*$/gm) ?? [];
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('links lead to packed files', () => {
  it.each(pages)('%s', (page) => {
    expect(targetsIn(page).flatMap((target) => problemOf(page, target) ?? [])).toEqual([]);
  });

  it('finds what is wrong with a link', () => {
    expect(problemOf('README.md', 'docs/nope.md')).toBe('docs/nope.md: no such file');
    expect(problemOf('docs/engines.md', '../bench/README.md')).toBe('../bench/README.md: not packed');
    expect(problemOf('README.md', 'docs/engines.md#nope')).toBe('docs/engines.md#nope: no such heading');
    expect(problemOf('README.md', 'docs/engines.md#onnx')).toBeUndefined();
    expect(targetsIn('README.md')).toContain('docs/pictures/overview-dark.svg');
  });
});
