import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  LSPErrorCodes,
  type DocumentDiagnosticReport,
  type FullDocumentDiagnosticReport,
  type RelatedFullDocumentDiagnosticReport,
} from 'vscode-languageserver';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiagramAnswer } from '../../editor/command-names.js';
import { Client, root } from './client.js';

let folder: string;
let client: Client;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-server-'));
});

afterEach(async () => {
  expect(await client.stop()).toBe(0);
  expect(client.stderr).toBe('');
  rmSync(folder, { recursive: true, force: true });
});

const library = `block gated(out: int) {
  x: [C, ...S]
  x -> conv(out, 3)
}
`;
const spec = `use "lib.unet"
model M {
  input scan: image(T1w)[D, H]
  output mask: classes(background, tumour)
  mask = scan -> gated(2)
}
`;

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return pathToFileURL(path).href;
}

describe('diagnostics', () => {
  it('follow what is typed in a file that the document uses', async () => {
    client = await Client.start({ folders: [folder] });
    const [libraryUri, specUri] = [write('lib.unet', library), write('spec.unet', spec)];
    await client.open(specUri, spec);
    await client.open(libraryUri, library);
    expect(await client.diagnostics(specUri)).toEqual([]);
    const name = { start: { line: 0, character: 6 }, end: { line: 0, character: 11 } };
    await client.change(libraryUri, [{ range: name, text: 'gate' }]);
    const [unknown] = await client.diagnostics(specUri, ({ diagnostics }) => diagnostics.length > 0);
    expect(unknown).toMatchObject({ code: 'UNET2001', range: { start: { line: 4, character: 17 } } });
    const parameter = { start: { line: 0, character: 11 }, end: { line: 0, character: 19 } };
    await client.change(libraryUri, [
      { range: { start: name.start, end: { line: 0, character: 10 } }, text: 'gated' },
      { range: parameter, text: '(out: int, kernel: size' },
      { range: { start: { line: 2, character: 17 }, end: { line: 2, character: 18 } }, text: 'kernel' },
    ]);
    const [missing] = await client.diagnostics(specUri, ({ diagnostics }) => diagnostics[0]?.code !== 'UNET2001');
    expect(missing?.code).toBe('UNET3024');
  });

  it('follow a file on the disk that is not open, and a document that is closed', async () => {
    client = await Client.start({ folders: [folder] });
    const [libraryUri, specUri] = [write('lib.unet', library), write('spec.unet', spec)];
    await client.open(specUri, spec);
    expect(await client.diagnostics(specUri)).toEqual([]);
    write('lib.unet', library.replace('conv(out, 3)', 'conv(out, 4)'));
    const changes = [{ uri: libraryUri, type: 2 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    const [even] = await client.diagnostics(libraryUri, ({ diagnostics }) => diagnostics.length > 0);
    expect(even?.code).toBe('UNET3011');
    const cleared = client.diagnostics(libraryUri, ({ diagnostics }) => diagnostics.length === 0);
    await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: specUri } });
    expect(await cleared).toEqual([]);
  });

  it('come anew for a document that is opened again, though nothing has changed', async () => {
    client = await Client.start({ folders: [folder] });
    const uri = write('spec.unet', spec.replace('use "lib.unet"', library));
    for (let time = 0; time < 3; time++) {
      await client.open(uri, spec.replace('use "lib.unet"', library));
      expect(await client.diagnostics(uri)).toEqual([]);
      await client.close(uri);
    }
  });

  it('come once after a burst of typing', async () => {
    client = await Client.start({ folders: [folder], delay: 300 });
    const uri = write('spec.unet', spec.replace('use "lib.unet"', library));
    await client.open(uri, '');
    const versions: (number | undefined)[] = [];
    client.connection.onNotification('textDocument/publishDiagnostics', (params: { version?: number }) => {
      versions.push(params.version);
      client.take(params as never);
    });
    let version = 1;
    for (const character of 'model M {\n') {
      const end = { line: 0, character: version - 1 };
      version = await client.change(uri, [{ range: { start: end, end }, text: character }]);
    }
    await client.diagnostics(uri);
    expect(versions).toEqual([version]);
  });

  it('come first of what was changed or opened last', async () => {
    client = await Client.start({ folders: [folder] });
    const [first, second, third] = ['a.unet', 'b.unet', 'c.unet'].map((name) => write(name, spec)) as [
      string,
      string,
      string,
    ];
    const libraryUri = write('lib.unet', library);
    for (const uri of [first, second, third]) await client.open(uri, spec);
    await client.open(libraryUri, library);
    const lineStart = (line: number) => ({ start: { line, character: 0 }, end: { line, character: 0 } });
    await client.change(second, [{ range: lineStart(6), text: '// ' }]);
    for (const uri of [first, second, third, libraryUri]) expect(await client.diagnostics(uri)).toEqual([]);
    const order: string[] = [];
    client.connection.onNotification('textDocument/publishDiagnostics', (params: { uri: string }) => {
      order.push(params.uri);
      client.take(params as never);
    });
    const name = { start: { line: 0, character: 6 }, end: { line: 0, character: 11 } };
    await client.change(libraryUri, [{ range: name, text: 'gate' }]);
    expect(await client.diagnostics(libraryUri)).toEqual([]);
    // Of the library itself that it has no faults, once no other can tell of one.
    expect(order).toEqual([second, third, first, libraryUri]);
    await client.change(libraryUri, [{ range: lineStart(2), text: 'x -> nothing\n' }]);
    expect(await client.diagnostics(libraryUri)).not.toEqual([]);
    expect(order[4]).toBe(libraryUri);
  });
});

