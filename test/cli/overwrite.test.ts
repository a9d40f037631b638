import {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.js';
import { encodeSafetensors } from '../../runtime/files/safetensors.js';
import { refuses, scratch, succeeds } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

const at = (...parts: string[]): string => path.join(scratch(), ...parts);
let spec: string;
let data: string;
let run: string;

beforeAll(async () => {
  spec = writeSpec('tiny.unet', tinySpec);
  data = await makeData();
  run = at('run');
  await succeeds(['train', spec, '--data', data, '-o', run, '--steps', '1']);
  const scan = { shape: [1, 4, 8, 8, 8], data: new Float32Array(2048) };
  writeFileSync(at('in.safetensors'), encodeSafetensors(new Map([['scan', scan]])));
});

/** Every file below a folder with its bytes, but for the cache of prepared cases. */
function content(folder: string): Record<string, string> {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = all.filter((name) => !name.startsWith('cache'));
  return Object.fromEntries(
    files.flatMap((name) => {
      const file = path.join(folder, name);
      return lstatSync(file).isFile() ? [[name, readFileSync(file, 'base64')]] : [];
    }),
  );
}

const predict = (...flags: string[]): string[] => ['predict', run, '--data', data, '--case', 'PHANTOM_001', ...flags];
const exported = (format: string, out: string, ...flags: string[]): string[] => [
  ...['export', run, '--format', format, '-o', out, ...flags],
];

/** Commands that would destroy what they are given, with the code of the refusal. Each is tried with --force. */
const destructive: readonly (readonly [code: string, args: () => string[]])[] = [
  ['UNET6150', () => predict('-o', path.join(data, 'imagesTr/PHANTOM_001.nii.gz'))],
  ['UNET6151', () => predict('-o', path.join(data, 'labelsTr/new.nii.gz'))],
  ['UNET6150', () => predict('-o', at('linked.nii.gz'))],
  ['UNET6150', () => predict('-o', at('m.nii.gz'), '--probabilities', at('hard.nii.gz'))],
  ['UNET6153', () => predict('-o', at('m.nii.gz'), '--probabilities', `${scratch()}/./m.nii.gz`)],
  ['UNET6150', () => ['predict', run, '--image', at('scan.nii.gz'), '-o', at('scan.nii.gz')]],
  ['UNET6154', () => predict('-o', at('m.nii.gz'), '--picture', at('folder.png'))],
  ['UNET6150', () => ['evaluate', run, '--data', data, '-o', path.join(run, 'run.json')]],
  ['UNET6151', () => ['evaluate', run, '--data', data, '--case', 'PHANTOM_001', '--pictures', path.join(data, 'p')]],
  ['UNET6150', () => ['apply', run, '--inputs', at('in.safetensors'), '-o', at('in.safetensors')]],
  ['UNET6150', () => exported('safetensors', path.join(run, 'checkpoints/last.safetensors'))],
  ['UNET6054', () => exported('tfjs', path.join(run, 'checkpoints'))],
  ['UNET6150', () => ['compile', at('specs/Tiny.ts'), '-o', at('specs')]],
  ['UNET6151', () => ['compile', spec, '-o', run]],
  ['UNET6150', () => ['diagram', at('specs/net.svg'), '-o', at('specs/net.svg')]],
  ['UNET6058', () => ['compile', spec, '-o', '/proc/unet/generated']],
];

describe('--force or not, nothing is destroyed by', () => {
  beforeAll(() => {
    cpSync(path.join(data, 'imagesTr/PHANTOM_002.nii.gz'), at('scan.nii.gz'));
    symlinkSync(path.join(data, 'labelsTr/PHANTOM_001.nii.gz'), at('linked.nii.gz'));
    linkSync(path.join(data, 'imagesTr/PHANTOM_001.nii.gz'), at('hard.nii.gz'));
    writeSpec('specs/Tiny.ts', tinySpec);
    writeSpec('specs/net.svg', tinySpec);
    writeSpec('folder.png/x', 'mine');
  });

  it.each(destructive.map(([code, args], index) => [index, code, args] as const))('%i %s', async (_, code, args) => {
    const before = content(scratch());
    expect(await refuses(1, [...args(), '--force'])).toContain(code);
    expect(content(scratch())).toEqual(before);
  });

  it('a new run, import or data set inside another, or over files with the names of a run', async () => {
    const names = ['model.ts', 'protocol.json', 'spec.unet'];
    for (const name of names) writeSpec(`own/${name}`, tinySpec);
    const own = at('own/spec.unet');
    const weights = at('trained.safetensors');
    await succeeds(exported('safetensors', weights));
    const before = content(scratch());
    const training = (folder: string): string[] => ['train', own, '--data', data, '-o', folder, '--steps', '1'];
    expect(await refuses(1, training(at('own')))).toContain('UNET6054');
    expect(await refuses(1, training(path.join(data, 'run')))).toContain('UNET6151');
    expect(await refuses(1, training(path.join(run, 'again')))).toContain('UNET6151');
    expect(await refuses(1, ['import', own, '--weights', weights, '-o', at('own')])).toContain('UNET6054');
    expect(await refuses(1, ['import', own, '--weights', weights, '-o', path.join(run, 'i')])).toContain('UNET6151');
    expect(await refuses(1, ['data', 'synth', '-o', path.join(run, 'set'), '--cases', '1'])).toContain('UNET6151');
    expect(await refuses(1, ['init', '-o', path.join(data, 'specs')])).toContain('UNET6151');
    expect(content(scratch())).toEqual(before);
  });

  it('fmt of the spec of a run; a link that it is given stays a link', async () => {
    const sealed = at('sealed');
    cpSync(run, sealed, { recursive: true });
    const file = path.join(sealed, 'spec.unet');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n\n\n`);
    expect((await refuses(1, ['fmt', file])).replace(/\s+/g, ' ')).toContain('UNET6151');
    const loose = writeSpec('loose.unet', `${tinySpec}\n\n\n`);
    symlinkSync(loose, at('link.unet'));
    await succeeds(['fmt', at('link.unet')]);
    expect(lstatSync(at('link.unet')).isSymbolicLink()).toBe(true);
    expect(readFileSync(loose, 'utf8')).not.toMatch(/\n\n$/);
  });
});

describe('an existing file', () => {
  it('is replaced if unet wrote it, or with --force', async () => {
    const out = at('generated');
    await succeeds(['compile', spec, '-o', out]);
    await succeeds(['compile', spec, '-o', out]);
    const file = path.join(out, 'Tiny.ts');
    const generated = readFileSync(file, 'utf8');
    writeFileSync(file, 'export const mine = 1;\n');
    const message = await refuses(1, ['compile', spec, '-o', out]);
    expect(message).toMatch(/UNET6152[^]*--force/);
    expect(readFileSync(file, 'utf8')).toBe('export const mine = 1;\n');
    await succeeds(['compile', spec, '-o', out, '--force']);
    expect(readFileSync(file, 'utf8')).toBe(generated);
  });

  it.each([
    ['mask.nii.gz', (out: string) => predict('-o', out)],
    ['net.svg', (out: string) => ['diagram', spec, '-o', out]],
    ['tfjs', (out: string) => exported('tfjs', out)],
  ])('%s of ours is replaced by the same command', async (name, args) => {
    await succeeds(args(at(name)));
    await succeeds(args(at(name)));
    expect(readdirSync(scratch()).filter((each) => each.includes('.tmp'))).toEqual([]);
  });

  it('is found before the work, and a table is replaced with --force only', async () => {
    const scored = ['evaluate', run, '--data', data, '--case', 'PHANTOM_001', '--allow-training-cases'];
    const args = [...scored, '--format', 'csv', '-o', at('scores.csv')];
    await succeeds(args);
    expect(await refuses(1, args)).toContain('UNET6152');
    await succeeds([...args, '--force']);
    expect(await refuses(1, predict('-o', at('no/such/mask.nii.gz')))).toContain('UNET6058');
    expect(existsSync(at('no'))).toBe(false);
  });
});

it('every command with a file to write knows --force', () => {
  const all = createProgram().commands.flatMap((command) => [command, ...command.commands]);
  // Folders of runs, studies and data sets are never overwritten, but created or resumed.
  const writing = all.filter(({ options }) => options.some(({ flags }) => /^-o, --output <(file|path)>/.test(flags)));
  expect(writing.map((command) => command.name())).toContain('predict');
  for (const command of writing) {
    expect([command.name(), command.options.some(({ long }) => long === '--force')]).toEqual([command.name(), true]);
  }
});
