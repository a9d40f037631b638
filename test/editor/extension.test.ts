import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { unzipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { lensCommands, serverCommands } from '../../editor/command-names.js';
import { findCommandLine, runCommandLine } from '../../editor/vscode/src/command-line.js';
import { options } from '../../scripts/build-extension.mjs';
import { packExtension } from '../../scripts/pack-extension.mjs';
import { root } from './client.js';
import { editorStub } from './vscode-stub.js';

interface Extension {
  readonly activate: (context: object) => Promise<void>;
  readonly deactivate: () => Promise<void>;
}

/** The bundled extension, with what stands for the editor. */
function load(outfile: string, vscode: object): Extension {
  mkdirSync(join(scratch, 'node_modules/vscode'), { recursive: true });
  Object.assign(globalThis, { vscodeStub: vscode });
  writeFileSync(join(scratch, 'node_modules/vscode/index.js'), 'module.exports = globalThis.vscodeStub;');
  const require = createRequire(outfile);
  for (const file of Object.keys(require.cache))
    if (file.startsWith(scratch)) Reflect.deleteProperty(require.cache, file);
  return require(outfile) as Extension;
}

const scratch = mkdtempSync(join(tmpdir(), 'unet-extension-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the VS Code extension', () => {
  it('is bundled into one module that wants nothing but vscode, and can be loaded', async () => {
    const outfile = join(scratch, 'extension.cjs');
    const { metafile } = await build({ ...options, outfile, metafile: true });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs.filter((each) => /chevrotain|ts-morph|tensorflow|compiler\//.test(each))).toEqual([]);
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map((each) => each.path));
    const builtin = createRequire(import.meta.url)('node:module') as { isBuiltin(name: string): boolean };
    expect([...new Set(outside)].filter((name) => !builtin.isBuiltin(name))).toEqual(['vscode']);
    const extension = load(outfile, editorStub(root, join(root, 'specs/unet3d.unet')).api);
    expect(Object.keys(extension).sort()).toEqual(['activate', 'deactivate']);
  });

  it('starts the server of the opened folder, shows what it says, and takes the commands of its lenses', async () => {
    const outfile = join(scratch, 'activated.cjs');
    await build({ ...options, outfile });
    const file = join(scratch, 'faulty.unet');
    const text = readFileSync(join(root, 'specs/unet3d.unet'), 'utf8').replaceAll('"lib/', '"unet:lib/');
    writeFileSync(file, text.replace('max_pool(2)', 'max_pol(2)'));
    const editor = editorStub(root, file);
    const { activate, deactivate } = load(outfile, editor.api);
    await activate({ subscriptions: [], extensionUri: editor.api.Uri.file(root) });
    try {
      expect(editor.shown).toEqual([]);
      const uri = editor.document.uri.toString();
      await expect
        .poll(() => editor.diagnostics.get(uri)?.map(({ message }) => message), { timeout: 20_000 })
        .toEqual([expect.stringContaining('Did you mean `max_pool`?')]);
      const line = text.split('\n').findIndex((each) => each.includes('model UNet3D'));
      const hover = await editor.hovers[0]!.provideHover(editor.document, new editor.Position(line, 8), editor.token);
      expect(JSON.stringify(hover)).toContain('model UNet3D');
      expect([...editor.commands.keys()]).toEqual(
        expect.arrayContaining(['unet.restart', ...Object.values(lensCommands)]),
      );
      const named = (path: string, model: string) => ({ uri: pathToFileURL(join(root, 'specs', path)).href, model });
      const sides = [named('dalight3d.unet', 'DALight3D'), named('ablations/no-csa.unet', 'NoCSA')];
      await editor.commands.get(lensCommands.diff)!(...sides);
      const [command, document] = editor.executed.at(-1) as [string, never];
      expect(command).toBe('markdown.showPreviewToSide');
      expect(editor.contents[0]!.provideTextDocumentContent(document)).toContain('| csa | true | false |');
      await editor.commands.get(lensCommands.report)!({ uri, model: 'UNet3D' });
      expect(editor.shown).toEqual(['unet: `UNet3D` has errors, so there is nothing to show.']);
    } finally {
      await deactivate();
    }
  });

  it('shows the diagram beside the editor in a page that can run and load nothing of a spec', async () => {
    const outfile = join(scratch, 'preview.cjs');
    await build({ ...options, outfile });
    const file = join(root, 'specs/unet3d.unet');
    const editor = editorStub(root, file);
    const { activate, deactivate } = load(outfile, editor.api);
    const extensionUri = editor.api.Uri.file(join(root, 'editor/vscode'));
    await activate({ subscriptions: [], extensionUri });
    try {
      await editor.commands.get('unet.preview')!();
      const [panel] = editor.panels;
      const { html } = panel!.webview;
      const policy = /content="(default-src[^"]*)"/.exec(html)?.[1];
      const own = 'vscode-resource:';
      expect(policy).toBe(`default-src 'none'; img-src data:; style-src ${own}; script-src ${own}`);
      expect(html).not.toMatch(/<style|style=|<script>|\son\w+=/);
      for (const [, path = ''] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect(existsSync(fileURLToPath(path)), path).toBe(true);
        expect(path.startsWith(`${extensionUri.toString()}/media/`)).toBe(true);
      }
      expect(panel!.options).toMatchObject({ localResourceRoots: [editor.api.Uri.joinPath(extensionUri, 'media')] });
      const model = { model: 'UNet3D', models: ['UNet3D'] };
      expect(panel!.sent).toEqual([{ ...model, svg: expect.stringContaining('<svg ') as string }]);
      // Typing draws again, once; another model, and a page that is loaded again, at once.
      editor.edited.fire({ document: editor.document, contentChanges: [] });
      editor.edited.fire({ document: editor.document, contentChanges: [] });
      await expect.poll(() => panel!.sent.length).toBe(2);
      panel!.receive({ model: 'UNet3D' });
      await expect.poll(() => panel!.sent.length).toBe(3);
      panel!.dispose();
      await editor.commands.get(lensCommands.diagram)!({ uri: editor.document.uri.toString(), model: 'UNet3D' });
      expect(editor.panels).toHaveLength(2);
      expect(editor.panels[1]!.title).toBe('Diagram of UNet3D');
    } finally {
      await deactivate();
    }
  });

  it('is packed with its licence, its icon and the files of .vscodeignore, and no others', async () => {
    const archive = unzipSync(await packExtension());
    expect(Object.keys(archive).sort()).toEqual([
      '[Content_Types].xml',
      'extension.vsixmanifest',
      'extension/LICENSE.txt',
      'extension/README.md',
      'extension/dist/extension.cjs',
      'extension/icon.png',
      'extension/language-configuration.json',
      'extension/media/preview.css',
      'extension/media/preview.js',
      'extension/package.json',
      'extension/syntaxes/unet.tmLanguage.json',
    ]);
    const text = (name: string): string => new TextDecoder().decode(archive[name]);
    expect(text('extension/LICENSE.txt')).toContain('Apache License');
    const manifest = JSON.parse(text('extension/package.json')) as { main: string; icon: string; version: string };
    for (const path of [manifest.main, manifest.icon])
      expect(archive[`extension/${path.replace('./', '')}`]).toBeDefined();
    for (const [, path = ''] of text('extension.vsixmanifest').matchAll(/Path="([^"]+)"/g)) {
      expect(archive[path], path).toBeDefined();
    }
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(manifest.version).toBe(version);
  });

  it('declares what it has: its grammar, its configuration, its commands', () => {
    const folder = join(root, 'editor/vscode');
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      contributes: Record<string, { path?: string; configuration?: string; command?: string }[]>;
    };
    const { grammars = [], languages = [], commands = [] } = manifest.contributes;
    for (const path of [grammars[0]?.path, languages[0]?.configuration]) {
      expect(() => JSON.parse(readFileSync(join(folder, path ?? ''), 'utf8')) as unknown).not.toThrow();
    }
    const source = readFileSync(join(folder, 'src/extension.ts'), 'utf8');
    for (const { command } of commands) expect(source).toContain(`'${command ?? ''}'`);
    for (const name of Object.keys(lensCommands)) expect(source).toContain(`lensCommands.${name}`);
    for (const name of Object.keys(serverCommands)) expect(source).toContain(`serverCommands.${name}`);
  });
});

describe('the command line it runs', () => {
  it('is what the setting says, else the package of the folder, else the one on the path', () => {
    expect(findCommandLine(['npx', 'unet'], [root])).toEqual({ command: 'npx', arguments: ['unet'] });
    expect(findCommandLine([], [scratch, root])).toEqual({
      command: 'node',
      arguments: [join(root, 'dist/cli/main.js')],
    });
    expect(findCommandLine([], [scratch])).toEqual({ command: 'unet', arguments: [] });
  });

  it('gives its output, or why there is none', async () => {
    const line = findCommandLine([], [root]);
    expect(await runCommandLine(line, ['report', 'specs/unet3d.unet', '--format', 'markdown'], root)).toContain(
      '3,153,388',
    );
    await expect(runCommandLine(line, ['report', 'nothing.unet'], root)).rejects.toThrow('cannot be read');
  });
});