describe('diagnostics that the client requests', () => {
  const pulls = {
    textDocument: { diagnostic: { relatedDocumentSupport: true } },
    workspace: { diagnostics: { refreshSupport: true } },
  };
  const pull = (uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport> =>
    client.request('textDocument/diagnostic', { textDocument: { uri }, previousResultId });
  const codes = (report: DocumentDiagnosticReport | FullDocumentDiagnosticReport | undefined): unknown[] | undefined =>
    report !== undefined && 'items' in report ? report.items.map(({ code }) => code) : undefined;

  const nextRefresh = (): Promise<unknown> =>
    new Promise((resolve) => client.connection.onRequest('workspace/diagnostic/refresh', () => resolve(null)));
  const end = { line: 4, character: 0 };

  it('are those of the document and of imported files that are not open, and are sent once', async () => {
    client = await Client.start({ folders: [folder], capabilities: pulls });
    let published = 0;
    client.connection.onNotification('textDocument/publishDiagnostics', () => void published++);
    const libraryUri = write('lib.unet', library.replace('conv(out, 3)', 'conv(out, 4)'));
    const specUri = write('spec.unet', spec);
    await client.open(specUri, `${spec}model N = Unknown {}\n`);
    const first = (await pull(specUri)) as RelatedFullDocumentDiagnosticReport;
    expect(codes(first)).toEqual(['UNET2004']);
    expect(codes(first.relatedDocuments?.[libraryUri] as FullDocumentDiagnosticReport)).toEqual(['UNET3011']);
    expect(await pull(specUri, first.resultId)).toEqual({ kind: 'unchanged', resultId: first.resultId });
    write('lib.unet', library);
    const refreshed = nextRefresh();
    const changes = [{ uri: libraryUri, type: 2 }];
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
    await refreshed;
    const second = (await pull(specUri, first.resultId)) as RelatedFullDocumentDiagnosticReport;
    expect(codes(second)).toEqual(['UNET2004']);
    expect(codes(second.relatedDocuments?.[libraryUri] as FullDocumentDiagnosticReport)).toEqual([]);
    expect(published).toBe(0);
  });

  it('include what open documents find in a library, and are asked for again when it changes', async () => {
    client = await Client.start({ folders: [folder], capabilities: pulls });
    const [libraryUri, specUri] = [write('lib.unet', library), write('spec.unet', spec)];
    let refreshed = nextRefresh();
    await client.open(libraryUri, library);
    await client.open(specUri, spec);
    expect(codes(await pull(libraryUri))).toEqual([]);
    await client.change(libraryUri, [{ range: { start: end, end }, text: '// ' }]);
    await refreshed;
    refreshed = nextRefresh();
    const kernel = { start: { line: 2, character: 17 }, end: { line: 2, character: 18 } };
    await client.change(libraryUri, [{ range: kernel, text: '3, groups: 7' }]);
    await refreshed;
    expect(codes(await pull(libraryUri))).toEqual(['UNET3007']);
    expect(codes(await pull(specUri))).toEqual([]);
  });

  it('are published for files that are not open if the client takes no related documents', async () => {
    client = await Client.start({ folders: [folder], capabilities: { textDocument: { diagnostic: {} } } });
    const libraryUri = write('lib.unet', library.replace('conv(out, 3)', 'conv(out, 4)'));
    const specUri = write('spec.unet', spec);
    await client.open(specUri, spec);
    expect(await pull(specUri)).toEqual({ kind: 'full', resultId: '1', items: [] });
    const [even] = await client.diagnostics(libraryUri, ({ diagnostics }) => diagnostics.length > 0);
    expect(even?.code).toBe('UNET3011');
  });

  it('are refused while the text changes, to be requested again', async () => {
    client = await Client.start({ folders: [folder], capabilities: pulls });
    const path = join(root, 'specs/dalight3d.unet');
    const [uri, text] = [pathToFileURL(path).href, readFileSync(path, 'utf8')];
    await client.open(uri, text);
    const outdated = pull(uri);
    await client.change(uri, [{ text: `${text}\n` }]);
    await expect(outdated).rejects.toMatchObject({
      code: LSPErrorCodes.ServerCancelled,
      data: { retriggerRequest: true },
    });
    expect(codes(await pull(uri))).toEqual([]);
  });
});

it('draws the model at a position, with the others of the file, and reports a model with errors', async () => {
  client = await Client.start({ folders: [folder] });
  const drawn = async (path: string, given: object): Promise<DiagramAnswer | null> => {
    const uri = pathToFileURL(path).href;
    await client.open(uri, readFileSync(path, 'utf8'));
    return client.request('unet/diagram', { uri, ...given });
  };
  const dalight = join(root, 'specs/dalight3d.unet');
  expect(await drawn(dalight, { position: { line: 10, character: 0 } })).toEqual({
    model: 'DALight3D',
    models: ['DALight3D'],
    svg: expect.stringMatching(/^<svg [^]*<\/svg>\s*$/) as string,
  });
  // Not a U, so its layout needs the library that is loaded on demand.
  const nested = await drawn(join(root, 'specs/unet-plus-plus.unet'), {});
  expect(nested?.svg).toContain('<svg ');
  const two = spec.replace('use "lib.unet"', library).replace('model M', 'model N = M {}\nmodel M');
  const broken = join(folder, 'broken.unet');
  writeFileSync(broken, two.replace('-> gated', '-> gate'));
  expect(await drawn(broken, { model: 'M' })).toEqual({ model: 'M', models: ['N', 'M'], svg: null });
  writeFileSync(join(folder, 'empty.unet'), library);
  expect(await drawn(join(folder, 'empty.unet'), {})).toBeNull();
});

it('keeps answering about broken and unknown documents', async () => {
  client = await Client.start({ folders: [folder] });
  const uri = 'untitled:Untitled-1';
  const text = '\uFEFFmodel M {\r\n input scan: image(T1w)[D\r\n encoder { level(c): `\u{1F9E0}';
  await client.open(uri, text);
  const line = { line: 2, character: 25 };
  for (const method of ['hover', 'completion', 'signatureHelp', 'definition', 'documentHighlight']) {
    await client.request(`textDocument/${method}`, { textDocument: { uri }, position: line });
    await client.request(`textDocument/${method}`, { textDocument: { uri }, position: { line: 99, character: 99 } });
    const other = { textDocument: { uri: 'file:///nowhere/at/all.unet' }, position: line };
    expect(await client.request(`textDocument/${method}`, other)).toBeNull();
  }
  for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens']) {
    expect(await client.request(`textDocument/${method}`, { textDocument: { uri } })).toBeInstanceOf(Array);
    const other = { textDocument: { uri: 'file:///nowhere/at/all.unet' } };
    expect(await client.request(`textDocument/${method}`, other)).toBeNull();
  }
  expect((await client.diagnostics(uri)).map(({ code }) => code)).toEqual(['UNET1002', 'UNET1002', 'UNET1005']);
});

