import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPrepared } from '../../../runtime/data/cache.js';
import { contentBox, cropTo } from '../../../runtime/data/crop.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { memorySource } from '../../../runtime/data/voxel-source.js';
import { type Shape, imageOf, put, temporaryFolder, tinySet } from './make.js';

const root = temporaryFolder();
const shape: Shape = [5, 6, 7];

/** An image whose first channel has one voxel, third another, and a label with a third: three corners of a box. */
async function sparse(name: string, voxels: readonly [number, number][], labelled: number | undefined) {
  const dir = tinySet(join(root, name), { cases: 1, shape });
  const image = new Int16Array(imageOf(0, shape).length);
  for (const [at, value] of voxels) image[at] = value;
  const label = new Uint8Array(210);
  if (labelled !== undefined) label[labelled] = 2;
  put(join(dir, 'imagesTr', 'CASE_00.nii.gz'), image, shape, 4);
  put(join(dir, 'labelsTr', 'CASE_00.nii.gz'), label, shape);
  const dataset = await openDataset(dir);
  return { dataset, each: dataset.cases[0] as (typeof dataset.cases)[0] };
}

const at = (c: number, z: number, y: number, x: number): number => ((c * 5 + z) * 6 + y) * 7 + x;

it('keeps the box of every channel and the label, and reads all rows as they were', async () => {
  const voxels: [number, number][] = [
    [at(0, 1, 2, 3), 11],
    [at(2, 3, 2, 1), 12],
    [at(3, 2, 4, 3), -13],
  ];
  const { dataset, each } = await sparse('a', voxels, at(0, 2, 3, 5));
  const decoded = await decodeCase(dataset, each);
  const box = contentBox(decoded);
  expect(box).toEqual({ origin: [1, 2, 1], size: [3, 3, 5] });
  expect(cropTo(decoded.image, shape, box)).toHaveLength(4 * 45);
  const [kept, whole] = [await openPrepared(join(root, 'cache'), dataset, each), memorySource(decoded)];
  for (let z = 0; z < 5; z++) {
    for (let y = 0; y < 6; y++) {
      for (let rows = 1; y + rows <= 6; rows++) {
        for (let c = 0; c < 4; c++) expect(kept.image(c, z, y, rows)).toEqual(whole.image(c, z, y, rows));
        expect(kept.label(z, y, rows)).toEqual(whole.label(z, y, rows));
      }
    }
  }
  kept.close();
});

it('keeps one voxel of a case that is 0 everywhere', async () => {
  const { dataset, each } = await sparse('b', [], undefined);
  expect(contentBox(await decodeCase(dataset, each))).toEqual({ origin: [0, 0, 0], size: [1, 1, 1] });
  const source = await openPrepared(join(root, 'cache'), dataset, each);
  expect(source.image(3, 4, 0, 6).every((value) => value === 0)).toBe(true);
  source.close();
});
