import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lex } from '../../grammar/lex.js';
import { createSource, positionAt } from '../../grammar/source.js';
import * as token from '../../grammar/tokens.js';
import { root } from './client.js';

/** Neovim with the files of `editor/vim`; Debian 12 has version 0.7. These tests are skipped where it is not installed. */
const isInstalled = spawnSync('nvim', ['--version']).status === 0;
const scratch = mkdtempSync(join(tmpdir(), 'unet-neovim-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a script in Neovim and returns what it writes. */
function runInNeovim(script: string, environment: Readonly<Record<string, string>>): unknown {
  const out = join(scratch, `${script}.json`);
  const given = ['--headless', '-n', '-i', 'NONE', '-u', 'NONE', '--cmd', `set runtimepath+=${root}editor/vim`];
  const start = ['--cmd', 'filetype plugin on', '--cmd', 'syntax on', '-S', join(root, 'test/editor', script)];
  const env = { ...process.env, XDG_STATE_HOME: scratch, XDG_DATA_HOME: scratch, UNET_OUT: out, ...environment };
  const { stderr } = spawnSync('nvim', [...given, ...start], { env, encoding: 'utf8', timeout: 90_000 });
  expect(stderr).not.toMatch(/Error/);
  return JSON.parse(readFileSync(out, 'utf8'));
}

describe.skipIf(!isInstalled)('Neovim', () => {
  it('shows diagnostics, hovers, completions and formatting of the language server', () => {
    const spec = join(scratch, 'spec.unet');
    const lines = [
      'use "unet:lib/unet.unet"',
      'model Small {',
      '  input scan: image(T1w)[D, H, W]',
      '  output   mask: classes(background, tumour)',
      '  let x = scan -> two_convs(8)',
      '  mask = x -> conv(mask.classs, 1)',
      '}',
    ];
    writeFileSync(spec, `${lines.join('\n')}\n`);
    const found = runInNeovim('neovim-check.lua', { UNET_MAIN: join(root, 'dist/cli/main.js'), UNET_SPEC: spec });
    expect(found).toMatchObject({
      filetype: 'unet',
      commentstring: '// %s',
      diagnostics: [expect.stringMatching(/^UNET\d+:6 /)],
      hover: { contents: { kind: 'markdown', value: expect.stringContaining('model Small') as string } },
      completion: expect.arrayContaining(['two_convs', 'conv', 'scan']) as string[],
      formatted: lines.map((line, index) => (index === 3 ? '  output mask: classes(background, tumour)' : line)),
    });
  });

  it('colours every word of the specs as the lexer reads it', () => {
    const specs = readdirSync(join(root, 'specs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.unet'))
      .map((name) => join(root, 'specs', name));
    const places = new Map(specs.map((file) => [file, placesOf(file)]));
    const list = join(scratch, 'places.json');
    const asked = [...places].map(([file, all]) => [file, all.map(({ line, column }) => [line, column])]);
    writeFileSync(list, JSON.stringify(Object.fromEntries(asked)));
    const found = runInNeovim('neovim-syntax.lua', { UNET_PLACES: list }) as Record<string, string[]>;
    for (const [file, all] of places) {
      const shown = all.map(({ text, line }, index) => `${line} ${text}: ${found[file]?.[index] ?? ''}`);
      expect(shown, file).toEqual(all.map(({ text, line, group }) => `${line} ${text}: ${group}`));
    }
  });
});

interface Place {
  readonly text: string;
  readonly line: number;
  /** In bytes, as Vim counts. */
  readonly column: number;
  readonly group: string;
}

/** The places of a spec whose colour follows from the lexer. */
function placesOf(file: string): readonly Place[] {
  const source = createSource(file, readFileSync(file, 'utf8'));
  const { tokens, comments } = lex(source);
  const place = (text: string, offset: number, group: string): Place => {
    const { line, column } = positionAt(source, offset);
    const before = source.text.slice(offset - column + 1, offset);
    return { text, line, column: Buffer.byteLength(before) + 1, group };
  };
  return [
    ...tokens.flatMap(({ tokenType, image, startOffset }) => {
      const group = groupOf(tokenType);
      return group === undefined ? [] : [place(image, startOffset, group)];
    }),
    ...comments.map(({ doc, span, text }) => place(text, span.start, doc ? 'unetDocComment' : 'unetComment')),
  ];
}

function groupOf(type: (typeof token.vocabulary)[number]): string | undefined {
  if (type === token.StringLiteral) return 'unetString';
  if (type === token.IntegerLiteral) return 'unetNumber';
  if (type === token.FloatLiteral) return 'unetFloat';
  if ([token.True, token.False, token.Off].includes(type)) return 'unetReservedBoolean';
  if ([token.Let, token.Param].includes(type)) return 'unetReservedKeyword';
  if ([token.And, token.Or, token.Not].includes(type)) return 'unetReservedOperator';
  if (token.reservedWords.includes(type)) return 'unetReservedConditional';
  if (type === token.Arrow) return 'unetArrow';
  if (type === token.DotDot || (type.CATEGORIES ?? []).includes(token.Infix)) return 'unetOperator';
  return undefined;
}
