import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCase, openDataset } from '../../../runtime/data/dataset.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { suggestNames } from '../../../runtime/data/names.js';
import type { ModelDescription } from '../../../contract/model-description.js';
import { CLASSES, MODALITIES, describeModel, temporaryFolder, tinySet, userErrorOf } from './make.js';

const root = temporaryFolder();
let count = 0;
const folder = (): string => join(root, `set${count++}`);

describe('openDataset', () => {
  it('reads names in order, cases sorted by id, and columns', async () => {
    const dir = tinySet(folder(), { table: '\uFEFFcase,site,age\nCASE_01, b ,40\nCASE_00,a,\n' });
    const dataset = await openDataset(dir);
    expect(dataset.modalities).toEqual(MODALITIES);
    expect(dataset.labels.map(({ name }) => name)).toEqual(CLASSES);
    expect(dataset.cases.map(({ id }) => id)).toEqual(['CASE_00', 'CASE_01', 'CASE_02']);
    expect(dataset.columns).toEqual(['site', 'age']);
    expect(dataset.cases.map(({ columns }) => columns)).toEqual([{ site: 'a', age: '' }, { site: 'b', age: '40' }, {}]);
    expect(dataset.cases[0]?.images[0]).toBe(join(dir, 'imagesTr', 'CASE_00.nii.gz'));
  });

  it('leaves out the `._` files of a Mac, and lists test images', async () => {
    const dir = tinySet(folder(), {
      cases: 1,
      json: {
        training: [
          { image: './imagesTr/._A.nii.gz', label: './labelsTr/._A.nii.gz' },
          { image: './imagesTr/A.nii.gz', label: './labelsTr/A.nii.gz' },
        ],
        test: ['./imagesTs/B.nii.gz', './imagesTs/._B.nii.gz', { image: 'imagesTs/C.nii' }],
      },
    });
    const dataset = await openDataset(dir);
    expect(dataset.cases.map(({ id }) => id)).toEqual(['A']);
    expect(dataset.unlabelled.map(({ id }) => id)).toEqual(['B', 'C']);
  });

  it('orders modalities and labels by number, not by text', async () => {
    const modality = Object.fromEntries(Array.from({ length: 12 }, (_, k) => [String(11 - k), `m${11 - k}`]));
    const dataset = await openDataset(tinySet(folder(), { json: { modality } }));
    expect(dataset.modalities[10]).toBe('m10');
  });

  const broken: [string, Record<string, unknown>, string, RegExp][] = [
    ['no modality', { modality: undefined }, 'UNET6002', /`modality`/],
    ['a gap in the modalities', { modality: { 0: 'a', 2: 'b' } }, 'UNET6002', /numbered 0 to 1/],
    [
      'two keys of one modality',
      { modality: { 0: 'a', 1: 'b', '01': 'c' } },
      'UNET6002',
      /`modality` has the invalid key `01`/,
    ],
    [
      'two keys of one label',
      { labels: { 0: 'a', 1: 'b', '01': 'c' } },
      'UNET6002',
      /`labels` has the invalid key `01`/,
    ],
    ['a zero written twice', { labels: { '00': 'a', 1: 'b' } }, 'UNET6002', /`labels` has the invalid key `00`/],
    [
      'a label that is not a number',
      { labels: { 0: 'a', tumour: '1' } },
      'UNET6002',
      /`labels` has the invalid key `tumour`/,
    ],
    ['labels that are a list', { labels: ['a', 'b'] }, 'UNET6002', /`labels`/],
    ['a label above a byte', { labels: { 0: 'a', 300: 'b' } }, 'UNET6002', /300/],
    ['two labels with one name', { labels: { 0: 'a', 1: 'x-y', 2: 'X y' } }, 'UNET6002', /`x-y` and `X y`/],
    ['a training entry without label', { training: [{ image: 'a.nii' }] }, 'UNET6002', /training.0.label/],
    ['a path that leaves', { training: [{ image: '../a.nii.gz', label: 'b.nii.gz' }] }, 'UNET6004', /\.\.\/a\.nii\.gz/],
    ['the folder above', { training: [{ image: 'a.nii.gz', label: '..' }] }, 'UNET6004', /`\.\.`/],
    ['an absolute path', { training: [{ image: 'a.nii', label: '/etc/passwd' }] }, 'UNET6004', /\/etc\/passwd/],
    [
      'a case listed twice',
      {
        training: [
          { image: 'x/a.nii', label: 'l' },
          { image: 'y/a.nii.gz', label: 'l' },
        ],
      },
      'UNET6021',
      /`a` twice/,
    ],
  ];
  it.each(broken)('refuses %s', async (_, json, code, part) => {
    const dir = tinySet(folder(), { json });
    const error = await userErrorOf(() => openDataset(dir));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(part);
    expect(error.message).toContain(join(dir, 'dataset.json'));
  });

  it('refuses a key that is repeated, wherever it is and however it is escaped', async () => {
    const dir = tinySet(folder());
    const file = join(dir, 'dataset.json');
    const sound = readFileSync(file, 'utf8');
    const repeat = async (labels: string): Promise<string> => {
      const text = JSON.stringify({ ...(JSON.parse(sound) as object), labels: 'LABELS' });
      writeFileSync(file, text.replace('"LABELS"', labels));
      return (await userErrorOf(() => openDataset(dir))).message;
    };
    expect(await repeat('{"0": "a", "1": "b",\n "1" : "c"}')).toMatch(/the key `1` is repeated in line 2/);
    expect(await repeat('{"0": "a", "1": "b", "\\u0031": "c"}')).toMatch(/the key `1` is repeated in line 1/);
    expect(await repeat('{"0": "a", "1": "b"}, "name": "x"')).toMatch(/the key `name` is repeated/);
    writeFileSync(file, sound.replace('{', '{ "info": [{ "a": "a" }, { "a": "\\"a\\":{", "b": "a" }],'));
    expect((await openDataset(dir)).cases).toHaveLength(3);
  });

  it('refuses what is no JSON and what is no data set', async () => {
    const dir = tinySet(folder());
    writeFileSync(join(dir, 'dataset.json'), '{ "modality": ');
    expect((await userErrorOf(() => openDataset(dir))).code).toBe('UNET6002');
    const none = folder();
    expect((await userErrorOf(() => openDataset(none))).code).toBe('UNET6001');
    mkdirSync(none);
    const error = await userErrorOf(() => openDataset(none));
    expect([error.code, error.message.includes(none)]).toEqual(['UNET6001', true]);
  });

  const tables: [string, string, RegExp][] = [
    ['another first column', 'id,site\nCASE_00,a\n', /must be `case`, got `id`/],
    ['a case twice', 'case,site\nCASE_00,a\nCASE_00,b\n', /duplicate case `CASE_00`/],
    ['a short row', 'case,site\nCASE_00\n', /line 2/],
    ['a column twice', 'case,site,site\n', /duplicate column `site`/],
    ['an open quote', 'case,site\n"CASE_00,a\n', /[Qq]uote/],
    ['nothing', '', /empty/],
  ];
  it.each(tables)('refuses a cases.csv with %s', async (_, table, part) => {
    const error = await userErrorOf(() => openDataset(tinySet(folder(), { table })));
    expect(error.code).toBe('UNET6015');
    expect(error.message).toMatch(part);
    expect(error.message).toContain('cases.csv');
  });

  it('finds a case, or says which there are', async () => {
    const dataset = await openDataset(tinySet(folder()));
    expect(findCase(dataset, 'CASE_01').id).toBe('CASE_01');
    const near = await userErrorOf(() => findCase(dataset, 'CASE_10'));
    expect([near.code, near.help]).toEqual([
      'UNET6018',
      expect.stringContaining('Did you mean `CASE_00` or `CASE_01`'),
    ]);
    expect((await userErrorOf(() => findCase(dataset, 'other'))).help).toContain('`CASE_02`');
  });
});

