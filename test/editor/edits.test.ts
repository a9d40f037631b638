import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wholePathHost } from '../../cli/disk-host.js';
import { specsBelow } from '../../editor/disk-specs.js';
import { completionsAt } from '../../editor/completion/completion.js';
import { codeLenses } from '../../editor/features/code-lens.js';
import { showDiagnostic } from '../../editor/features/diagnostics.js';
import { findDefinition } from '../../editor/features/definition.js';
import { foldingOf } from '../../editor/features/folding.js';
import { formatText } from '../../editor/features/formatting.js';
import { hoverAt } from '../../editor/features/hover.js';
import { analysesOf } from '../../editor/features/occurrences.js';
import { inlayHints } from '../../editor/features/inlay-hints.js';
import { outlineOf } from '../../editor/features/outline.js';
import { findReferences } from '../../editor/features/references.js';
import type { Place } from '../../editor/place.js';
import { toOffset } from '../../editor/text/positions.js';
import { Workspace } from '../../editor/workspace.js';
import { checkProgram } from '../../compiler/check/check.js';
import type { Host } from '../../compiler/program/host.js';
import { openProgram } from '../../compiler/program/program.js';
import { pieces } from '../compiler/check/mangle.js';
import { Client, root } from './client.js';

/**
 * Random edits of a spec and the library it uses, sent as an editor sends them; after each, what the server says is
 * compared with a fresh analysis of the texts as this client has them. `EDITS` and `SEED` ask for others than these.
 */
const edits = Number(process.env['EDITS'] ?? 120);
const seed = Number(process.env['SEED'] ?? 1);
/** After so many edits the texts are as they were at first, and the next two are taken. */
const burst = 12;

const scratch = mkdtempSync(join(tmpdir(), 'unet-edits-'));
let client: Client;

beforeAll(async () => {
  client = await Client.start({ folders: [scratch] });
});

afterAll(async () => {
  expect(await client.stop()).toBe(0);
  expect(client.stderr).toBe('');
  rmSync(scratch, { recursive: true, force: true });
});

const generator = xoroshiro128plus(seed);
const below = (bound: number): number => (bound <= 1 ? 0 : uniformInt(generator, 0, bound - 1));

/** A text as this client keeps it, by its own arithmetic. */
interface Text {
  readonly uri: string;
  readonly original: string;
  text: string;
}

test(
  `${edits} random edits leave the server with what a fresh analysis finds`,
  { timeout: 120_000 + 2000 * edits },
  async () => {
    const pairs = [pair('unet3d', 'unet'), pair('dalight3d', 'dalight'), pair('unet-plus-plus', 'unet')];
    let texts: readonly Text[] = [];
    for (let count = 0; count < edits; count++) {
      if (count % burst === 0) {
        for (const { uri } of texts) await client.close(uri);
        texts = pairs[below(pairs.length)] ?? [];
        for (const each of texts) {
          each.text = each.original;
          await client.open(each.uri, each.text);
        }
      }
      const edited = texts[below(4) === 0 ? 1 : 0];
      if (edited === undefined) throw new Error('there is nothing to edit');
      const changes = Array.from({ length: 1 + below(2) }, () => edit(edited));
      await client.change(edited.uri, changes);
      await client.diagnostics(edited.uri);
      await compare(texts, `edit ${count} of seed ${seed}`);
      if (count % 500 === 499) process.stderr.write(`${count + 1} edits of seed ${seed} compared\n`);
    }
  },
);

/** A spec and its library, copied to a folder of their own. */
function pair(spec: string, library: string): readonly Text[] {
  return [`${spec}.unet`, `lib/${library}.unet`].map((name) => {
    const original = readFileSync(join(root, 'specs', name), 'utf8').replaceAll('"lib/', '"unet:lib/');
    const text = original.replace(`"unet:lib/${library}.unet"`, `"${spec}-${library}.unet"`);
    const path = join(scratch, name.startsWith('lib/') ? `${spec}-${library}.unet` : name);
    writeFileSync(path, text);
    return { uri: pathToFileURL(path).href, original: text, text };
  });
}

