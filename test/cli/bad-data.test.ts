import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../runtime/data/synth.js';
import { readCheckpoint } from '../../runtime/training/checkpoint.js';
import { refuses, scratch, succeeds, unet, expectNoStack } from './run-unet.js';
import { copyData, makeData, tinySpec, writeSpec } from './tiny.js';

let spec: string;
let data: string;

beforeAll(async () => {
  spec = writeSpec('tiny.unet', tinySpec);
  data = await makeData();
});

const label = (folder: string, id: string): string => path.join(folder, 'labelsTr', `${id}.nii.gz`);
const image = (folder: string, id: string): string => path.join(folder, 'imagesTr', `${id}.nii.gz`);

function edit(file: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(file, change(readFileSync(file)));
}

/** Trains on data that must be refused before a run folder is made. @returns the message */
async function refusesToTrain(folder: string, ...flags: string[]): Promise<string> {
  const run = path.join(scratch(), 'never');
  const message = await refuses(1, ['train', spec, '--data', folder, '-o', run, '--steps', '2', ...flags]);
  expect(existsSync(run)).toBe(false);
  return message;
}

describe('data that cannot be trained on are refused before anything is made:', () => {
  it('a file as the folder, no folder, half a dataset.json', async () => {
    const folder = await copyData(data, 'json');
    const file = path.join(folder, 'dataset.json');
    expect(await refusesToTrain(file)).toMatch(/UNET6001.*it is a file/);
    expect(await refusesToTrain(path.join(folder, 'nowhere'))).toMatch(/UNET6001.*is missing/);
    edit(file, (bytes) => bytes.subarray(0, 100));
    expect(await refusesToTrain(folder)).toMatch(/UNET6002.*dataset\.json.*not valid JSON/);
  });

  it('a missing modality, a class of another name', async () => {
    const folder = await copyData(data, 'modality');
    const file = path.join(folder, 'dataset.json');
    edit(file, (bytes) => Buffer.from(bytes.toString().replace('"T2w"', '"T9w"')));
    expect(await refusesToTrain(folder)).toMatch(/UNET6010.*`T2w`.*\n.*`T9w`/);
    edit(file, (bytes) => Buffer.from(bytes.toString().replace('"T9w"', '"T2w"').replace('"edema"', '"swelling"')));
    expect(await refusesToTrain(folder)).toMatch(/UNET6011.*`edema`.*\n.*`swelling`/);
  });

  it('a label of another shape, a file that is missing, of a case to validate, too', async () => {
    const folder = await copyData(data, 'shape');
    const other = path.join(scratch(), 'other');
    await synthesize(other, { cases: 1, size: [20, 16, 16], seed: 1 });
    writeFileSync(label(folder, 'PHANTOM_004'), readFileSync(label(other, 'PHANTOM_001')));
    const message = await refusesToTrain(folder, '--validation', 'PHANTOM_004');
    expect(message).toMatch(/UNET6009.*`PHANTOM_004`.*20 x 16 x 16.*16 x 16 x 16/);
    expect(await refusesToTrain(folder, '--validation', 'PHANTOM_001')).toMatch(/UNET6009.*`PHANTOM_004`/);
    rmSync(label(folder, 'PHANTOM_004'));
    expect(await refusesToTrain(folder)).toMatch(/UNET6003.*`PHANTOM_004`.*is missing/);
  });

  it('a patch that the network cannot take', async () => {
    expect(await refusesToTrain(data, '--patch', '15,16,16')).toContain('UNET3016');
  });

  it('a split that names a case there is not, and a fold there is not', async () => {
    expect(await refusesToTrain(data, '--validation', 'PHANTM_002')).toMatch(/UNET6017.*`PHANTM_002`[^]*`PHANTOM_002`/);
    expect(await refuses(2, ['train', spec, '--data', data, '-o', 'x', '--fold', '3'])).toContain('0 to 2');
  });
});