describe('matchInputs', () => {
  const model = (channels: readonly string[], classes: readonly string[]): ModelDescription =>
    describeModel({
      inputs: [{ kind: 'image', name: 'scan', channels, axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }] }],
      outputs: [
        {
          name: 'mask',
          kind: 'classes',
          labels: classes.map((name, k) => ({ name, values: [k] })),
          auxiliary: 0,
        },
      ],
    });

  it('takes channels in the network’s order and numbers classes as it does', async () => {
    const dataset = await openDataset(tinySet(folder()));
    const classes = ['Background', 'ENHANCING_TUMOUR', 'edema', 'non enhancing tumor'];
    const matching = matchInputs(dataset, model(['t2W', 'FLAIR'], classes));
    expect(matching.images).toEqual([{ input: 'scan', channels: [3, 0] }]);
    expect([...matching.targets.slice(0, 5)]).toEqual([0, 2, 3, 1, 255]);
    expect([...matching.values.slice(0, 4)]).toEqual([0, 3, 1, 2]);
  });

  it('prefers the exact name', async () => {
    const modality = { 0: 'A-b', 1: 'c' };
    const dataset = await openDataset(tinySet(folder(), { json: { modality } }));
    expect(matchInputs(dataset, model(['c', 'a_B'], CLASSES)).images[0]?.channels).toEqual([1, 0]);
  });

  it('names every missing modality, what there is, and what is near', async () => {
    const dataset = await openDataset(tinySet(folder()));
    const two = await userErrorOf(() => matchInputs(dataset, model(['DWI', 'FLAIR', 'ADC'], CLASSES)));
    expect(two.code).toBe('UNET6010');
    expect(two.message).toContain('`DWI`, `ADC`');
    expect(two.help).toContain('`FLAIR`, `T1w`, `t1gd`, `T2w`');
    const one = await userErrorOf(() => matchInputs(dataset, model(['FLAIRE'], CLASSES)));
    expect(one.help).toMatch(/^Did you mean `FLAIR`\?/);
  });

  it('names a missing class, and a class the network lacks', async () => {
    const dataset = await openDataset(tinySet(folder()));
    const missing = await userErrorOf(() => matchInputs(dataset, model(MODALITIES, [...CLASSES, 'necrosis'])));
    expect([missing.code, missing.message.includes('`necrosis`')]).toEqual(['UNET6011', true]);
    const left = await userErrorOf(() => matchInputs(dataset, model(MODALITIES, CLASSES.slice(0, 3))));
    expect([left.code, left.message.includes('`enhancing tumour`')]).toEqual(['UNET6022', true]);
  });

  it('keeps the data set’s values for regions, and refuses values it lacks', async () => {
    const dataset = await openDataset(tinySet(folder()));
    const regions = (values: readonly number[]): ModelDescription =>
      describeModel({ outputs: [{ name: 'm', kind: 'regions', labels: [{ name: 'whole', values }], auxiliary: 0 }] });
    expect([...matchInputs(dataset, regions([1, 2])).targets.slice(0, 5)]).toEqual([0, 1, 2, 3, 255]);
    expect((await userErrorOf(() => matchInputs(dataset, regions([1, 4])))).code).toBe('UNET6011');
  });

  it('refuses two outputs that number the classes differently', async () => {
    const dataset = await openDataset(tinySet(folder()));
    const labels = (names: readonly string[]) => names.map((name, k) => ({ name, values: [k] }));
    const outputs = [
      { name: 'a', kind: 'classes', labels: labels(CLASSES), auxiliary: 0 },
      { name: 'b', kind: 'classes', labels: labels([...CLASSES].reverse()), auxiliary: 0 },
    ] as const;
    expect((await userErrorOf(() => matchInputs(dataset, describeModel({ outputs })))).code).toBe('UNET6022');
  });
});

it('suggests near names only, nearest first', () => {
  expect(suggestNames('tlw', ['FLAIR', 'T1w', 'T2w'])).toEqual(['T1w', 'T2w']);
  expect(suggestNames('photograph', ['FLAIR', 'T1w'])).toEqual([]);
});