/** Changes a text and gives the change as the protocol has it; now and then the whole text is sent. */
function edit(edited: Text): object {
  const { text } = edited;
  const tokens = [...text.matchAll(/\/\/[^\n]*|[A-Za-z_]\w*|\d[\d.e-]*|->|\s+|[^]/g)];
  const token = tokens[below(tokens.length)];
  const start = token?.index ?? 0;
  const end = below(3) === 0 ? start : Math.min(text.length, start + (token?.[0].length ?? 0) + below(3));
  const near = tokens[below(tokens.length)]?.[0] ?? '';
  const inserted = below(4) === 0 ? '' : below(2) === 0 ? near : (pieces[below(pieces.length)] ?? '');
  edited.text = text.slice(0, start) + inserted + text.slice(end);
  if (below(20) === 0) return { text: edited.text };
  return { range: { start: placeOf(text, start), end: placeOf(text, end) }, text: inserted };
}

function placeOf(text: string, offset: number): { line: number; character: number } {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  // Between the two characters of a line break no place can be named: it is taken as the end of the line.
  const inBreak = text.charAt(offset - 1) === '\r' && text.charAt(offset) === '\n';
  const line = inBreak ? lines.length - 2 : lines.length - 1;
  return { line, character: lines[line]?.length ?? 0 };
}

async function compare(texts: readonly Text[], when: string): Promise<void> {
  const workspace = new Workspace({ ...wholePathHost, specsBelow });
  workspace.folders = [scratch];
  for (const { uri, text } of texts) workspace.open(fileURLToPath(uri), uri, 1, text);
  const asked = texts[below(texts.length)];
  if (asked === undefined) return;
  const path = fileURLToPath(asked.uri);
  const textDocument = { uri: asked.uri };
  const ask = (question: string, params: object = {}): Promise<unknown> =>
    client.request(`textDocument/${question}`, { textDocument, ...params });
  const analysis = workspace.analysis(path);
  const file = analysis?.fileOf(path);
  if (analysis === undefined || file === undefined) throw new Error(`${path} cannot be read`);
  const same = (question: string, found: unknown, fresh: unknown): void => {
    const plain: unknown = JSON.parse(JSON.stringify(fresh ?? null));
    expect(found, `${question}, ${when}\n${asked.text}`).toEqual(plain);
  };
  same('documentSymbol', await ask('documentSymbol'), outlineOf(file));
  for (const { uri, text } of texts) {
    const shown = (await client.diagnostics(uri, () => true)).map(({ code, range }) => ({ code, range }));
    expect(shown.map(keyOf).sort(), `diagnostics, ${when}\n${text}`).toEqual(freshDiagnostics(texts, uri));
  }
  const position = placeOf(asked.text, below(asked.text.length));
  const place: Place = { analysis, path, file, offset: toOffset(file.source, position) };
  same('hover', await ask('hover', { position }), hoverAt(workspace, place));
  same('completion', await ask('completion', { position }), completionsAt(workspace, place));
  same('definition', await ask('definition', { position }), findDefinition(workspace, place));
  const context = { includeDeclaration: true };
  // Every file of the folder is read anew for this one.
  if (below(5) === 0)
    same('references', await ask('references', { position, context }), findReferences(workspace, place, true));
  const range = { start: { line: 0, character: 0 }, end: { line: 500, character: 0 } };
  const hints = inlayHints(analysesOf(workspace, place), file, range);
  same('inlayHint', await ask('inlayHint', { range }), hints);
  same('codeLens', await ask('codeLens'), codeLenses(analysis));
  same('foldingRange', await ask('foldingRange'), foldingOf(file));
  same('formatting', await ask('formatting', { options: {} }), formatText(file.source));
}

/** What a check of each text by itself, with nothing kept from before, says of one of them. */
function freshDiagnostics(texts: readonly Text[], uri: string): readonly string[] {
  const bytes = new Map(texts.map((each) => [fileURLToPath(each.uri), new TextEncoder().encode(each.text)]));
  const host: Host = { ...wholePathHost, readFile: (path) => bytes.get(path) ?? wholePathHost.readFile(path) };
  const found = new Set<string>();
  for (const path of bytes.keys()) {
    const program = openProgram(host, path);
    for (const each of program === undefined ? [] : checkProgram(program)) {
      if (each.span.source.path === fileURLToPath(uri)) found.add(keyOf(showDiagnostic(each, undefined)));
    }
  }
  return [...found].sort();
}

function keyOf({ code, range }: { code?: string | number | undefined; range: object }): string {
  return `${code ?? ''} ${JSON.stringify(range)}`;
}
