/** The tiny data set of `make.ts` in the other layouts. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeNifti } from '../../../runtime/data/nifti-write.js';
import { readNifti } from '../../../runtime/data/nifti.js';
import type { Geometry } from '../../../runtime/data/types.js';

interface Description {
  readonly name: string;
  readonly modality: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly training: readonly { readonly image: string; readonly label: string }[];
}

/** A labelled case of a Decathlon data set, one array per channel. */
interface Volumes {
  readonly id: string;
  readonly geometry: Geometry;
  readonly channels: readonly Int16Array[];
  readonly label: Uint8Array;
}

function describe(dir: string): Description {
  return JSON.parse(readFileSync(join(dir, 'dataset.json'), 'utf8')) as Description;
}

async function volumes(dir: string): Promise<Volumes[]> {
  return Promise.all(
    describe(dir).training.map(async ({ image, label }): Promise<Volumes> => {
      const { header, data } = await readNifti({ file: join(dir, image) });
      const size = data.length / header.channels;
      const channels = Array.from({ length: header.channels }, (_, k) =>
        Int16Array.from(data.subarray(k * size, (k + 1) * size)),
      );
      const truth = await readNifti({ file: join(dir, label) });
      const id = /(\w+)\.nii/.exec(image)![1]!;
      return { id, geometry: header.geometry, channels, label: Uint8Array.from(truth.data) };
    }),
  );
}

function put(folder: string, name: string, data: Int16Array | Uint8Array, geometry: Geometry): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), gzipSync(encodeNifti(data, geometry), { level: 1 }));
  return name;
}

function copyTable(from: string, to: string): void {
  cpSync(join(from, 'cases.csv'), join(to, 'cases.csv'));
}

/** nnU-Net v2 raw. */
export async function asNnunet(dir: string, to: string): Promise<string> {
  const { name, modality, labels } = describe(dir);
  const all = await volumes(dir);
  for (const { id, geometry, channels, label } of all) {
    channels.forEach((data, k) => put(join(to, 'imagesTr'), `${id}_000${k}.nii.gz`, data, geometry));
    put(join(to, 'labelsTr'), `${id}.nii.gz`, label, geometry);
  }
  const description = {
    name,
    channel_names: modality,
    labels: Object.fromEntries(Object.entries(labels).map(([value, label]) => [label, Number(value)])),
    numTraining: all.length,
    file_ending: '.nii.gz',
  };
  writeFileSync(join(to, 'dataset.json'), JSON.stringify(description));
  copyTable(dir, to);
  return to;
}

/** BraTS folders: edema is 2 there, the necrotic core 1, and enhancing tumour 4 up to 2021, 3 since 2023. */
export async function asBrats(dir: string, to: string, year: 2021 | 2023): Promise<string> {
  const [separator, names, values] =
    year === 2021
      ? ['_', ['flair', 't1', 't1ce', 't2'], [0, 2, 1, 4]]
      : ['-', ['t2f', 't1n', 't1c', 't2w'], [0, 2, 1, 3]];
  for (const { id, geometry, channels, label } of await volumes(dir)) {
    const folder = join(to, id);
    channels.forEach((data, k) => put(folder, `${id}${separator}${names[k]}.nii.gz`, data, geometry));
    put(
      folder,
      `${id}${separator}seg.nii.gz`,
      label.map((value) => Number(values[value])),
      geometry,
    );
  }
  copyTable(dir, to);
  return to;
}

/** A CSV of paths with `labels.csv`, and the columns of `cases.csv`. */
export async function asCsv(dir: string, to: string): Promise<string> {
  const { modality, labels } = describe(dir);
  const [head, ...rows] = readFileSync(join(dir, 'cases.csv'), 'utf8').trim().split('\n');
  const lines = [`${['case', ...Object.values(modality), 'label'].join()},${head!.split(',').slice(1).join()}`];
  for (const { id, geometry, channels, label } of await volumes(dir)) {
    const files = channels.map((data, k) => `scans/${put(join(to, 'scans'), `${id}-${k}.nii.gz`, data, geometry)}`);
    files.push(`scans/${put(join(to, 'scans'), `${id}-truth.nii.gz`, label, geometry)}`);
    const row = rows.find((each) => each.startsWith(`${id},`))!;
    lines.push(`${id},${files.join()},${row.split(',').slice(1).join()}`);
  }
  writeFileSync(join(to, 'cases.csv'), `${lines.join('\n')}\n`);
  const names = Object.entries(labels).map(([value, name]) => `${value},${name}\n`);
  writeFileSync(join(to, 'labels.csv'), `value,name\n${names.join('')}`);
  return to;
}
