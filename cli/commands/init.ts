import { lstatSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, removeEmptyFolders } from '../../runtime/files/make-folder.js';
import { refuseOwned } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { FileError, UsageError } from '../exit.js';
import { quoted, tellNext } from '../next-steps.js';
import { packageRoot } from '../package-root.js';
import { printResult, type ResultFlags } from '../result.js';

/** Flags of the command. */
export interface InitFlags extends ResultFlags {
  readonly output: string;
  readonly starter: string;
}

/** The files of a new project: specs from this package, and short ones of its own. */
interface Starter {
  /** Specs from this package by their new path. */
  readonly copied: Readonly<Record<string, string>>;
  readonly written: Readonly<Record<string, string>>;
  readonly spec: string;
  /** The commands to try next. */
  readonly next: (dir: string, spec: string) => readonly string[];
}

const ablations = ['no-sepconv', 'no-identifier-norm', 'no-csa', 'no-ssfb'].map((name) => `ablations/${name}.unet`);

const synth = 'unet data synth -o phantoms --cases 12';
const nextOfModel = (_: string, spec: string): readonly string[] => [
  `unet check ${quoted(spec)}`,
  `unet report ${quoted(spec)}`,
  synth,
];

const starters: Readonly<Record<string, Starter>> = {
  unet: {
    copied: sameName(['unet3d.unet']),
    written: { 'variants/narrow.unet': 'use "../unet3d.unet"\nmodel Narrow = UNet3D { width = 16 }\n' },
    spec: 'unet3d.unet',
    next: nextOfModel,
  },
  dalight3d: {
    copied: sameName(['dalight3d.unet', ...ablations]),
    written: {},
    spec: 'dalight3d.unet',
    next: nextOfModel,
  },
  study: {
    copied: { 'study.unet': 'studies/first-study.unet' },
    written: {},
    spec: 'study.unet',
    next: (dir, spec) => [
      `unet check ${quoted(spec)}`,
      `${synth} --size 48,48,48`,
      `unet study plan ${quoted(spec)} --data phantoms`,
      // A study needs its own folder: the one that contains the spec is rejected.
      `unet study run ${quoted(spec)} --data phantoms -o ${quoted(join(dir, 'study'))}`,
    ],
  },
};

function sameName(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, path]));
}

/** `unet init [-o DIR]`: creates the files of a starter, none of which may exist. */
export async function init(flags: InitFlags): Promise<void> {
  const { output: dir } = flags;
  const starter = starters[flags.starter];
  if (starter === undefined) throw new UsageError(`Unknown starter \`${flags.starter}\`.`);
  const files = new Map(Object.entries(starter.written));
  for (const [path, source] of Object.entries(starter.copied)) files.set(path, ownCopy(source));
  const paths = [...files.keys()].sort();
  const there = paths.map((path) => join(dir, path)).filter(isTaken);
  if (there.length > 0) {
    const [names, exist] = [there.map((path) => `\`${path}\``).join(', '), there.length === 1 ? 'exists' : 'exist'];
    throw new FileError(`${names} already ${exist}; nothing was written. Choose another folder with -o.`);
  }
  await refuseOwned(dir, dir);
  const written = await writeAll(new Map(paths.map((path) => [join(dir, path), files.get(path) ?? ''])));
  const spec = join(dir, starter.spec);
  printResult(flags, { spec, written }, written.map((file) => `${file}\n`).join(''));
  tellNext(starter.next(dir, spec));
}

/** Whether a file with that name exists, including a dangling link. */
function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** Writes new files, all or none. @returns their paths */
async function writeAll(files: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const written: string[] = [];
  const created: string[] = [];
  try {
    for (const [file, text] of files) {
      created.push(...(await makeFolder(dirname(file))));
      await writeFileAtomic(file, text);
      written.push(file);
    }
    return written;
  } catch (error) {
    for (const file of written) await rm(file, { force: true });
    await removeEmptyFolders(created);
    throw error;
  }
}

/** Returns a spec from this package with its imports changed to library paths, so that it works in any folder. */
function ownCopy(path: string): string {
  const text = readFileSync(new URL(`specs/${path}`, packageRoot), 'utf8');
  return text.replace(/^use "(\.\.\/)?lib\//gm, 'use "unet:lib/');
}
