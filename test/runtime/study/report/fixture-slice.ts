import { sliceFile, type CaseSlice } from '../../../../runtime/pictures/case-slice.js';

const [width, height] = [40, 48];

/** Whether each voxel of the slice lies in a disc. */
function disc(across: number, down: number, radius: number): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, at) => {
    return Math.hypot((at % width) - across, Math.floor(at / width) - down) < radius ? 1 : 0;
  });
}

/** A slice as a run leaves it: a head with an edema around an enhancing tumour, of which the prediction misses a part. */
export const slice: CaseSlice = {
  format: 1,
  plane: 'axial',
  slice: 75,
  slices: 155,
  channel: 'FLAIR',
  width,
  height,
  pixel: [1, 1],
  edges: ['R', 'L', 'A', 'P'],
  labels: [
    { name: 'edema', values: [1] },
    { name: 'enhancing tumour', values: [2] },
  ],
  grey: disc(20, 24, 18).map((inside, at) => inside * (80 + (at % 17))),
  truth: disc(15, 20, 8).map((inside, at) => inside + disc(15, 20, 4)[at]!),
  prediction: disc(16, 21, 7),
};

/** Reads the files of a study's folder: every slice is the one above, and nothing else is there. */
export function readSlice(path: string): Uint8Array | undefined {
  return path.endsWith('.json') ? Buffer.from(JSON.stringify(sliceFile(slice))) : undefined;
}
