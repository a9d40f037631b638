import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readTextFile } from '../files/read-file.js';
import { counted } from '../../text/count.js';
import { UserError } from '../errors/user-error.js';
import { createFolders } from '../files/make-folder.js';
import { randomStream } from '../random/random-stream.js';
import { replaceFile } from '../files/replace-file.js';
import { geometryOf } from './geometry.js';
import { writeNifti } from './nifti-write.js';
import { LABEL_OF, drawAnatomy } from './phantom-anatomy.js';
import { CONTRASTS, SITES, type Site, drawContrast } from './phantom-image.js';
import { cannotWrite, systemCode } from './place.js';
import { shuffled } from './shuffled.js';
import type { Geometry } from './types.js';

/** Options of a phantom data set. */
export interface SynthesisOptions {
  readonly cases: number;
  /** [D, H, W] in voxels; defaults to 64 x 64 x 64. Heads are about 190 mm long at any size. */
  readonly size?: readonly [number, number, number];
  /** Defaults to 1. */
  readonly seed?: number;
  readonly onCase?: (done: number, of: number) => void;
}

const LABELS = ['background', 'edema', 'non-enhancing tumor', 'enhancing tumour'];
const SMALLEST = 16;
const LARGEST = 256;

function checkOptions(cases: number, size: readonly number[]): void {
  const help = `Choose 1 to 9999 cases and three sizes between ${SMALLEST} and ${LARGEST}.`;
  if (!Number.isInteger(cases) || cases < 1 || cases > 9999) {
    throw new UserError('UNET6024', `A phantom set with ${counted(cases, 'case')} cannot be generated.`, help);
  }
  if (size.length !== 3 || size.some((each) => !Number.isInteger(each) || each < SMALLEST || each > LARGEST)) {
    throw new UserError('UNET6024', `Phantom volumes of ${size.join(' x ')} voxels cannot be generated.`, help);
  }
}

/** The options recorded in the `dataset.json` of a phantom set. */
const optionsSchema = z.object({
  numTraining: z.number(),
  phantom: z.object({ size: z.array(z.number()), seed: z.number() }),
});

/** A phantom set may only be created again in place with the same options; nothing else is ever overwritten. */
async function checkFolder(dir: string, wanted: string): Promise<void> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw cannotWrite(dir, error);
  });
  if (names.length === 0) return;
  const help = 'Choose a new or empty folder.';
  const made = await readOptions(dir);
  if (made === undefined && (await isInterrupted(dir))) return;
  if (made === undefined)
    throw new UserError('UNET6024', `\`${dir}\` contains files that are not a phantom set.`, help);
  if (made === wanted) return;
  throw new UserError('UNET6024', `\`${dir}\` contains a different phantom set: ${made}.`, help);
}

/** Whether a folder contains only phantom cases: `dataset.json` is written last, so generation was interrupted. */
async function isInterrupted(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { recursive: true });
  const ours = /^(imagesTr|labelsTr)([/\\]PHANTOM_\d+\..*)?$|^cases\.csv/;
  return entries.includes('imagesTr') && entries.every((entry) => ours.test(entry));
}

/** The options of the phantom set in a folder; undefined if there is none. */
async function readOptions(dir: string): Promise<string | undefined> {
  try {
    const { numTraining, phantom } = optionsSchema.parse(JSON.parse(await readTextFile(join(dir, 'dataset.json'))));
    return phantomText(numTraining, phantom.size, phantom.seed);
  } catch {
    return undefined;
  }
}

/** `3 cases of 64 x 64 x 64 voxels, seed 1`. */
export function phantomText(cases: number, size: readonly number[], seed: number): string {
  return `${counted(cases, 'case')} of ${size.join(' x ')} voxels, seed ${seed}`;
}

