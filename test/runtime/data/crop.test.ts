import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openPrepared } from '../../../runtime/data/cache.js';
import { contentBox, cropTo } from '../../../runtime/data/crop.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { decodeCase } from '../../../runtime/data/decode.js';
import { memorySource } from '../../../runtime/data/voxel-source.js';
import { type Shape, boxesOf, imageOf, put, readAll, temporaryFolder, tinySet } from './make.js';

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

it('keeps the box of every channel and the label, and reads every part as it was', async () => {
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
  for (const box of boxesOf(shape)) {
    const [own, other] = [await readAll(kept, box, [0, 3, 1, 2]), await readAll(whole, box, [0, 3, 1, 2])];
    expect(own).toEqual(other);
  }
});

it('keeps one voxel of a case that is 0 everywhere', async () => {
  const { dataset, each } = await sparse('b', [], undefined);
  expect(contentBox(await decodeCase(dataset, each))).toEqual({ origin: [0, 0, 0], size: [1, 1, 1] });
  const source = await openPrepared(join(root, 'cache'), dataset, each);
  const { image } = await readAll(source, { origin: [0, 0, 0], size: shape }, [3]);
  expect(image.every((value) => value === 0)).toBe(true);
});
