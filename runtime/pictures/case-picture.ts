import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedCase } from '../data/types.js';
import { writeOverlay } from './overlay.js';
import type { CasePrediction } from '../run/predict-case.js';

/** A case with what was predicted of it, and what the picture says above. */
export interface PictureSubject {
  readonly loaded: LoadedCase;
  readonly prediction: CasePrediction;
  readonly title: string;
}

/** The name of a case's picture: letters, digits and `_.-` alone. */
export function casePictureName(id: string): string {
  return `${id.replace(/[^A-Za-z0-9_.-]/g, '_')}.png`;
}

/** Writes a picture under the name of its case into a folder, which is made where it is missing. */
export async function writeCasePicture(folder: string, subject: PictureSubject): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writePicture(subject, join(folder, casePictureName(subject.loaded.id)));
}

/** Slices of a case with its truth, where it has one, beside the prediction. */
export async function writePicture({ loaded, prediction, title }: PictureSubject, path: string): Promise<void> {
  const [image] = Object.values(loaded.inputs);
  if (image === undefined) throw new Error('a case without an image');
  await writeOverlay(
    {
      image,
      ...(loaded.label === undefined ? {} : { truth: loaded.label }),
      prediction: prediction.labels,
      labels: prediction.output.labels,
      spacing: loaded.geometry.spacing,
      orientation: loaded.geometry.orientation,
      title,
    },
    path,
  );
}
