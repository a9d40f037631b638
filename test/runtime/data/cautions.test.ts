import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openPrepared } from '../../../runtime/data/cache.js';
import { readCaseFacts } from '../../../runtime/data/case-facts.js';
import { allCautions, type Caution, type CautionSubject } from '../../../runtime/data/cautions/cautions.js';
import { fileCautions } from '../../../runtime/data/cautions/file-cautions.js';
import { trainingSubject, type TrainingSubject } from '../../../runtime/data/cautions/training-subject.js';
import { findCase, openDataset } from '../../../runtime/data/dataset.js';
import { identifyCases } from '../../../runtime/data/identify.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import type { Dataset } from '../../../runtime/data/types.js';
import {
  conditioned,
  describeModel,
  imageOf,
  labelOf,
  put,
  temporaryFolder,
  tinySet,
  type Shape,
  type TinySet,
  plainGeometry,
} from './make.js';
import { type Fields, withFields } from './nifti-bytes.js';

const root = temporaryFolder();
const cache = join(root, 'cache');
const shape: Shape = [6, 8, 10];
const { description, protocol } = conditioned;
const sites = 'case,site\nCASE_00,north\nCASE_01,north\nCASE_02,north\nCASE_03,north\nCASE_04,north\n';

let made = 0;

/** A set of five cases of one shape that only `spoil` makes unusual. */
async function dataset(options: TinySet = {}, spoil: (dir: string) => void = () => undefined): Promise<Dataset> {
  const dir = tinySet(join(root, `set${made++}`), { cases: 5, shape, table: sites, ...options });
  spoil(dir);
  return openDataset(dir);
}

const image = (dir: string, k: number): string => join(dir, 'imagesTr', `CASE_0${k}.nii.gz`);
const label = (dir: string, k: number): string => join(dir, 'labelsTr', `CASE_0${k}.nii.gz`);

/** Case k at another spacing, image and label. */
function space(dir: string, k: number, spacing: Shape): void {
  const own: Shape = [shape[0], shape[1], shape[2] + k];
  const geometry = plainGeometry(own, spacing);
  writeFileSync(image(dir, k), gzipSync(encodeNifti(imageOf(k, own), geometry, 4)));
  writeFileSync(label(dir, k), gzipSync(encodeNifti(labelOf(own), geometry)));
}

const split = { train: ['CASE_00', 'CASE_01', 'CASE_02'], validation: ['CASE_03', 'CASE_04'] };

async function prepare(set: Dataset): Promise<void> {
  for (const { id } of set.cases) await openPrepared(cache, set, findCase(set, id));
}

async function training(set: Dataset, change: Partial<typeof protocol> = {}): Promise<TrainingSubject> {
  await prepare(set);
  return trainingSubject({ dataset: set, description, protocol: { ...protocol, ...change }, split }, cache);
}

/** A network trained as `trained` records, applied to cases of a data set. */
async function applied(
  trained: TrainingSubject,
  use: 'evaluate' | 'predict',
  set: Dataset,
  ids: readonly string[],
): Promise<CautionSubject> {
  await prepare(set);
  const names = Object.fromEntries(Object.entries(trained.identifiers).map(([input, each]) => [input, each.names]));
  return {
    ...trained,
    use,
    dataset: set,
    matching: matchInputs(set, description),
    identification: identifyCases(set, description, protocol.identify, names),
    training: [],
    applied: await readCaseFacts(set, ids, cache),
  };
}

async function codesOf(subject: CautionSubject): Promise<[string, string, readonly string[]][]> {
  return (await allCautions(subject)).map(({ code, severity, cases }) => [code, severity, cases]);
}

async function only(subject: CautionSubject): Promise<Caution> {
  const found = await allCautions(subject);
  expect(found.map(({ code }) => code)).toHaveLength(1);
  return found[0]!;
}

describe('a sound data set', () => {
  it('gives no caution in training, and none for held-out cases afterwards', async () => {
    const set = await dataset();
    const trained = await training(set);
    expect(await allCautions(trained)).toEqual([]);
    expect(await allCautions(await applied(trained, 'evaluate', set, split.validation))).toEqual([]);
    expect(await allCautions(await applied(trained, 'predict', set, split.validation))).toEqual([]);
  });

  it('is recorded with names in file order, values, geometry and images', async () => {
    const { trainedOn, identifiers } = await training(await dataset());
    expect(trainedOn).toMatchObject({
      name: 'Tiny',
      channels: ['FLAIR', 'T1w', 't1gd', 'T2w'],
      spacing: { value: [1, 1, 1], mixed: false },
      orientation: { value: 'RAS', mixed: false },
    });
    expect(trainedOn.labels[3]).toEqual({ name: 'enhancing tumour', value: 3 });
    expect(Object.keys(trainedOn.images.train)).toEqual(split.train);
    expect(Object.keys(trainedOn.images.validation)).toEqual(split.validation);
    expect(identifiers).toEqual({ site: { source: 'column', names: ['north'], trained: [0] } });
  });
});

