import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../runtime/data/synth.js';
import { encodeSafetensors, readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import type { MetricsLine } from '../../runtime/training/events.js';
import { dalight, refuses, scratch, startUnet, succeeds } from './run-unet.js';
import { makeData } from './tiny.js';

/** Spaces, a quote, letters beyond ASCII: what people call folders. */
const run = path.join(scratch(), "läufe d'essai", 'run 1');
const narrow = ['--set', 'width=8', '--set', 'neck=8', '--set', 'join=ssfb(rank: 2)'];
let data: string;
let trained: string;

beforeAll(async () => {
  data = await makeData('bilder von köpfen');
  const args = [
    'train',
    dalight,
    '--data',
    data,
    '-o',
    run,
    '--protocol',
    'Quick',
    '--patch',
    '16,16,16',
    '--steps',
    '3',
  ];
  trained = await succeeds([...args, ...narrow, '--validation', 'PHANTOM_002,PHANTOM_005', '--seed', '5']);
});

function json(text: string): unknown {
  return JSON.parse(text);
}

describe('unet data', () => {
  it('checks what it has drawn', async () => {
    const folder = path.join(scratch(), 'drawn');
    const said = await succeeds(['data', 'synth', '-o', folder, '--cases', '2', '--size', '16,16,16', '--seed', '3']);
    expect(said).toBe(`${folder}: 2 cases of 16 x 16 x 16 voxels, seed 3\n`);
    expect(readdirSync(folder).sort()).toEqual(['cases.csv', 'dataset.json', 'imagesTr', 'labelsTr']);
    expect(await succeeds(['data', 'check', folder])).toContain('2 cases, 0 errors, 0 warnings');
    const report = json(await succeeds(['data', 'check', folder, '--format', 'json']));
    expect(report).toMatchObject({ problems: [], cases: [{ id: 'PHANTOM_001' }, { id: 'PHANTOM_002' }] });
  });
});

describe('unet train', () => {
  it('writes a run folder and says where', () => {
    expect(trained).toBe(`${run}\n`);
    const files = ['checkpoints', 'metrics.jsonl', 'model.ts', 'protocol.json', 'run.json', 'spec.unet', 'split.json'];
    expect(readdirSync(run).sort()).toEqual(files);
    const info = json(readFileSync(path.join(run, 'run.json'), 'utf8'));
    expect(info).toMatchObject({ status: 'done', model: 'DALight3D', seed: 5, patch: [16, 16, 16] });
    const split = json(readFileSync(path.join(run, 'split.json'), 'utf8'));
    expect(split).toEqual({
      train: ['PHANTOM_001', 'PHANTOM_003', 'PHANTOM_004', 'PHANTOM_006'],
      validation: ['PHANTOM_002', 'PHANTOM_005'],
    });
    const lines = readFileSync(path.join(run, 'metrics.jsonl'), 'utf8').trim().split('\n').map(json);
    expect(lines).toMatchObject([{ epoch: 1, step: 3 }]);
    const [line] = lines as MetricsLine[];
    expect(Object.keys(line!.validation!.dice)).toEqual(['edema', 'non-enhancing tumor', 'enhancing tumour']);
  });

  it('keeps a spec that stands alone', async () => {
    const report = json(
      await succeeds(['report', path.join(run, 'spec.unet'), '--model', 'DALight3DAsRun', '--format', 'json']),
    );
    const base = json(await succeeds(['report', dalight, ...narrow, '--format', 'json']));
    expect(report).toMatchObject({ params: (base as { params: object }).params });
  });
});

function header(file: string): Buffer {
  return gunzipSync(readFileSync(file)).subarray(0, 352);
}

/** A NIfTI file's number of axes and their sizes. */
function dims(file: string): number[] {
  return Array.from({ length: 8 }, (_, index) => header(file).readInt16LE(40 + 2 * index));
}

describe('unet predict', () => {
  it('writes mask, probabilities and picture of a case, and says where', async () => {
    const files = ['mask.nii.gz', 'probabilities.nii.gz', 'slices.png'].map((name) =>
      path.join(scratch(), 'out', name),
    );
    const [mask, probabilities, picture] = files as [string, string, string];
    mkdirSync(path.dirname(mask));
    const args = ['predict', run, '--data', data, '--case', 'PHANTOM_002', '-o', mask];
    expect(await succeeds([...args, '--probabilities', probabilities, '--picture', picture])).toBe(
      `${files.join('\n')}\n`,
    );
    const image = header(path.join(data, 'imagesTr', 'PHANTOM_002.nii.gz'));
    expect(header(mask).subarray(252, 328)).toEqual(image.subarray(252, 328));
    expect(dims(mask)).toEqual([3, 16, 16, 16, 1, 1, 1, 1]);
    expect(dims(probabilities)).toEqual([4, 16, 16, 16, 4, 1, 1, 1]);
    expect(PNG.sync.read(readFileSync(picture)).width).toBeGreaterThan(100);
  });

  it('takes an image file and identifiers by name', async () => {
    const image = path.join(data, 'imagesTr', 'PHANTOM_001.nii.gz');
    const mask = path.join(scratch(), 'plain.nii');
    const site = /^PHANTOM_001,(.*)$/m.exec(readFileSync(path.join(data, 'cases.csv'), 'utf8'))![1]!;
    await succeeds(['predict', run, '--image', image, '--identifier', `site=${site}`, '-o', mask]);
    const fromCase = path.join(scratch(), 'case.nii');
    await succeeds(['predict', run, '--data', data, '--case', 'PHANTOM_001', '-o', fromCase]);
    expect(readFileSync(mask)).toEqual(readFileSync(fromCase));
    const message = await refuses(2, ['predict', run, '--image', image, '--identifier', 'site=Atlantis', '-o', mask]);
    expect(message).toContain('The identifier `site` has no value `Atlantis`');
  });

  it('names the case there is not', async () => {
    const message = await refuses(1, [
      'predict',
      run,
      '--data',
      data,
      '--case',
      'PHANTOM_02',
      '-o',
      path.join(scratch(), 'n.nii'),
    ]);
    expect(message).toContain('PHANTOM_02');
    expect(message).toContain('`PHANTOM_002`');
  });
});

describe('unet evaluate', () => {
  it('has the form that tools read', async () => {
    const pictures = path.join(scratch(), 'pictures');
    const report = json(
      await succeeds(['evaluate', run, '--data', data, '--format', 'json', '--pictures', pictures]),
    ) as {
      readonly cases: readonly Record<string, unknown>[];
      readonly confusion: { readonly [key: string]: unknown };
    };
    expect(Object.keys(report)).toEqual(
      expect.arrayContaining(['run', 'policy', 'cases', 'mean', 'denominators', 'confusion', 'ece']),
    );
    expect(report).toMatchObject({ run });
    expect(report.cases).toHaveLength(6);
    for (const row of report.cases) {
      expect(Object.keys(row)).toEqual(
        expect.arrayContaining(['case', 'class', 'dice', 'iou', 'sensitivity', 'specificity', 'precision', 'hd95']),
      );
      expect(['PHANTOM_002', 'PHANTOM_005']).toContain(row['case']);
    }
    expect(readdirSync(pictures).sort()).toEqual(['PHANTOM_002.png', 'PHANTOM_005.png']);
  });

  it('is a table and CSV, too, of the cases that are named', async () => {
    const out = path.join(scratch(), 'scores.csv');
    const named = await succeeds([
      'evaluate',
      run,
      '--data',
      data,
      '--case',
      'PHANTOM_001',
      '--allow-training-cases',
      '--format',
      'csv',
      '-o',
      out,
    ]);
    expect(named).toBe(`${out}\n`);
    const csv = readFileSync(out, 'utf8');
    expect(csv.split('\n')[0]).toContain('case,class,dice');
    expect(csv).toContain('PHANTOM_001,edema');
    expect(
      await succeeds(['evaluate', run, '--data', data, '--case', 'PHANTOM_001', '--allow-training-cases']),
    ).toContain('edema');
  });
});

describe('unet import and apply', () => {
  const names = path.join(scratch(), 'weights.safetensors');
  const inputs = path.join(scratch(), 'in.safetensors');
  const imported = path.join(scratch(), 'imported');

  it('make a run of weights and compute with it', async () => {
    const { tensors } = await readSafetensors(path.join(run, 'checkpoints', 'last.safetensors'));
    const weights = new Map([...tensors].filter(([name]) => !name.includes('/')));
    writeFileSync(names, encodeSafetensors(weights));
    const said = await succeeds(['import', dalight, ...narrow, '--weights', names, '-o', imported, '--patch', '8,8,8']);
    expect(said).toContain(`${weights.size} weights`);
    const scan: HostTensor = {
      shape: [1, 4, 8, 8, 8],
      data: Float32Array.from({ length: 2048 }, (_, i) => Math.sin(i)),
    };
    const target: HostTensor = { shape: [1, 8, 8, 8], data: Int32Array.from({ length: 512 }, (_, i) => i % 4) };
    writeFileSync(
      inputs,
      encodeSafetensors(
        new Map([
          ['scan', scan],
          ['target', target],
        ]),
      ),
    );
    const out = path.join(scratch(), 'out.safetensors');
    expect(await succeeds(['apply', imported, '--inputs', inputs, '-o', out, '--gradients', '--steps', '2'])).toBe(
      `${out}\n`,
    );
    const found = (await readSafetensors(out)).tensors;
    expect(found.get('logits')?.shape).toEqual([1, 4, 8, 8, 8]);
    expect(found.get('probabilities')?.shape).toEqual([1, 4, 8, 8, 8]);
    expect(
      [...found.keys()].filter((name) => weights.has(name)).length +
        [...found.keys()].filter((name) => name.startsWith('gradient')).length,
    ).toBeGreaterThanOrEqual(weights.size);
    expect([...found.values()].some(({ shape }) => shape.join() === '3')).toBe(true);
  });

  it('name every weight that is missing or of another shape', async () => {
    const message = await refuses(1, [
      'import',
      dalight,
      ...narrow,
      '--set',
      'csa=off',
      '--set',
      'width=16',
      '--weights',
      names,
      '-o',
      path.join(scratch(), 'no'),
    ]);
    expect(message).toContain(`error UNET6052: The weights in \`${names}\` do not fit`);
    expect(message).toMatch(/\d+ of \d+ weights of the network have a tensor among \d+/);
    expect(message).toMatch(
      /another shape:\n +encoder\.stem\.conv\.weight +\[16, [\d, ]+\] +`encoder\.stem\.conv\.weight` \[8, /,
    );
    expect(existsSync(path.join(scratch(), 'no'))).toBe(false);
  });

  it('refuse a file that is no safetensors, and one that is not there', async () => {
    const spec = path.join(data, 'dataset.json');
    expect(await refuses(1, ['import', dalight, '--weights', spec, '-o', path.join(scratch(), 'no')])).toContain(spec);
    expect(await refuses(1, ['apply', run, '--inputs', 'nowhere.safetensors', '-o', 'x'])).toContain(
      'nowhere.safetensors',
    );
    expect(await refuses(1, ['import', dalight, '--weights', names, '--map', 'nowhere.json', '-o', 'x'])).toContain(
      'nowhere.json',
    );
  });
});

describe('unet quickstart', () => {
  it('runs a study on phantoms; stopped, it shows what is done by then', { timeout: 300_000 }, async () => {
    const out = path.join(scratch(), 'quick');
    // Data that are there are not drawn again; small ones keep this short.
    await synthesize(path.join(out, 'data'), { cases: 4, size: [32, 32, 32], seed: 1 });
    const quickstart = startUnet(['quickstart', '-o', out, '--steps', '1', '--jobs', '1']);
    await quickstart.saw('done 1/12');
    quickstart.child.kill('SIGINT');
    const { code, stdout } = await quickstart.ended;
    expect(code).toBe(130);
    for (const row of ['Narrow (base)', 'NoCSA', 'NoSSFB', 'Incomplete']) expect(stdout).toContain(row);
    expect(stdout).toContain(path.join(out, 'study/report.html'));
    expect(existsSync(path.join(out, 'study/report.html'))).toBe(true);
    expect(await succeeds(['study', 'verify', path.join(out, 'study')])).toContain('match their checksums');
  });
});
