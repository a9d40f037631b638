/** The build of a clone: when it is needed, and that its bytes do not depend on where and when it runs. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hashOfSources } from '../../scripts/build-stamp.mjs';
import { bundleFront } from '../../scripts/bundle-front.mjs';
import { root } from '../cli/run-unet.js';

const folder = mkdtempSync(path.join(tmpdir(), 'unet-build-'));
const elsewhere = mkdtempSync(path.join(tmpdir(), 'unet-bundle-'));
afterAll(() => {
  for (const each of [folder, elsewhere]) rmSync(each, { recursive: true, force: true });
});

describe('the hash of the sources', () => {
  const clone = path.join(folder, 'clone');
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(clone, name)), { recursive: true });
    writeFileSync(path.join(clone, name), text);
  };
  for (const name of [
    'text/a.ts',
    'contract/a.ts',
    'onnx/a.ts',
    'grammar/a.ts',
    'compiler/in/a.ts',
    'runtime/a.ts',
    'editor/a.ts',
    'cli/a.cts',
  ])
    write(name, '1');
  for (const name of ['package-lock.json', 'tsconfig.json']) write(name, '{}');
  for (const name of ['build', 'bundle-front', 'copy-onnxruntime']) write(`scripts/${name}.mjs`, '');

  it('changes with each file that the build reads, and with no other', () => {
    const hashes = [hashOfSources(clone)];
    const changes = [
      () => write('compiler/in/a.ts', '2'),
      () => write('compiler/in/new.ts', ''),
      () => renameSync(path.join(clone, 'compiler/in/new.ts'), path.join(clone, 'compiler/in/named.ts')),
      () => rmSync(path.join(clone, 'compiler/in/named.ts')),
      () => write('cli/a.cts', '2'),
      () => write('package-lock.json', '{ }'),
      () => write('scripts/build.mjs', '// changed'),
    ];
    for (const change of changes) {
      change();
      hashes.push(hashOfSources(clone));
    }
    // Removing the new file again restores the hash from before it was added.
    expect(hashes[4]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(hashes.length - 1);
    for (const name of ['test/a.test.ts', 'docs/a.md', 'compiler/notes.md', 'editor/vscode/a.ts']) write(name, 'new');
    expect(hashOfSources(clone)).toBe(hashes.at(-1));
  });
});

it('bundles to the same bytes in another folder', async () => {
  const copy = path.join(elsewhere, 'dist');
  cpSync(path.join(root, 'dist'), copy, { recursive: true, filter: (file) => !/[\\/]dist[\\/]onnxruntime/.test(file) });
  rmSync(path.join(copy, 'cli/front.cjs'));
  cpSync(path.join(root, 'package.json'), path.join(elsewhere, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(elsewhere, 'node_modules'), 'junction');
  await bundleFront(copy);
  expect(
    readFileSync(path.join(copy, 'cli/front.cjs')).equals(readFileSync(path.join(root, 'dist/cli/front.cjs'))),
  ).toBe(true);
});

it('the versions of onnxruntime that are pinned agree', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  expect(dependencies['onnxruntime-common']).toMatch(/^\d+\.\d+\.\d+$/);
  expect(devDependencies['onnxruntime-node']).toBe(dependencies['onnxruntime-common']);
});
