import type { LoadedCase } from '../data/types.js';
import { writeOverlay } from './overlay.js';
import type { CasePrediction } from '../run/predict-case.js';

/** Slices of a case with its truth, where it has one, beside the prediction. */
export async function writePicture(
  subject: { readonly loaded: LoadedCase; readonly prediction: CasePrediction; readonly title: string },
  path: string,
): Promise<void> {
  const { loaded, prediction, title } = subject;
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
