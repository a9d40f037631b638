import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.js';
import { placesOf } from '../../cli/completion/words.js';
import { refuses, root, scratch, succeeds, unet } from './run-unet.js';
import { copyData, makeData } from './tiny.js';

describe('unet init', () => {
  it.each([
    ['unet', ['unet3d.unet', 'variants/narrow.unet'], 'UNet3D'],
    ['dalight3d', ['ablations/no-csa.unet', 'ablations/no-ssfb.unet', 'dalight3d.unet'], 'DALight3D'],
    ['study', ['study.unet'], 'Small'],
  ])('%s writes specs that check wherever they lie, and never over others', async (starter, some, model) => {
    const folder = path.join(scratch(), `init-${starter}`);
    const files = (await succeeds(['init', '-o', folder, '--starter', starter])).trim().split('\n');
    for (const file of some) expect(files).toContain(path.join(folder, file));
    expect((await unet(['check', ...files])).stderr).toContain('no problems found');
    const main = files.find((file) => readFileSync(file, 'utf8').includes(`model ${model} {`))!;
    writeFileSync(main, 'mine');
    expect(await refuses(1, ['init', '-o', folder, '--starter', starter])).toMatch(
      /already exists?; nothing was written/,
    );
    expect(readFileSync(main, 'utf8')).toBe('mine');
  });
});

describe('the commands that unet init names', () => {
  it('run one after the other, also where the folder needs quotes', { timeout: 120_000 }, async () => {
    const cwd = path.join(scratch(), 'next');
    mkdirSync(cwd);
    const { stderr } = await unet(['init', '-o', "it's first", '--starter', 'study'], { cwd });
    const commands = stderr.split('\n').filter((line) => line.startsWith('  unet '));
    expect(commands).toEqual(
      [/^  unet check /, /^  unet data synth /, /^  unet study plan /, /^  unet study run /].map(
        (each) => expect.stringMatching(each) as string,
      ),
    );
    const script = [
      'set -e',
      `unet() { '${process.execPath}' '${path.join(root, 'dist/cli/main.cjs')}' "$@"; }`,
      ...commands.slice(0, 3),
    ];
    const ran = spawnSync('sh', { input: script.join('\n'), cwd, encoding: 'utf8' });
    expect(ran).toMatchObject({ status: 0 });
    // The study itself takes minutes: its plan has passed, and its folder is free.
    expect(readdirSync(path.join(cwd, "it's first"))).toEqual(['study.unet']);
    expect(commands[3]).toContain("-o 'it'\\''s first/study'");
  });
});

describe('unet doctor', () => {
  interface Findings {
    readonly node: { readonly version: string; readonly supported: boolean };
    readonly engines: readonly { readonly name: string; readonly available: boolean; readonly detail: string }[];
    readonly uses: { readonly engine: string };
    readonly cache: { readonly directory: string; readonly cases: number; readonly bytes: number };
    readonly data?: { readonly cases: readonly object[] };
    readonly dataFault?: { readonly code: string };
  }

  it('tells Node, each engine and what will be used, and reads a data set', async () => {
    const data = await makeData('doctor-data');
    const found = JSON.parse(await succeeds(['doctor', '--data', data, '--format', 'json'])) as Findings;
    expect(found.node).toMatchObject({ version: process.versions.node, supported: true });
    expect(found.engines.every(({ detail }) => detail !== '')).toBe(true);
    expect(found.engines.find(({ available }) => available)?.name).toBe(found.uses.engine);
    expect(found.data?.cases).toHaveLength(6);
    const { code, stdout: text, stderr } = await unet(['doctor']);
    expect(code).toBe(0);
    expect(stderr).not.toContain('Vulkan');
    expect(text).toContain(process.versions.node);
    expect(text).toMatch(/^data +not checked.*--data DIR/m);
    expect(text).toContain(`${found.cache.directory}: 0 cases, 0 MiB`);
    for (const { name } of found.engines) expect(text).toContain(`engine ${name}`);
  });

  it('exits 1 where the data set has errors', async () => {
    const data = await copyData(await makeData('doctor-data'), 'doctor-broken');
    writeFileSync(path.join(data, 'imagesTr/PHANTOM_001.nii.gz'), 'rubbish');
    const { code, stdout } = await unet(['doctor', '--data', data]);
    expect(code).toBe(1);
    expect(stdout).toContain('PHANTOM_001');
    expect(stdout).toMatch(/^data .*: 6 cases, 1 error, 0 warnings$/m);
  });

  it('tells all it tells, and that the folder given is none of a data set', async () => {
    const nowhere = path.join(scratch(), 'nowhere');
    const { code, stdout } = await unet(['doctor', '--data', nowhere]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^engine cpu /m);
    expect(stdout).toMatch(/^data +UNET6001: .*nowhere/m);
    const json = await unet(['doctor', '--data', nowhere, '--json']);
    expect((JSON.parse(json.stdout) as Findings).dataFault?.code).toBe('UNET6001');
  });
});

describe('unet completion', () => {
  /** What bash offers after `line`, whose last word is the one under way. */
  function offered(script: string, line: string): string[] {
    const words = line.split(' ');
    const file = path.join(scratch(), 'completion.bash');
    writeFileSync(file, script);
    const program = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _unet; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', program], { cwd: scratch() });
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
    return stdout.toString().split('\n').filter(Boolean);
  }

  it('offers commands, flags, values and folders in bash', async () => {
    const script = await succeeds(['completion', 'bash']);
    expect(offered(script, 'unet re')).toEqual(['report']);
    expect(offered(script, 'unet data ')).toEqual(expect.arrayContaining(['check', 'synth']));
    expect(offered(script, 'unet data check --f')).toEqual(['--format']);
    expect(offered(script, 'unet report x.unet --format ')).toEqual(['text', 'json', 'markdown']);
    expect(offered(script, 'unet completion ')).toEqual(['bash', 'zsh', 'fish']);
    await makeData('a folder');
    expect(offered(script, 'unet train x.unet --data a')).toEqual(['a folder']);
  });

  it('knows every command and flag there is, in each shell', async () => {
    const places = placesOf(createProgram());
    const [bash, fish] = [await succeeds(['completion', 'bash']), await succeeds(['completion', 'fish'])];
    expect(await succeeds(['completion', 'zsh'])).toContain(bash);
    for (const { path: words, options } of places) {
      const own = bash.split('\n').filter((line) => line.includes(`'${words}') words=`));
      expect(own).toHaveLength(1);
      for (const { long } of options) {
        expect(own[0]).toContain(long);
        expect(fish).toMatch(new RegExp(`= "${words}"' -l ${long.slice(2)}\\b`));
      }
    }
  });

  it.each(['zsh', 'fish'])('%s takes its script', async (shell) => {
    if (spawnSync(shell, ['--version']).status !== 0) return;
    const file = path.join(scratch(), `completion.${shell}`);
    writeFileSync(file, await succeeds(['completion', shell]));
    const args = shell === 'fish' ? ['--no-config', '-c', `source ${file}; complete -C 'unet data ch'`] : ['-f', file];
    const { status, stdout, stderr } = spawnSync(shell, args);
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
    if (shell === 'fish') expect(stdout.toString()).toMatch(/^check\t/);
  });
});
