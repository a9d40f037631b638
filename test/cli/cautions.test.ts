/** What makes a result mislead is reported where the result is shown, by the command as users run it. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RunStatus } from '../../runtime/run/run-info.js';
import { changeInfo } from './change-info.js';
import { copyData, makeData, tinySpec, writeSpec } from './tiny.js';
import { refuses, scratch, succeeds, unet } from './run-unet.js';

const at = (name: string): string => path.join(scratch(), name);
const run = at('run');
let data: string;
let spec: string;

interface Told {
  readonly cautions: readonly { readonly code: string; readonly cases: readonly string[] }[];
}

const codes = (told: string): string[] => (JSON.parse(told) as Told).cautions.map(({ code }) => code);

/** A copy of the run with another status. */
function withStatus(status: RunStatus): string {
  const copy = at(status);
  cpSync(run, copy, { recursive: true });
  changeInfo(copy, () => ({ status }));
  return copy;
}

const train = (folder: string, name: string, ...flags: string[]): string[] => [
  'train',
  spec,
  '--data',
  folder,
  '-o',
  at(name),
  '--validation',
  'PHANTOM_002,PHANTOM_006',
  '--steps',
  '4',
  ...flags,
];

beforeAll(async () => {
  data = await makeData();
  spec = writeSpec('tiny.unet', tinySpec);
  await succeeds(train(data, 'run'));
});

describe('unet evaluate', () => {
  it('refuses a training case, and marks it in every form of the report where it is allowed', async () => {
    const scored = ['evaluate', run, '--data', data, '--case', 'PHANTOM_001', '--case', 'PHANTOM_006'];
    const refusal = await refuses(1, scored);
    expect(refusal).toMatch(/UNET6031: The network was trained on 1 of 2 cases to score: `PHANTOM_001`\./);
    expect(refusal).toContain('--allow-training-cases');
    const csv = (await succeeds([...scored, '--allow-training-cases', '--format', 'csv'])).split('\n');
    expect(csv.find((line) => line.startsWith('PHANTOM_001'))).toMatch(/,UNET6031$/);
    expect(csv.find((line) => line.startsWith('PHANTOM_006'))).toMatch(/,$/);
    const { stdout, stderr } = await unet([...scored, '--allow-training-cases']);
    expect(stderr).toContain('warning UNET6031');
    expect(stdout).toMatch(/Cautions:\n- UNET6031: /);
  });

  it('refuses a run that is not finished, and says so in the report where it is allowed', async () => {
    const diverged = withStatus('diverged');
    const scored = ['evaluate', diverged, '--data', data, '--case', 'PHANTOM_006', '--json'];
    const { code, stdout } = await unet(scored);
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { error: { code: 'UNET6085' } }]);
    expect(codes(await succeeds([...scored, '--allow-unfinished']))).toEqual(['UNET6085']);
    const out = at('mask.nii.gz');
    const told = await unet(['predict', diverged, '--data', data, '--case', 'PHANTOM_006', '-o', out, '--json']);
    expect(told.stderr).toMatch(/warning UNET6085: .* its training diverged\./);
    expect(codes(told.stdout)).toEqual(['UNET6085']);
  });
});

describe('unet train', () => {
  it('records a training whose loss is not finite as diverged', async () => {
    // Intensities that overflow float32 make every loss NaN.
    const text = tinySpec.replace('noise(0.05)', Array(5).fill('scale(1e9)').join(', '));
    const [, , ...flags] = train(data, 'nan');
    const message = await refuses(1, ['train', writeSpec('overflow.unet', text), ...flags]);
    expect(message).toContain('UNET6050');
    expect(JSON.parse(readFileSync(path.join(at('nan'), 'run.json'), 'utf8'))).toMatchObject({ status: 'diverged' });
  });

  it('warns of untrained values, constant channels and copies, and keeps it in the run', async () => {
    const odd = await copyData(data, 'odd');
    const table = path.join(odd, 'cases.csv');
    const rows = readFileSync(table, 'utf8');
    writeFileSync(
      table,
      rows.replace(/PHANTOM_002,\w+/, 'PHANTOM_002,east').replace(/PHANTOM_006,\w+/, 'PHANTOM_006,'),
    );
    const wide = writeSpec('wide.unet', tinySpec.replace('identifier(3)', 'identifier(4)'));
    const [, , ...flags] = train(odd, 'odd-run', '--json');
    const { code, stdout, stderr } = await unet(['train', wide, ...flags]);
    expect(code).toBe(0);
    expect(stderr.match(/^warning UNET6041: 1 of 2 cases held out \(`PHANTOM_002`\)/gm)).toHaveLength(1);
    expect(stderr.match(/^warning UNET6042: 1 of 2 cases held out \(`PHANTOM_006`\)/gm)).toHaveLength(1);
    expect(codes(stdout)).toEqual(['UNET6041', 'UNET6042']);
    const info = JSON.parse(readFileSync(path.join(at('odd-run'), 'run.json'), 'utf8')) as Told;
    expect(info.cautions.map(({ cases }) => cases)).toEqual([['PHANTOM_002'], ['PHANTOM_006']]);
  });

  it('refuses two cases with one label before it makes a folder', async () => {
    const shared = await copyData(data, 'shared');
    const file = path.join(shared, 'dataset.json');
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('labelsTr/PHANTOM_003', 'labelsTr/PHANTOM_004'));
    const message = await refuses(1, train(shared, 'shared-run'));
    expect(message).toMatch(/UNET6032: Cases `PHANTOM_003`, `PHANTOM_004` have the same label/);
    expect(codes(await succeeds(train(shared, 'shared-run', '--allow-shared-labels', '--json')))).toEqual(['UNET6032']);
  });

  it('tells on resume that the data set has changed', async () => {
    const changed = await copyData(data, 'changed');
    cpSync(path.join(changed, 'imagesTr/PHANTOM_004.nii.gz'), path.join(changed, 'imagesTr/PHANTOM_003.nii.gz'));
    const { stderr, code } = await unet(['train', spec, '--data', changed, '-o', run, '--resume']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning UNET6036: The images of `PHANTOM_003` differ from the files that the run recorded/);
  });
});
