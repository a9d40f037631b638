import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { z } from 'zod';
import type { LoadedCase } from '../data/types.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { fileNameOf } from '../files/file-name.js';
import { makeFolder } from '../files/make-folder.js';
import type { Triple } from '../metrics/box.js';
import type { CasePrediction } from '../run/predict-case.js';
import { chooseChannel, choosePlane, chooseSlice } from './choose-slice.js';
import { greyOf, greyWindow, visibleExtents } from './grey.js';
import { flagsOf, rasterOf } from './slice.js';

const SLICE_FORMAT = 1;

/** Values of a slice's voxels in a file: compressed bytes, row by row. */
const voxelsSchema = z.base64();
const side = z.int().positive().max(4096);

const fileSchema = z.strictObject({
  format: z.literal(SLICE_FORMAT),
  plane: z.enum(['axial', 'coronal', 'sagittal']),
  /** From 0. */
  slice: z.int().nonnegative(),
  slices: z.int().positive(),
  /** The channel that is shown. */
  channel: z.string(),
  width: side,
  height: side,
  /** Size of a voxel in mm, across and down. */
  pixel: z.tuple([z.number().positive(), z.number().positive()]),
  /** What is on the left, right, top and bottom. */
  edges: z.tuple([z.string(), z.string(), z.string(), z.string()]),
  /** The foreground classes, with their values in `truth` and `prediction`. */
  labels: z.array(z.strictObject({ name: z.string(), values: z.array(z.int().nonnegative()) })),
  /** 0 is black, 255 white. */
  grey: voxelsSchema,
  truth: voxelsSchema,
  prediction: voxelsSchema,
});

type SliceFile = z.infer<typeof fileSchema>;

/** One slice of a case as data, cropped to what is not background and laid out as radiologists look at it. */
export interface CaseSlice extends Omit<SliceFile, 'grey' | 'truth' | 'prediction'> {
  readonly grey: Uint8Array;
  readonly truth: Uint8Array;
  readonly prediction: Uint8Array;
}

/** A case with a network's prediction. */
export interface SliceSubject {
  readonly loaded: LoadedCase;
  readonly prediction: CasePrediction;
  /** Names of the channels of the first image. */
  readonly channels: readonly string[];
}

/** The file name of a case's slice; see `fileNameOf`. */
export function caseSliceName(id: string, ids: readonly string[]): string {
  return `${fileNameOf(id, ids)}.json`;
}

/** Cuts the slice that `SLICE_RULE` chooses out of a case. */
export function cutSlice({ loaded, prediction, channels }: SliceSubject): CaseSlice {
  const [image] = Object.values(loaded.inputs);
  if (image === undefined) throw new Error('a case without an image');
  const { geometry, label } = loaded;
  const shape: Triple = geometry.shape;
  const voxels = shape[0] * shape[1] * shape[2];
  const volumes = Array.from({ length: image.data.length / voxels }, (_, channel) =>
    image.data.subarray(channel * voxels, (channel + 1) * voxels),
  );
  const labels = prediction.output.labels.filter(({ values }) => !values.includes(0));
  const plane = choosePlane(shape, geometry.spacing, geometry.orientation);
  const slice = chooseSlice(
    label?.data,
    shape,
    plane,
    labels.map(({ values }) => flagsOf(values)),
  );
  const extents = visibleExtents(volumes[0]!, shape, greyWindow(volumes[0]!).background);
  const raster = rasterOf(shape, [1, 1, 1], plane, slice, extents, 1);
  const cut = (volume: Uint8Array | undefined): Uint8Array =>
    Uint8Array.from(raster.voxels, (voxel) => volume?.[voxel] ?? 0);
  const truth = cut(label?.data);
  const any = flagsOf(labels.flatMap(({ values }) => [...values]));
  const channel = chooseChannel(
    volumes.map((volume) => Float32Array.from(raster.voxels, (voxel) => volume[voxel]!)),
    truth.map((value) => any[value]!),
    raster,
  );
  const window = greyWindow(volumes[channel]!);
  return {
    format: SLICE_FORMAT,
    plane: plane.name,
    slice,
    slices: shape[plane.axis]!,
    channel: channels[channel] ?? String(channel),
    width: raster.width,
    height: raster.height,
    pixel: [geometry.spacing[plane.columns.axis]!, geometry.spacing[plane.rows.axis]!],
    edges: [...plane.edges],
    labels: labels.map(({ name, values }) => ({ name, values: [...values] })),
    grey: Uint8Array.from(raster.voxels, (voxel) => greyOf(volumes[channel]![voxel]!, window)),
    truth,
    prediction: cut(prediction.labels.data),
  };
}

/** Writes the slice of a case into a folder under a name from `caseSliceName`. The folder is created if it is missing. */
export async function writeCaseSlice(folder: string, name: string, subject: SliceSubject): Promise<void> {
  await makeFolder(folder);
  await writeFileAtomic(join(folder, name), `${JSON.stringify(sliceFile(cutSlice(subject)), null, 1)}\n`);
}

/** A slice as the content of its file. */
export function sliceFile({ grey, truth, prediction, ...rest }: CaseSlice): SliceFile {
  const packed = (bytes: Uint8Array): string => deflateSync(bytes).toString('base64');
  return { ...rest, grey: packed(grey), truth: packed(truth), prediction: packed(prediction) };
}

/** Reads the file of a slice; undefined if it is not one. */
export function parseSlice(bytes: Uint8Array): CaseSlice | undefined {
  try {
    const { grey, truth, prediction, ...rest } = fileSchema.parse(JSON.parse(Buffer.from(bytes).toString()));
    const length = rest.width * rest.height;
    const unpacked = (text: string): Uint8Array => {
      const voxels = inflateSync(Buffer.from(text, 'base64'), { maxOutputLength: length });
      if (voxels.length !== length) throw new RangeError('too few voxels');
      return Uint8Array.from(voxels);
    };
    return { ...rest, grey: unpacked(grey), truth: unpacked(truth), prediction: unpacked(prediction) };
  } catch {
    return undefined;
  }
}
