import { join } from 'node:path';
import type { LoadedCase } from '../data/types.js';
import { fileNameOf } from '../files/file-name.js';
import { makeFolder } from '../files/make-folder.js';
import { writeOverlay } from './overlay.js';
import type { CasePrediction } from '../run/predict-case.js';

/** A case with its prediction, and the title of its picture. */
export interface PictureSubject {
  readonly loaded: LoadedCase;
  readonly prediction: CasePrediction;
  readonly title: string;
}

/**
 * The file name of a case's picture; see `fileNameOf`.
 * @param ids all cases that may be pictured in one folder
 */
export function casePictureName(id: string, ids: readonly string[]): string {
  return `${fileNameOf(id, ids)}.png`;
}

/** Writes a picture into a folder under a name from `casePictureName`. The folder is created if it is missing. */
export async function writeCasePicture(folder: string, name: string, subject: PictureSubject): Promise<void> {
  await makeFolder(folder);
  await writePicture(subject, join(folder, name));
}

/** Slices of a case with its truth, if it has one, next to the prediction. */
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