describe('cases that overlap', () => {
  it('are an error to score and a warning to segment where the network was trained on them', async () => {
    const set = await dataset();
    const trained = await training(set);
    const found = await only(await applied(trained, 'evaluate', set, ['CASE_01', 'CASE_03']));
    expect(found).toMatchObject({ code: 'UNET6031', severity: 'error', cases: ['CASE_01'], allow: 'training-cases' });
    expect(found.help).toContain('--allow-training-cases');
    const segmented = await only(await applied(trained, 'predict', set, ['CASE_01']));
    expect(segmented).toMatchObject({ code: 'UNET6031', severity: 'warning', cases: ['CASE_01'] });
  });

  it('are recognised by their image under another name in another data set', async () => {
    const set = await dataset();
    const trained = await training(set);
    const other = await dataset({ json: { name: 'Other' } }, (dir) => {
      for (const k of [0, 1, 2, 3]) space(dir, k, [1, 1, 1]);
      cpSync(image(set.dir, 2), image(dir, 4));
      cpSync(label(set.dir, 2), label(dir, 4));
    });
    const found = await allCautions(await applied(trained, 'evaluate', other, ['CASE_04']));
    expect(found.map(({ code }) => code)).toEqual(['UNET6031', 'UNET6036']);
    expect(found[0]!.message).toContain('`CASE_04` (the image of `CASE_02`)');
    expect(found[1]!.message).toContain('it is `Other`, not `Tiny`');
  });

  it('are not taken for each other because ids agree', async () => {
    const trained = await training(await dataset());
    const other = await dataset({}, (dir) => {
      put(image(dir, 0), imageOf(9, shape), shape, 4);
    });
    expect(await codesOf(await applied(trained, 'evaluate', other, ['CASE_00']))).toEqual([
      ['UNET6036', 'warning', ['CASE_00']],
    ]);
  });

  it('are reported where one image is trained on and held out', async () => {
    const set = await dataset({}, (dir) => {
      cpSync(image(dir, 0), image(dir, 3));
      cpSync(label(dir, 0), label(dir, 3));
    });
    expect(await codesOf(await training(set))).toEqual([['UNET6033', 'warning', ['CASE_03']]]);
  });

  it('may not share a label file, nor copies of one', async () => {
    const entries = [0, 0, 2, 3, 4].map((k, index) => ({
      image: `imagesTr/CASE_0${index}.nii.gz`,
      label: `labelsTr/CASE_0${k}.nii.gz`,
    }));
    // All of one shape, or the labels would not fit.
    const alike = (dir: string): void => {
      for (const k of [0, 1, 2, 3, 4]) {
        put(image(dir, k), imageOf(k, shape), shape, 4);
        const marks = labelOf(shape);
        marks[k] = 1;
        put(label(dir, k), marks, shape);
      }
    };
    const shared = await dataset({ json: { training: entries } }, alike);
    expect(await only(await training(shared))).toMatchObject({
      code: 'UNET6032',
      severity: 'error',
      cases: ['CASE_00', 'CASE_01'],
    });
    const copied = await dataset({}, (dir) => {
      alike(dir);
      cpSync(label(dir, 4), label(dir, 1));
    });
    const trained = await training(copied);
    expect(await codesOf(trained)).toEqual([['UNET6032', 'error', ['CASE_01', 'CASE_04']]]);
    expect(await codesOf(await applied(trained, 'evaluate', copied, ['CASE_04']))).toEqual([]);
    const empty = await dataset({}, (dir) => {
      alike(dir);
      for (const k of [1, 4]) put(label(dir, k), new Uint8Array(480), shape);
    });
    expect(await codesOf(await training(empty))).toEqual([]);
  });
});

