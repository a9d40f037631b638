import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openPrepared } from '../../../runtime/data/cache.js';
import { checkDataset } from '../../../runtime/data/check.js';
import { formatCheckReport } from '../../../runtime/data/check-text.js';
import { findCase, openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { loadCase } from '../../../runtime/data/load-case.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { writeNifti } from '../../../runtime/data/nifti-write.js';
import type { Dataset } from '../../../runtime/data/types.js';
import { readMasks, scoreMask } from '../../../runtime/metrics/score-masks.js';
import {
  caseName,
  describeModel,
  labelOf,
  MODALITIES,
  put,
  readAll,
  temporaryFolder,
  tinySet,
  userErrorOf,
  type Shape,
} from './make.js';
import { storedGrid } from './make.js';
import { asBrats, asCsv, asNnunet } from './make-layouts.js';

const root = temporaryFolder();
const shape: Shape = [6, 8, 10];
const table = 'case,site,age\nCASE_00,a,40\nCASE_01,b,50\nCASE_02,a,\n';
const folders = ['decathlon', 'nnunet', 'brats', 'brats23', 'csv'] as const;
type Folder = (typeof folders)[number];
const at = (name: Folder): string => join(root, name);
const description = describeModel();
const preparation = { normalize: { kind: 'zscore', over: 'nonzero' }, ...storedGrid } as const;

let count = 0;
/** A copy of a folder to spoil. */
function copy(name: Folder): string {
  const to = join(root, `copy${count++}`);
  cpSync(at(name), to, { recursive: true });
  return to;
}

beforeAll(async () => {
  const dir = tinySet(at('decathlon'), { shape, table });
  await asNnunet(dir, at('nnunet'));
  await asBrats(dir, at('brats'), 2021);
  await asBrats(dir, at('brats23'), 2023);
  await asCsv(dir, at('csv'));
});

describe('the same cases in every layout', () => {
  let decathlon: Dataset;
  beforeAll(async () => {
    decathlon = await openDataset(at('decathlon'));
  });

  it.each(folders)('%s: are found with their columns, prepared and loaded alike', async (name) => {
    const dataset = await openDataset(at(name));
    expect(dataset.layout).toBe(name === 'brats23' ? 'brats' : name);
    expect(dataset.cases.map(({ id, columns }) => [id, columns])).toEqual(
      decathlon.cases.map(({ id, columns }) => [id, columns]),
    );
    expect(dataset.columns).toEqual(['site', 'age']);
    for (const { id } of decathlon.cases) {
      const { label: _, labelCounts: __, ...expected } = await decodeCase(decathlon, findCase(decathlon, id));
      const { label: ___, labelCounts: ____, ...found } = await decodeCase(dataset, findCase(dataset, id));
      expect(found).toEqual(expected);
      const load = (set: Dataset) => loadCase(set, id, matchInputs(set, description), preparation);
      const [own, other] = [await load(dataset), await load(decathlon)];
      expect(own.inputs).toEqual(other.inputs);
      expect(own.label).toEqual(other.label);
    }
  });

  it.each(folders)('%s: are read through the folder of prepared cases', async (name) => {
    const dataset = await openDataset(at(name));
    const each = dataset.cases[1]!;
    const [own, direct] = [await openPrepared(join(root, 'cache'), dataset, each), await decodeCase(dataset, each)];
    const box = { origin: [0, 0, 0], size: own.geometry.shape } as const;
    const { image, label } = await readAll(own, box, [0, 1, 2, 3]);
    expect(image).toEqual(Float32Array.from(direct.image));
    expect(label).toEqual(direct.label);
  });

  it.each(folders)('%s: a mask with the values of the data set has the same scores', async (name) => {
    const dataset = await openDataset(at(name));
    const { values } = matchInputs(dataset, description);
    const masks = join(root, 'masks', name);
    const id = caseName(0);
    // Classes in the network's order, shifted by a row, so that every class overlaps in part.
    const predicted = labelOf(shape).map((_, i, all) => all[(i + 10) % all.length]!);
    const { geometry } = await decodeCase(dataset, findCase(dataset, id));
    await writeNifti(
      join(masks, `${id}.nii.gz`),
      predicted.map((value) => values[value]!),
      geometry,
    );
    const found = await readMasks(masks, dataset, []);
    expect(found.cautions).toMatchObject([{ code: 'UNET6190', cases: [caseName(1), caseName(2)] }]);
    const { rows } = await scoreMask(dataset, findCase(dataset, id), found.masks.get(id)!);
    const classOf = (value: number) => dataset.labels.find((label) => label.value === values[value])!.name;
    const dice = [1, 2, 3].map((value) => rows.find((row) => row.class === classOf(value))!.dice);
    expect(dice.map((score) => score!.toFixed(6))).toEqual(expectedDice(predicted, labelOf(shape)));
  });

  it('state the layout, the precedence and what is assumed', async () => {
    const text = formatCheckReport(await checkDataset(at('brats')));
    expect(text).toContain('layout: BraTS folders');
    expect(text).toMatch(/assumed.*1 necrotic core \(NCR\), 2 edema \(ED\), 4 enhancing tumour \(ET\)/);
    expect(formatCheckReport(await checkDataset(at('brats23')))).toMatch(/3 enhancing tumour \(ET\)/);
    const both = copy('brats');
    cpSync(at('nnunet'), both, { recursive: true });
    const report = await checkDataset(both);
    expect(report).toMatchObject({ layout: 'nnunet', alsoMatches: ['brats'], assumptions: [] });
    expect(formatCheckReport(report)).toContain(
      'layout: nnU-Net v2; it also matches BraTS folders, which nnU-Net v2 precedes',
    );
    for (const name of folders) expect((await checkDataset(at(name))).problems, name).toEqual([]);
  });
});

/** Dice of classes 1 to 3, computed here from the definition. */
function expectedDice(predicted: Uint8Array, truth: Uint8Array): string[] {
  return [1, 2, 3].map((value) => {
    const [a, b] = [predicted, truth].map((volume) => volume.filter((each) => each === value).length);
    const both = predicted.filter((each, i) => each === value && truth[i] === value).length;
    return ((2 * both) / (a! + b!)).toFixed(6);
  });
}

describe('layouts in detail', () => {
  it('nnU-Net: listed cases, test images, regions and an ignored value', async () => {
    const dir = copy('nnunet');
    const file = join(dir, 'dataset.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    mkdirSync(join(dir, 'imagesTs'));
    for (const k of [0, 1, 2, 3]) {
      cpSync(join(dir, `imagesTr/CASE_00_000${k}.nii.gz`), join(dir, `imagesTs/T_000${k}.nii.gz`));
    }
    const images = [0, 1, 2, 3].map((k) => `imagesTr/CASE_01_000${k}.nii.gz`);
    const labels = { background: 0, whole: [1, 2, 3], core: [2, 3], active: 3, ignore: 4 };
    const dataset = { first: { images, label: 'labelsTr/CASE_01.nii.gz' } };
    writeFileSync(file, JSON.stringify({ ...json, labels, dataset, numTraining: 1 }));
    const found = await openDataset(dir);
    expect(found.cases.map(({ id }) => id)).toEqual(['first']);
    expect(found.unlabelled.map(({ id }) => id)).toEqual(['T']);
    expect(found).toMatchObject({
      ignore: 4,
      labels: [{ name: 'background' }, { name: 'label 1' }, { name: 'label 2' }, { name: 'active', value: 3 }],
      regions: [
        { name: 'whole', values: [1, 2, 3] },
        { name: 'core', values: [2, 3] },
        { name: 'active', values: [3] },
      ],
    });
    const classes = await userErrorOf(() => matchInputs(found, description));
    expect([classes.code, classes.help]).toEqual([
      'UNET6022',
      'Declare the output as `regions(`whole`: [1, 2, 3], `core`: [2, 3], `active`: [3])`.',
    ]);
    const regions = (core: number[]) => {
      const region = [
        { name: 'whole', values: [1, 2, 3] },
        { name: 'core', values: core },
      ];
      return describeModel({ outputs: [{ name: 'mask', kind: 'regions', labels: region, auxiliary: 0 }] });
    };
    expect(matchInputs(found, regions([3, 2])).targets[2]).toBe(2);
    expect((await userErrorOf(() => matchInputs(found, regions([1, 3])))).message).toMatch(/`core`.* 1, 3, but.* 2, 3/);
    const own: Shape = [6, 8, 11];
    put(join(dir, 'labelsTr/CASE_01.nii.gz'), labelOf(own).fill(4, 0, 7), own);
    const ignored = await userErrorOf(() => decodeCase(found, findCase(found, 'first')));
    expect([ignored.code, ignored.message]).toEqual([
      'UNET6188',
      expect.stringMatching(/`first`.*7 voxels.*4 \(`ignore`\)/),
    ]);
  });

  it('BraTS: folders of grades, names without the case, other contrasts, names of classes', async () => {
    const dir = copy('brats');
    mkdirSync(join(dir, 'HGG'));
    renameSync(join(dir, 'CASE_00'), join(dir, 'HGG/CASE_00'));
    renameSync(join(dir, 'CASE_01/CASE_01_t1ce.nii.gz'), join(dir, 'CASE_01/t1ce.nii.gz'));
    for (const id of ['HGG/CASE_00', 'CASE_01', 'CASE_02'])
      cpSync(join(dir, id, `${id.slice(-7)}_t2.nii.gz`), join(dir, id, 'adc.nii.gz'));
    cpSync(join(dir, 'CASE_02/CASE_02_t2.nii.gz'), join(dir, 'CASE_02/CASE_02_draft.nii.gz'));
    writeFileSync(
      join(dir, 'labels.csv'),
      'value,name\n0,background\n2,edema\n1,non-enhancing tumor\n4,enhancing tumour\n',
    );
    const dataset = await openDataset(dir);
    expect(dataset.cases.map(({ id }) => id)).toEqual(['CASE_00', 'CASE_01', 'CASE_02']);
    expect(dataset.modalities).toEqual(['flair', 't1', 't1ce', 't2', 'adc']);
    expect(dataset.assumptions).toEqual([]);
    expect(dataset.labels.map(({ name }) => name)).toEqual([
      'background',
      'non-enhancing tumor',
      'edema',
      'enhancing tumour',
    ]);
  });

  it('a CSV: a file of any name, unlabelled cases', async () => {
    const dir = copy('csv');
    const text = readFileSync(join(dir, 'cases.csv'), 'utf8').replace('scans/CASE_01-truth.nii.gz', '');
    writeFileSync(join(dir, 'cohort.csv'), text);
    const dataset = await openDataset(join(dir, 'cohort.csv'));
    expect(dataset).toMatchObject({ name: 'cohort', layout: 'csv', modalities: MODALITIES });
    expect(dataset.unlabelled.map(({ id }) => id)).toEqual(['CASE_01']);
    // cases.csv of a Decathlon folder has no paths and is not a layout of its own.
    expect((await openDataset(at('decathlon'))).alsoMatches).toEqual([]);
  });

  it('a folder of images takes the names from the run', async () => {
    const dir = join(at('nnunet'), 'imagesTr');
    const names = { channels: MODALITIES, labels: [] };
    const dataset = await openDataset(dir, undefined, names);
    expect(dataset.unlabelled.map(({ id, images }) => [id, images.length])).toEqual(
      [0, 1, 2].map((k) => [caseName(k), 4]),
    );
    expect((await userErrorOf(() => openDataset(dir))).message).toMatch(/nothing states their channels/);
    const few = await userErrorOf(() => openDataset(dir, undefined, { channels: ['CT', 'PET'], labels: [] }));
    expect([few.code, few.message]).toEqual([
      'UNET6186',
      expect.stringMatching(/`CASE_00` has 4 image files.*2 channels/),
    ]);
  });
});

describe('input that is rejected, with case and file:', () => {
  type Spoil = (dir: string) => void;
  const rewrite =
    (name: string, change: (text: string) => string): Spoil =>
    (dir) => {
      writeFileSync(join(dir, name), change(readFileSync(join(dir, name), 'utf8')));
    };
  const wrong: [string, Folder, Spoil, string, RegExp][] = [
    [
      'no layout',
      'brats',
      (dir) => ['CASE_00', 'CASE_01', 'CASE_02'].forEach((id) => rmSync(join(dir, id), { recursive: true })),
      'UNET6001',
      /no layout of data sets matches/,
    ],
    [
      'a contrast missing in one case',
      'brats',
      (dir) => rmSync(join(dir, 'CASE_01/CASE_01_t1ce.nii.gz')),
      'UNET6186',
      /CASE_01.*no file for `t1ce`.*CASE_01_t1ce/,
    ],
    [
      'a channel missing in one case',
      'nnunet',
      (dir) => rmSync(join(dir, 'imagesTr/CASE_01_0002.nii.gz')),
      'UNET6186',
      /`CASE_01` has no file for `t1gd`.*imagesTr\/CASE_01_0002/,
    ],
    [
      'a label without images',
      'nnunet',
      (dir) => renameSync(join(dir, 'labelsTr/CASE_01.nii.gz'), join(dir, 'labelsTr/X.nii.gz')),
      'UNET6186',
      /`X` has no file/,
    ],
    [
      'a label that is missing',
      'nnunet',
      (dir) => rmSync(join(dir, 'labelsTr/CASE_01.nii.gz')),
      'UNET6002',
      /`numTraining` is 3, but there are 2/,
    ],
    [
      'another file ending',
      'nnunet',
      rewrite('dataset.json', (text) => text.replace('.nii.gz', '.png')),
      'UNET6002',
      /`file_ending` is `.png`/,
    ],
    [
      'one value for two classes',
      'nnunet',
      rewrite('dataset.json', (text) => text.replace('"edema":1', '"edema":2')),
      'UNET6002',
      /value 2 to both/,
    ],
    [
      'one case in two folders',
      'brats',
      (dir) => cpSync(join(dir, 'CASE_01'), join(dir, 'LGG/CASE_01'), { recursive: true }),
      'UNET6021',
      /lists case `CASE_01` twice/,
    ],
    [
      'images under another name than their folder',
      'brats',
      (dir) => renameSync(join(dir, 'CASE_01'), join(dir, 'OTHER')),
      'UNET6186',
      /case `OTHER` has no file for `flair`, `t1`, `t1ce`, `t2`/,
    ],
    [
      'classes of another kind',
      'brats',
      (dir) => {
        for (const name of ['flair', 't1', 't1ce', 't2', 'seg']) {
          mkdirSync(join(dir, 'PED_1'), { recursive: true });
          renameSync(join(dir, `CASE_01/CASE_01_${name}.nii.gz`), join(dir, `PED_1/PED_1_${name}.nii.gz`));
        }
      },
      'UNET6187',
      /has labels, but nothing states/,
    ],
    ['labels without names', 'csv', (dir) => rmSync(join(dir, 'labels.csv')), 'UNET6187', /cases\.csv` has labels/],
    [
      'an empty path',
      'csv',
      rewrite('cases.csv', (text) => text.replace('scans/CASE_01-1.nii.gz', '')),
      'UNET6186',
      /case `CASE_01` has no file for `T1w`/,
    ],
    [
      'a path that leaves',
      'csv',
      rewrite('cases.csv', (text) => text.replace('scans/CASE_01-1', '../CASE_01-1')),
      'UNET6004',
      /\.\.\/CASE_01-1/,
    ],
    [
      'an absolute path',
      'csv',
      rewrite('cases.csv', (text) => text.replace('scans/CASE_01-1', '/etc/CASE_01-1')),
      'UNET6004',
      /\/etc\/CASE_01/,
    ],
    [
      'an id that leaves',
      'csv',
      rewrite('cases.csv', (text) => text.replace('\nCASE_01,', '\n../CASE_01,')),
      'UNET6189',
      /`\.\.\/CASE_01`/,
    ],
    [
      'a case twice',
      'csv',
      rewrite('cases.csv', (text) => text.replace('\nCASE_01,', '\nCASE_00,')),
      'UNET6015',
      /duplicate case `CASE_00`/,
    ],
    [
      'a class without a name',
      'csv',
      rewrite('labels.csv', (text) => text.replace('edema', '')),
      'UNET6015',
      /labels\.csv.*`1,`/,
    ],
    [
      'a value listed twice',
      'csv',
      rewrite('labels.csv', (text) => text.replace('2,', '1,')),
      'UNET6015',
      /value 1 is listed twice/,
    ],
  ];
  it.each(wrong)('%s (%s)', async (_, name, spoil, code, part) => {
    const dir = copy(name);
    spoil(dir);
    const error = await userErrorOf(() => openDataset(dir));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(part)]);
    expect(error.help).toMatch(/^[A-Z`].{10,}\.$/s);
  });

  it('keeps the other cases if the caller collects problems', async () => {
    const dir = copy('brats');
    rmSync(join(dir, 'CASE_01/CASE_01_t1ce.nii.gz'));
    const codes: string[] = [];
    const { cases } = await openDataset(dir, ({ code }) => codes.push(code));
    expect([codes, cases.map(({ id }) => id)]).toEqual([['UNET6186'], ['CASE_00', 'CASE_02']]);
  });

  it('a channel, a label and a mask on another grid, a channel of 4 dimensions', async () => {
    const dir = copy('nnunet');
    const other: Shape = [6, 8, 20];
    const refused = async (code: string, part: RegExp) => {
      const dataset = await openDataset(dir);
      const error = await userErrorOf(() => decodeCase(dataset, findCase(dataset, 'CASE_01')));
      expect([error.code, error.message]).toEqual([code, expect.stringMatching(part)]);
    };
    const label = readFileSync(join(dir, 'labelsTr/CASE_01.nii.gz'));
    put(join(dir, 'labelsTr/CASE_01.nii.gz'), labelOf(other), other);
    await refused('UNET6009', /`CASE_01`.*labelsTr\/CASE_01.*6 x 8 x 20.*6 x 8 x 11/);
    const dataset = await openDataset(at('nnunet'));
    const mask = join(dir, 'labelsTr/CASE_01.nii.gz');
    const error = await userErrorOf(() => scoreMask(dataset, findCase(dataset, 'CASE_01'), mask));
    expect([error.code, error.message]).toEqual(['UNET6082', expect.stringMatching(/CASE_01.*6 x 8 x 20.*6 x 8 x 11/)]);
    writeFileSync(join(dir, 'labelsTr/CASE_01.nii.gz'), label);
    const channel = join(dir, 'imagesTr/CASE_01_0002.nii.gz');
    put(channel, new Int16Array(6 * 8 * 20), other);
    await refused('UNET6185', /`CASE_01`.*CASE_01_0002.*6 x 8 x 20.*6 x 8 x 11/);
    put(channel, new Int16Array(2 * 6 * 8 * 11), [6, 8, 11], 2);
    await refused('UNET6008', /`CASE_01`.*CASE_01_0002.*2 channels.*only `t1gd`/);
  });

  it('masks without a case, with another value, or none at all', async () => {
    const dataset = await openDataset(at('decathlon'));
    const masks = join(root, 'odd');
    mkdirSync(masks);
    expect((await userErrorOf(() => readMasks(masks, dataset, []))).code).toBe('UNET6190');
    put(join(masks, 'OTHER.nii.gz'), labelOf(shape), shape);
    put(join(masks, 'CASE_00.nii.gz'), labelOf(shape).fill(9, 0, 3), shape);
    const { cautions } = await readMasks(masks, dataset, []);
    expect(cautions.map((caution) => caution.message)).toEqual([
      expect.stringMatching(/2 of 3 labelled cases.*`CASE_01`, `CASE_02`/),
      expect.stringMatching(/no labelled case.*`OTHER`/),
    ]);
    const named = await userErrorOf(() => readMasks(masks, dataset, ['CASE_00', 'CASE_01']));
    expect([named.code, named.message]).toEqual(['UNET6190', expect.stringMatching(/no mask of `CASE_01`/)]);
    const value = await userErrorOf(() =>
      scoreMask(dataset, findCase(dataset, 'CASE_00'), join(masks, 'CASE_00.nii.gz')),
    );
    expect([value.code, value.message]).toEqual(['UNET6012', expect.stringMatching(/CASE_00.*9 \(3 voxels\)/)]);
  });
});