it('gives the report and the ablations of a model as texts', async () => {
  client = await Client.start();
  const path = join(root, 'specs/dalight3d.unet');
  const uri = pathToFileURL(path).href;
  await client.open(uri, readFileSync(path, 'utf8'));
  const ask = (command: string): Promise<string> =>
    client.request('workspace/executeCommand', { command, arguments: [{ uri, model: 'DALight3D' }] });
  expect(await ask('unet.server.report')).toContain('2,219,074 (2,219,074 trainable)');
  const ablations = await ask('unet.server.ablations');
  expect(ablations).toContain('| csa = off | 1,924,522 | -294,552 |');
  expect(ablations).toContain('model DALight3DNoJoin = DALight3D { join = off }');
});

it('gives the jobs and rows of a study as a text', async () => {
  client = await Client.start();
  const path = join(root, 'specs/studies/dalight3d-components.unet');
  const uri = pathToFileURL(path).href;
  await client.open(uri, readFileSync(path, 'utf8'));
  const ask = (study: string): Promise<string | null> =>
    client.request('workspace/executeCommand', { command: 'unet.server.study', arguments: [{ uri, study }] });
  const text = await ask('Components');
  expect(text).toContain('125 jobs: 5 rows, 5 seeds, 5 folds under the protocol Matched50.');
  expect(text).toMatch(/^\| without csa \| variant: csa = off \| 1,924,522 \| -294,552 \|.*\| 64 x 64 x 64 \|$/m);
  expect(await ask('Nothing')).toBeNull();
});