describe('geometry', () => {
  it('that is mixed is reported in training and whenever the network is applied', async () => {
    const set = await dataset({}, (dir) => space(dir, 1, [3, 1, 1]));
    const trained = await training(set);
    const found = await only(trained);
    expect(found).toMatchObject({ code: 'UNET6037', severity: 'warning', cases: ['CASE_01'] });
    expect(found.message).toContain('1 of 5 cases do not have the usual 1 x 1 x 1');
    expect(trained.trainedOn.spacing).toEqual({ value: [1, 1, 1], mixed: true });
    expect(await codesOf(await applied(trained, 'evaluate', set, ['CASE_03']))).toEqual([['UNET6037', 'warning', []]]);
  });

  it('that differs from the training is reported, also by little and in small units', async () => {
    const trained = await training(
      await dataset({}, (dir) => [0, 1, 2, 3, 4].forEach((k) => space(dir, k, [0.001, 1, 1]))),
    );
    const other = await dataset({}, (dir) => [3, 4].forEach((k) => space(dir, k, [0.004, 1, 1])));
    const found = await allCautions(await applied(trained, 'predict', other, ['CASE_03', 'CASE_04']));
    expect(found.map(({ code }) => code)).toEqual(['UNET6036', 'UNET6034']);
    expect(found[1]!.message).toContain(
      '(0.004 x 1 x 1, D x H x W) differs from that of the training cases (0.001 x 1 x 1)',
    );
    const rounded = await dataset({}, (dir) => space(dir, 3, [0.0010000002, 1, 1]));
    expect(await codesOf(await applied(trained, 'predict', rounded, ['CASE_03']))).toEqual([
      ['UNET6036', 'warning', ['CASE_03']],
    ]);
  });

  it('that points elsewhere is reported', async () => {
    const trained = await training(await dataset());
    const turned = await dataset({}, (dir) => {
      const own: Shape = [6, 8, 13];
      const plain = plainGeometry(own);
      const rows = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0];
      const geometry = { ...plain, header: { ...plain.header, rows, qformCode: 0 } };
      writeFileSync(image(dir, 3), gzipSync(encodeNifti(imageOf(3, own), geometry, 4)));
      writeFileSync(label(dir, 3), gzipSync(encodeNifti(labelOf(own), geometry)));
    });
    expect(await codesOf(await applied(trained, 'predict', turned, ['CASE_03']))).toEqual([
      ['UNET6036', 'warning', ['CASE_03']],
      ['UNET6035', 'warning', ['CASE_03']],
    ]);
    expect(await codesOf(await training(turned))).toEqual([['UNET6038', 'warning', ['CASE_03']]]);
  });
});

describe('headers', () => {
  /** Replaces fields of a case's files. */
  const spoil = (paths: readonly string[], fields: Fields): void => {
    for (const path of paths) writeFileSync(path, gzipSync(withFields(gunzipSync(readFileSync(path)), fields)));
  };

  it('that contradict themselves or lack something are reported once for each kind', async () => {
    const set = await dataset({}, (dir) => {
      spoil([image(dir, 3), label(dir, 3)], { pixdim: [1, 2, 2, 2] });
      spoil([image(dir, 0)], { pixdim: [1, 3, 3, 3] });
      spoil([label(dir, 1)], { bitpix: 64 });
      for (const k of [2, 4]) spoil([image(dir, k), label(dir, k)], { sformCode: 0, qformCode: 0 });
      spoil([image(dir, 4), label(dir, 4)], { units: 7 });
    });
    const trained = await training(set);
    expect(await codesOf(trained)).toEqual([
      ['UNET6123', 'warning', ['CASE_00', 'CASE_03']],
      ['UNET6123', 'warning', ['CASE_01']],
      ['UNET6124', 'warning', ['CASE_02', 'CASE_04']],
      ['UNET6125', 'warning', ['CASE_04']],
    ]);
    const [sizes, bits] = await allCautions(trained);
    expect(sizes!.message).toBe(
      'The image of `CASE_00` has voxels of 1 x 1 x 1 mm (D x H x W) by its affine (sform) and of 3 x 3 x 3 mm by `pixdim`; the affine is used. 1 other case (`CASE_03`) has the same kind of problem.',
    );
    expect(bits!.message).toContain('The label of `CASE_01` specifies 64 bits per voxel');
    const held = await applied(trained, 'evaluate', set, ['CASE_03']);
    expect(await codesOf(held)).toEqual([['UNET6123', 'warning', ['CASE_03']]]);
  });

  it('of labels do not matter where an image is segmented, and folds report the same', async () => {
    const set = await dataset({}, (dir) => {
      spoil([label(dir, 1)], { bitpix: 64 });
      for (const k of [0, 3]) spoil([image(dir, k), label(dir, k)], { pixdim: [1, 2 + k, 2, 2] });
    });
    const trained = await training(set);
    expect(await codesOf(await applied(trained, 'predict', set, ['CASE_03']))).toEqual([
      ['UNET6123', 'warning', ['CASE_03']],
    ]);
    const swapped = { ...trained, training: trained.applied, applied: trained.training };
    expect(fileCautions(swapped)).toEqual(fileCautions(trained));
    expect(fileCautions(trained)).toHaveLength(2);
  });
});

