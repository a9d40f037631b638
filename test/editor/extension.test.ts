import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { lensCommands, serverCommands } from '../../editor/command-names.js';
import { findCommandLine, runCommandLine } from '../../editor/vscode/src/command-line.js';
import { options } from '../../scripts/build-extension.mjs';
import { root } from './client.js';

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
    mkdirSync(join(scratch, 'node_modules/vscode'), { recursive: true });
    // Whatever the editor gives stands for itself: enough to load what derives from its classes.
    const stub = `const any = new Proxy(function () {}, {
      get: (target, key) => (key === 'prototype' ? target.prototype : any),
      apply: () => any,
    });`;
    writeFileSync(join(scratch, 'node_modules/vscode/index.js'), `${stub}\nmodule.exports = any;`);
    const extension = createRequire(outfile)(outfile) as Record<string, unknown>;
    expect(Object.keys(extension).sort()).toEqual(['activate', 'deactivate']);
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
