import { basename, join } from 'node:path';
import type { DataCase } from '../types.js';
import type { DataPlace, Layout, Listing, OnProblem } from './layout.js';
import { distinct, isImageName, stemOf } from './listing.js';

/** The number of a channel in a file's name, as nnU-Net writes it: `CASE_0001.nii.gz`. */
const CHANNEL = /^(.+)_(\d{4})$/;

/** Groups files by case: `CASE_0000.nii.gz`, ... if all files are numbered so, else each file is a case. */
function groupFiles(dir: string, files: readonly string[]): DataCase[] {
  const numbered = files.every((file) => CHANNEL.test(stemOf(file)));
  const groups = new Map<string, string[]>();
  for (const file of [...files].sort()) {
    const id = numbered ? CHANNEL.exec(stemOf(file))![1]! : stemOf(file);
    groups.set(id, [...(groups.get(id) ?? []), join(dir, file)]);
  }
  return [...groups].map(([id, images]) => ({ id, images, columns: {} }));
}

function open({ path: dir, entries }: DataPlace, onProblem: OnProblem): Promise<Listing> {
  const cases = groupFiles(dir, entries.filter(isImageName));
  return Promise.resolve({
    dir,
    assumptions: [],
    descriptions: [],
    name: basename(dir),
    modalities: [],
    labels: [],
    regions: [],
    cases: [],
    unlabelled: distinct(dir, cases, new Set(), onProblem),
    columns: [],
  });
}

/** A folder of images without a description, such as nnU-Net's `imagesTs`: only prediction can use it. */
export const images: Layout = {
  name: 'images',
  title: 'folder of images',
  signs: '`.nii.gz` files',
  matches({ isFile, entries }) {
    return Promise.resolve(!isFile && entries.some(isImageName));
  },
  open,
};