it('never loads TensorFlow.js nor the TypeScript compiler', async () => {
  const list = join(folder, 'modules.txt');
  const watcher = pathToFileURL(join(import.meta.dirname, 'watch-modules.mjs')).href;
  client = await Client.start({ nodeArguments: ['--import', watcher], environment: { UNET_MODULES: list } });
  const path = join(root, 'specs/unetr.unet');
  const uri = pathToFileURL(path).href;
  await client.open(uri, readFileSync(path, 'utf8'));
  await client.diagnostics(uri);
  const textDocument = { uri };
  await client.request('textDocument/codeLens', { textDocument });
  await client.request('textDocument/hover', { textDocument, position: { line: 33, character: 24 } });
  await client.request('textDocument/completion', { textDocument, position: { line: 33, character: 24 } });
  const named = { uri, model: 'UNETR' };
  await client.request('workspace/executeCommand', { command: 'unet.server.report', arguments: [named] });
  const loaded = readFileSync(list, 'utf8');
  // The server is in the bundle, which is refused when it is made where it holds TensorFlow.js.
  expect(loaded).toContain('bundle.cjs');
  expect(loaded).not.toContain('/dist/editor/server.js');
  const heavy = loaded.split('\n').filter((each) => /tensorflow|ts-morph|typescript\/|\/runtime\//.test(each));
  // The list of engines' names, which the command line's flags are made from, loads nothing itself.
  expect(heavy.filter((each) => !each.endsWith('/runtime/engine/catalogue.js'))).toEqual([]);
});