function geometry(size: readonly [number, number, number]): Geometry {
  const [depth, height, width] = size;
  const [dz, dy, dx] = [190 / depth, 220 / height, 190 / width].map((each) => Math.round(each * 100) / 100) as [
    number,
    number,
    number,
  ];
  const offset = [(-dx * (width - 1)) / 2, (-dy * (height - 1)) / 2, (-dz * (depth - 1)) / 2] as const;
  return geometryOf(size, {
    pixdim: [1, dx, dy, dz],
    qformCode: 1,
    sformCode: 1,
    quaternion: [0, 0, 0, ...offset],
    rows: [dx, 0, 0, offset[0], 0, dy, 0, offset[1], 0, 0, dz, offset[2]],
    units: 2,
  });
}

function caseId(index: number): string {
  return `PHANTOM_${String(index + 1).padStart(3, '0')}`;
}

/** Deals sites in turn to a random order of cases, so that each has its share whatever the number of cases. */
function dealSites(cases: number, seed: number): Site[] {
  const order = shuffled(
    Array.from({ length: cases }, (_, index) => index),
    randomStream(seed, 'sites'),
  );
  return order.map((position) => SITES[position % SITES.length] as Site);
}

async function writeCase(
  dir: string,
  index: number,
  size: readonly [number, number, number],
  seed: number,
  site: Site,
): Promise<void> {
  const tissue = drawAnatomy(size, seed, index);
  const image = new Int16Array(CONTRASTS.length * tissue.length);
  CONTRASTS.forEach((_, channel) => {
    image.set(drawContrast(tissue, size, site, channel, seed, index), channel * tissue.length);
  });
  const label = Uint8Array.from(tissue, (each) => LABEL_OF[each] ?? 0);
  const place = geometry(size);
  await writeNifti(join(dir, 'imagesTr', `${caseId(index)}.nii.gz`), image, place, CONTRASTS.length);
  await writeNifti(join(dir, 'labelsTr', `${caseId(index)}.nii.gz`), label, place);
}

function descriptionText(cases: number, size: readonly number[], seed: number): string {
  const numbered = (names: readonly string[]): object => Object.fromEntries(names.map((name, k) => [k, name]));
  const ids = Array.from({ length: cases }, (_, index) => caseId(index));
  const description = {
    name: 'Phantom',
    description:
      'Synthetic heads with nested tumours in four contrasts, generated by `unet data synth`; not real anatomy.',
    tensorImageSize: '4D',
    modality: numbered(CONTRASTS),
    labels: numbered(LABELS),
    numTraining: cases,
    numTest: 0,
    training: ids.map((id) => ({ image: `./imagesTr/${id}.nii.gz`, label: `./labelsTr/${id}.nii.gz` })),
    test: [],
    phantom: { size, seed },
  };
  return `${JSON.stringify(description, undefined, 2)}\n`;
}

/**
 * Writes a phantom data set in the layout of the Medical Segmentation Decathlon: 4-D int16 images (FLAIR, T1w, t1gd,
 * T2w), labels 0 to 3, `dataset.json`, and `cases.csv` with the site of each case. The same options give the same
 * voxels, and case k is the same whatever the number of cases; its site too, if the number is the same.
 * @throws UserError UNET6024 (invalid options, or a folder with other files or another phantom set), UNET6020 (cannot
 * be written)
 */
export async function synthesize(dir: string, options: SynthesisOptions): Promise<void> {
  const { cases, size = [64, 64, 64], seed = 1, onCase } = options;
  const folder = resolve(dir);
  checkOptions(cases, size);
  await checkFolder(folder, phantomText(cases, size, seed));
  const sites = dealSites(cases, seed);
  for (const [index, site] of sites.entries()) {
    await writeCase(folder, index, size, seed, site);
    onCase?.(index + 1, cases);
  }
  const table = ['case,site', ...sites.map((site, index) => `${caseId(index)},${site.name}`)].join('\n');
  try {
    await createFolders(folder);
    await replaceFile(join(folder, 'cases.csv'), `${table}\n`);
    await replaceFile(join(folder, 'dataset.json'), descriptionText(cases, size, seed));
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}
