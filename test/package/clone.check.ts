/** A fresh clone builds once, even if several commands want to build it at the same time. */
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { root } from '../cli/run-unet.js';
import { folder, run, succeeds } from './run.js';

const clone = path.join(folder, 'clone');
const unet = path.join(clone, 'cli/unet.cjs');
const check = [unet, 'check', 'specs/dalight3d.unet'];
const checked = { code: 0, stdout: '', stderr: '1 file checked: no problems found.\n' };

beforeAll(() => {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of stdout
    .toString()
    .split('\0')
    .filter((name) => name !== '')) {
    const source = path.join(root, file);
    if (statSync(source, { throwIfNoEntry: false })?.isFile()) cpSync(source, path.join(clone, file));
  }
});

it('names the command that is missing before the first installation', async () => {
  const { code, stdout, stderr } = await run(process.execPath, check, clone);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^Cannot build unet: its development dependencies are missing\. Run `npm ci` in .*\n$/);
});

it('builds once for two commands at a time, and not again', async () => {
  symlinkSync(path.join(root, 'node_modules'), path.join(clone, 'node_modules'), 'junction');
  const ended = await Promise.all([run(process.execPath, check, clone), run(process.execPath, check, clone)]);
  const [first, second] = ended.sort((a, b) => b.stderr.length - a.stderr.length);
  expect(first).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Building unet\. .*\n1 file checked/) as string,
  });
  expect([second, await run(process.execPath, check, clone)]).toEqual([checked, checked]);
  expect(readdirSync(clone).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
});

it('gives the same bytes in another folder', async () => {
  await succeeds(process.execPath, [path.join(root, 'scripts/build.mjs')], root);
  const [here, there] = [filesOf(path.join(root, 'dist')), filesOf(path.join(clone, 'dist'))];
  expect([...there.keys()]).toEqual([...here.keys()]);
  expect([...there].filter(([name, bytes]) => !bytes.equals(here.get(name)!)).map(([name]) => name)).toEqual([]);
});

/** The files of a build, except what V8 compiled of it when it ran. */
function filesOf(directory: string): Map<string, Buffer> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => !name.endsWith('.code') && statSync(path.join(directory, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(directory, name))]));
}
