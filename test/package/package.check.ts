/** The npm package, installed by npm into an empty project and globally, as a user does. */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../cli/run-unet.js';
import { folder, run, succeeds, type Ended } from './run.js';

const project = path.join(folder, 'project');
const installed = path.join(project, 'node_modules/unet-lang');
const checked = { code: 0, stderr: '1 file checked: no problems found.\n' };
const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
let archive = '';

/** Runs the command that npm linked. */
const unet = (...args: string[]): Promise<string> => succeeds('npx', ['--no-install', 'unet', ...args], project);

const check = (): Promise<Ended> => run('npx', ['--no-install', 'unet', 'check', 'unet3d.unet'], project);

const write = (file: string, text: string): void => writeFileSync(path.join(project, file), text);

beforeAll(async () => {
  const platform = `${process.platform}-${process.arch}`;
  const written = await succeeds(process.execPath, [path.join(root, 'scripts/pack.mjs'), platform], root);
  archive = path.join(folder, written.trim());
  cpSync(path.join(root, written.trim()), archive);
  mkdirSync(project);
  write('package.json', '{ "type": "module" }');
  await succeeds('npm', ['install', ...flags, archive], project);
});

describe('installed as a dependency', () => {
  it('runs no install script, and installs one copy of tfjs', async () => {
    const manifests = readdirSync(path.join(project, 'node_modules'), { recursive: true, encoding: 'utf8' });
    const copies = manifests.filter((name) => /(^|[\\/])@tensorflow[\\/]tfjs(-core)?[\\/]package\.json$/.test(name));
    expect(copies).toHaveLength(2);
    const found = await succeeds('npm', ['query', ':attr(scripts, [postinstall]), :attr(scripts, [install])'], project);
    const names = (JSON.parse(found) as { name: string }[]).map(({ name }) => name);
    expect(names.filter((name) => name === 'unet-lang' || name.startsWith('onnxruntime'))).toEqual([]);
  });

  it('checks a spec and trains on onnxruntime', async () => {
    await unet('init');
    expect(await check()).toMatchObject(checked);
    await unet('data', 'synth', '-o', 'data', '--cases', '5');
    await unet(
      'train',
      'unet3d.unet',
      '--data',
      'data',
      '-o',
      'run',
      '--steps',
      '3',
      '--set',
      'width=8',
      '--engine',
      'onnx',
    );
    expect(readdirSync(path.join(project, 'run'))).toContain('run.json');
  });

  it('starts where nothing can be kept beside it', async () => {
    const cli = path.join(installed, 'dist/cli');
    for (const name of readdirSync(cli).filter((each) => each.endsWith('.code'))) rmSync(path.join(cli, name));
    // A folder in the way fails as a folder without write access does, for the superuser too.
    const inTheWay = path.join(cli, `front.check.${process.version}-${process.arch}.code`);
    mkdirSync(inTheWay);
    expect(await check()).toMatchObject(checked);
    expect(readdirSync(cli).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    rmSync(inTheWay, { recursive: true });
    expect(await check()).toMatchObject(checked);
    expect(await check()).toMatchObject(checked);
    expect(readdirSync(cli)).toContain(path.basename(inTheWay));
  });

  it('offers its API to strict TypeScript, on the tfjs of the project', async () => {
    await unet('compile', 'unet3d.unet', '-o', 'generated');
    write('main.ts', program);
    write('tsconfig.json', JSON.stringify(configuration));
    const { stdout } = await run(process.execPath, [compiler, '-p', project], project);
    // tfjs's own declarations are not strict.
    const errors = stdout
      .split('\n')
      .filter((line) => line.includes('error TS') && !/^node_modules.@tensorflow/.test(line));
    expect(errors).toEqual([]);
    expect(await succeeds(process.execPath, ['main.js'], project)).toBe('onnx LayersModel true\n');
  });

  it('is installed again by `npm ci`', async () => {
    await succeeds('npm', ['ci', ...flags], project);
    expect(await check()).toMatchObject(checked);
  });
});

it('runs when it is installed globally', async () => {
  const prefix = path.join(folder, 'global');
  await succeeds('npm', ['install', '--global', '--prefix', prefix, ...flags, archive], folder);
  const command = path.join(prefix, process.platform === 'win32' ? 'unet.cmd' : 'bin/unet');
  expect(await run(command, ['check', path.join(root, 'specs/dalight3d.unet')], folder)).toMatchObject(checked);
  const { code, stdout } = await run(command, ['engines'], folder);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^onnx +yes +ONNX Runtime/m);
  expect(stdout).toMatch(/^webgpu +no: not installed; run `npm install -g /m);
});

const configuration = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
    typeRoots: [path.join(root, 'node_modules/@types')],
  },
  files: ['main.ts'],
};

/** The parts of the API: the compiler, the emitter, the runtime, and generated code on the project's own tfjs. */
const program = `
import * as tf from '@tensorflow/tfjs';
import { format, parse, type Report } from 'unet-lang';
import { emitTfjs } from 'unet-lang/emit';
import { feed, fromPhysical, selectEngine, type Engine } from 'unet-lang/runtime';
import * as generated from './generated/UNet3D.js';

const engine: Engine = await selectEngine('onnx');
const model: tf.LayersModel = generated.build({ seed: 1 });
const report: Report | undefined = undefined;
void report;
if (typeof format !== 'function' || typeof parse !== 'function' || typeof emitTfjs !== 'function') throw new Error('API');
const scan = tf.zeros([1, 4, 16, 16, 16]);
const result: tf.Tensor | tf.Tensor[] = model.predict(feed(generated.description, { scan }));
const logits = fromPhysical(Array.isArray(result) ? result[0]! : result);
console.log(engine.name, model.constructor.name, model instanceof tf.LayersModel && logits instanceof tf.Tensor);
`;
