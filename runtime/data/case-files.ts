import { fileDigest, readDigest, textDigest } from './file-digest.js';
import { isWide } from './float32.js';
import { listNames } from './names.js';
import { type NiftiImage, type VoxelArray, readNifti, readNiftiHeader } from './nifti.js';
import type { NiftiHeader } from './nifti-header.js';
import { type Place, errorAt } from './place.js';
import { placementOf } from './placement.js';
import type { DataCase, Dataset } from './types.js';
import { counted } from '../../text/count.js';

/** The image files of a case, for messages: one of all channels, or one per channel. */
export function imagePlaces(each: DataCase): readonly Place[] {
  return each.images.map((file) => ({ file, caseId: each.id }));
}

/** The first image file of a case, for messages about the whole image. */
export function imagePlace(each: DataCase): Place {
  return imagePlaces(each)[0]!;
}

/** The label of a case, for messages; undefined for an unlabelled one. */
export function labelPlace(each: DataCase): Place | undefined {
  return each.label === undefined ? undefined : { file: each.label, caseId: each.id };
}

/** @throws UserError UNET6008 unless the image has one channel per modality */
function checkChannels(place: Place, header: NiftiHeader, modalities: readonly string[]): void {
  if (header.channels === modalities.length) return;
  throw errorAt(
    place,
    'UNET6008',
    `has ${counted(header.channels, 'channel')}, but \`modality\` lists ${modalities.length} (${listNames(modalities)})`,
    'The fourth axis of the file must contain the modalities in this order.',
  );
}

/** @throws UserError UNET6008 unless the file holds one channel, UNET6033 unless it is on the grid of the first file */
function checkChannelFile(place: Place, header: NiftiHeader, name: string, first: NiftiHeader): void {
  if (header.channels !== 1) {
    const fault = `has ${counted(header.channels, 'channel')}, but must contain only \`${name}\``;
    throw errorAt(place, 'UNET6008', fault, 'Save each channel as a 3-D volume in a file of its own.');
  }
  if (placementOf(header.geometry, first.geometry) === 'same') return;
  throw errorAt(
    place,
    'UNET6185',
    `is not on the grid of the other channels of the case: it has the shape ${gridText(header)}, the first channel ${gridText(first)}`,
    'Register the channels of a case to one grid and resample them to it.',
  );
}

function gridText({ geometry: { shape, spacing, orientation } }: NiftiHeader): string {
  return `${shape.join(' x ')} with voxels of ${spacing.map((each) => Number(each.toPrecision(4))).join(' x ')} mm (D x H x W), axes ${orientation}`;
}

/** The header of several files as if they were one: the first one's grid, and the warnings of all. */
function joinHeaders(headers: readonly NiftiHeader[]): NiftiHeader {
  const first = headers[0]!;
  const warnings = headers.flatMap((header) => header.warnings);
  const distinct = warnings.filter(
    ({ code, fault }, k) => warnings.findIndex((each) => each.code === code && each.fault === fault) === k,
  );
  return {
    ...first,
    channels: headers.length,
    warnings: distinct,
    geometry: { ...first.geometry, warnings: distinct },
  };
}

/** Joins the voxels of 3-D files; files of different types are joined as floats that represent all of them. */
function joinVoxels(parts: readonly VoxelArray[]): VoxelArray {
  const types = new Set(parts.map((part) => part.constructor));
  const Joined =
    types.size === 1
      ? (parts[0]!.constructor as new (length: number) => VoxelArray)
      : parts.some(isWide)
        ? Float64Array
        : Float32Array;
  const size = parts[0]!.length;
  const joined = new Joined(size * parts.length);
  parts.forEach((part, channel) => joined.set(part, channel * size));
  return joined;
}

/**
 * Reads the image of a case from its file, or from its files of one channel each.
 * @returns voxels as [C, D, H, W], channels in the order of the data set's modalities
 * @throws UserError as `readNifti`; UNET6008 (number of channels), UNET6185 (channels on different grids)
 */
export async function readCaseImage({ modalities }: Dataset, each: DataCase): Promise<NiftiImage> {
  const places = imagePlaces(each);
  if (places.length === 1) {
    const image = await readNifti(places[0]!);
    checkChannels(places[0]!, image.header, modalities);
    return image;
  }
  const parts: NiftiImage[] = [];
  for (const [channel, place] of places.entries()) {
    const part = await readNifti(place);
    checkChannelFile(place, part.header, modalities[channel]!, (parts[0] ?? part).header);
    parts.push(part);
  }
  return { header: joinHeaders(parts.map(({ header }) => header)), data: joinVoxels(parts.map(({ data }) => data)) };
}

/** Reads the header of a case's image, with the checks of `readCaseImage`. */
export async function readCaseHeader({ modalities }: Dataset, each: DataCase): Promise<NiftiHeader> {
  const places = imagePlaces(each);
  const headers: NiftiHeader[] = [];
  for (const place of places) headers.push(await readNiftiHeader(place));
  if (places.length === 1) {
    checkChannels(places[0]!, headers[0]!, modalities);
    return headers[0]!;
  }
  places.forEach((place, channel) => checkChannelFile(place, headers[channel]!, modalities[channel]!, headers[0]!));
  return joinHeaders(headers);
}

function joinDigests(digests: readonly string[]): string {
  return digests.length === 1 ? digests[0]! : textDigest(digests.join('\n'));
}

/** SHA-256 of a case's image: of its file, or of the digests of its files. Remembered in the folder of prepared cases. */
export async function imageDigest(
  directory: string,
  each: DataCase,
  digest: (directory: string, place: Place) => Promise<string> = fileDigest,
): Promise<string> {
  const digests: string[] = [];
  for (const place of imagePlaces(each)) digests.push(await digest(directory, place));
  return joinDigests(digests);
}

/** The digest of `imageDigest`, always computed from the files. */
export function readImageDigest(each: DataCase): Promise<string> {
  return imageDigest('', each, (_, { file }) => readDigest(file));
}