describe('identifiers', () => {
  it('count every held-out case with untrained weights, whichever the reason', async () => {
    const table = 'case,site\nCASE_00,north\nCASE_01,north\nCASE_02,north\nCASE_03,south\nCASE_04,\n';
    const trained = await training(await dataset({ table }));
    expect(await codesOf(trained)).toEqual([
      ['UNET6041', 'warning', ['CASE_03']],
      ['UNET6042', 'warning', ['CASE_04']],
    ]);
    const other = await dataset({ table: 'case,site\nCASE_03,west\nCASE_04,south\n' });
    expect(await codesOf(await applied(trained, 'evaluate', other, ['CASE_03', 'CASE_04']))).toEqual([
      ['UNET6040', 'warning', ['CASE_03']],
      ['UNET6041', 'warning', ['CASE_04']],
    ]);
  });

  it('have a trained default where a training case has no value', async () => {
    const table = 'case,site\nCASE_00,north\nCASE_01,north\nCASE_02,\nCASE_03,north\nCASE_04,\n';
    expect(await codesOf(await training(await dataset({ table })))).toEqual([]);
  });

  it('that the network does not use, or that carry nothing, are told apart', async () => {
    const bare = { ...(await training(await dataset())), description: describeModel(), identifiers: {} };
    expect(await codesOf(bare)).toEqual([]);
    const hashed = await training(await dataset(), {
      identify: [{ input: 'site', source: { kind: 'hash_case' } }],
    } as never);
    expect((await codesOf(hashed)).map(([code]) => code)).toContain('UNET6043');
  });

  it('need a table that names cases', async () => {
    const trained = await training(await dataset({ table: 'case,site\nPATIENT_1,north\n' }));
    expect(await codesOf(trained)).toEqual([['UNET6039', 'warning', []]]);
  });
});

describe('voxels', () => {
  it('show a class without an example, in training and in scoring', async () => {
    const rare = (k: number) => (dir: string) => {
      for (const each of [0, 1, 2, 3, 4].filter((other) => other !== k)) {
        const own: Shape = [6, 8, 10 + each];
        put(
          label(dir, each),
          labelOf(own).map((value) => (value === 3 ? 0 : value)),
          own,
        );
      }
    };
    const untrained = await dataset({}, rare(3));
    const found = await only(await training(untrained));
    expect(found).toMatchObject({ code: 'UNET6044', severity: 'warning' });
    expect(found.message).toContain('No training case contains `enhancing tumour`');
    const trained = await training(await dataset({}, rare(0)));
    expect(await codesOf(trained)).toEqual([]);
    expect(await codesOf(await applied(trained, 'evaluate', trained.dataset, ['CASE_03']))).toEqual([
      ['UNET6044', 'warning', []],
    ]);
  });

  it('show negative values under zscore(nonzero) and a constant channel, only where the network looks', async () => {
    const spoiled = await dataset({}, (dir) => {
      const own: Shape = [6, 8, 11];
      const voxels = imageOf(1, own);
      voxels[3 * 528 + 100] = -1000;
      voxels.fill(7, 528, 2 * 528);
      put(image(dir, 1), voxels, own, 4);
    });
    const subject = await training(spoiled);
    expect(await codesOf(subject)).toEqual([
      ['UNET6045', 'warning', ['CASE_01']],
      ['UNET6046', 'warning', ['CASE_01']],
    ]);
    const all = await training(spoiled, { normalize: { kind: 'zscore', over: 'all' } } as never);
    expect(await codesOf(all)).toEqual([['UNET6046', 'warning', ['CASE_01']]]);
    const blind = { ...subject, matching: { ...subject.matching, images: [{ input: 'scan', channels: [2, 0] }] } };
    expect(await codesOf(blind)).toEqual([]);
  });

  it('are not needed: what has not been decoded is passed over', async () => {
    const set = await dataset({}, (dir) => put(image(dir, 1), new Int16Array(4 * 528), [6, 8, 11], 4));
    const plan = { dataset: set, description, protocol, split };
    expect(await codesOf(await trainingSubject(plan, join(root, 'other-cache')))).toEqual([]);
  });
});