describe('faults of voxels come up in mid-training and cost no steps:', () => {
  /** Trains until the spoilt case comes up, repairs it, and trains to the end. */
  async function stopsAndGoesOn(name: string, file: string, spoil: (bytes: Buffer) => Buffer, message: RegExp) {
    const folder = await copyData(data, name);
    const [run, spoilt] = [path.join(scratch(), `run-${name}`), path.join(folder, file)];
    const whole = readFileSync(spoilt);
    edit(spoilt, spoil);
    const checked = await unet(['data', 'check', folder]);
    expect(checked.code).toBe(1);
    // Without line breaks.
    expect(checked.stdout.replace(/\s+/g, ' ')).toMatch(message);
    expect(checked.stdout).toMatch(/6 cases, 1 error/);
    const train = ['train', spec, '--data', folder, '-o', run];
    const { code, stdout, stderr } = await unet([...train, '--steps', '6', '--validation', 'PHANTOM_006']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('resume it with --resume');
    expectNoStack(stderr);
    const last = path.join(run, 'checkpoints', 'last.safetensors');
    const kept = existsSync(last) ? (await readCheckpoint(last)).progress.step : 0;
    writeFileSync(spoilt, whole);
    await succeeds([...train, '--resume']);
    expect((await readCheckpoint(last)).progress.step).toBe(6);
    return kept;
  }

  it('gzip that is cut off', async () => {
    const cut = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));
    const message = /UNET6005.*`PHANTOM_003`.*imagesTr.PHANTOM_003.nii.gz.*truncated/;
    const kept = await stopsAndGoesOn('gzip', path.join('imagesTr', 'PHANTOM_003.nii.gz'), cut, message);
    const metrics = readFileSync(path.join(scratch(), 'run-gzip', 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(metrics).toHaveLength(2);
    expect(kept).toBeGreaterThanOrEqual(0);
  });

  it('a label outside the classes', async () => {
    const nine = (bytes: Buffer): Buffer => {
      const plain = gunzipSync(bytes);
      plain.writeUInt8(9, plain.length - 1);
      return gzipSync(plain);
    };
    await stopsAndGoesOn(
      'outside',
      path.join('labelsTr', 'PHANTOM_003.nii.gz'),
      nine,
      /UNET6012.*`PHANTOM_003`.*values that are not classes: 9/,
    );
  });
});

describe('unet evaluate and predict', () => {
  it('name the case that cannot be scored or read', async () => {
    const run = path.join(scratch(), 'scored');
    await succeeds(['train', spec, '--data', data, '-o', run, '--steps', '1']);
    const folder = await copyData(data, 'unlabelled');
    const file = path.join(folder, 'dataset.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as { training: { image: string }[]; test: string[] };
    json.test = [json.training.pop()!.image];
    writeFileSync(file, JSON.stringify(json));
    const evaluate = ['evaluate', run, '--data', folder, '--case', 'PHANTOM_006'];
    expect(await refuses(1, evaluate)).toMatch(/UNET6084.*`PHANTOM_006`.*no label/);
    edit(image(folder, 'PHANTOM_006'), (bytes) => bytes.subarray(0, 2000));
    const mask = path.join(scratch(), 'never.nii.gz');
    const predict = ['predict', run, '--data', folder, '--case', 'PHANTOM_006', '-o', mask];
    expect(await refuses(1, predict)).toMatch(/UNET6005.*`PHANTOM_006`/);
    expect(await refuses(1, ['predict', run, '--image', file, '-o', mask])).toContain(file);
    expect(existsSync(mask)).toBe(false);
    const plain = writeSpec('plain.txt', 'a file, not a folder');
    const unwritable = ['predict', run, '--image', image(data, 'PHANTOM_001'), '-o', `${plain}/m.nii`];
    expect(await refuses(1, unwritable)).toMatch(/UNET6058.*m\.nii/);
  });
});
