import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { severalEncoders } from '../compiler/emit/diagram/networks.js';
import { dalight, root, scratch } from './run-unet.js';
import { writeSpec } from './tiny.js';

const preload = path.join(scratch(), 'list-modules.cjs');
const list = path.join(scratch(), 'modules.json');

beforeAll(() => {
  // TensorFlow.js, ts-morph, elkjs and resvg are CommonJS for Node: what is loaded of them, however, is in this cache.
  writeFileSync(
    preload,
    `process.on('exit', () =>
      require('node:fs').writeFileSync(process.env.MODULE_LIST, JSON.stringify(Object.keys(require.cache))));`,
  );
});

/** The packages that a Node process has loaded of those in question when it ends. */
function packagesOf(args: readonly string[]): string[] {
  const { status, stderr } = spawnSync(process.execPath, ['--require', preload, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, MODULE_LIST: list },
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const modules = JSON.parse(readFileSync(list, 'utf8')) as string[];
  const heavy = /node_modules[\\/](@tensorflow|ts-morph|typescript|elkjs|@resvg)[\\/]/;
  return [...new Set(modules.flatMap((file) => heavy.exec(file)?.[1] ?? []))].sort();
}

const main = path.join(root, 'dist/cli/main.js');
const spec = (name: string): string => path.join(root, 'specs', name);
const out = (name: string): string => path.join(scratch(), name);

describe('the list of modules', () => {
  it('shows TensorFlow.js where it is loaded', () => {
    expect(packagesOf(['-e', "import('@tensorflow/tfjs')"])).toContain('@tensorflow');
  });

  it.each<[string[], string[]]>([
    [['check', dalight], []],
    [['report', dalight], []],
    [['fmt', '--check', dalight], []],
    [['explain', 'UNET3007'], []],
    [['diff', dalight, spec('ablations/no-csa.unet')], []],
    [['diff', dalight, spec('ablations/no-csa.unet'), '--format', 'json'], []],
    [['diff', dalight, spec('unetr.unet'), '--format', 'html'], []],
    [['diagram', dalight, '-o', out('u.svg')], []],
    [['diagram', spec('unet-plus-plus.unet'), '-o', out('levels.svg')], []],
    [['diagram', dalight, '-o', out('u.png'), '--scale', '0.5'], ['@resvg']],
    [
      ['diagram', writeSpec('streams.unet', severalEncoders.replace('"lib/', '"unet:lib/')), '-o', out('graph.svg')],
      ['elkjs'],
    ],
  ])('of unet %j is short', (args, expected) => {
    expect(packagesOf([main, ...args])).toEqual(expected);
  });
});
