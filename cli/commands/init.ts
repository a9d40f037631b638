import { lstatSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, removeEmptyFolders } from '../../runtime/files/make-folder.js';
import { refuseOwned } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { FileError, UsageError } from '../exit.js';
import { packageRoot } from '../package-root.js';
import { tellResult, type ResultFlags } from '../result.js';
import { tell } from '../terminal.js';

/** Its flags. */
export interface InitFlags extends ResultFlags {
  readonly starter: string;
}

/** What a project begins with: specs of this package, and short ones of its own. */
interface Starter {
  /** Specs of this package, by the path they get. */
  readonly copied: Readonly<Record<string, string>>;
  readonly written: Readonly<Record<string, string>>;
  readonly spec: string;
  /** The commands to try next. */
  readonly next: (dir: string, spec: string) => readonly string[];
}

const ablations = ['no-sepconv', 'no-identifier-norm', 'no-csa', 'no-ssfb'].map((name) => `ablations/${name}.unet`);

const synth = 'unet data synth phantoms --cases 12';
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
      // A study has a folder of its own: the one that holds the spec is refused.
      `unet study run ${quoted(spec)} --data phantoms --out ${quoted(join(dir, 'study'))}`,
    ],
  },
};

function sameName(paths: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(paths.map((path) => [path, path]));
}

/** Names that `--starter` takes. */
export const starterNames: readonly string[] = Object.keys(starters);

/** `unet init [DIR]`: the files of a starter, none of which may be there already. */
export async function init(dir: string, flags: InitFlags): Promise<void> {
  const starter = starters[flags.starter];
  if (starter === undefined) throw new UsageError(`Unknown starter \`${flags.starter}\`.`);
  const files = new Map(Object.entries(starter.written));
  for (const [path, source] of Object.entries(starter.copied)) files.set(path, ownCopy(source));
  const paths = [...files.keys()].sort();
  const there = paths.map((path) => join(dir, path)).filter(isTaken);
  if (there.length > 0) {
    throw new FileError(`${there.map((path) => `\`${path}\``).join(', ')}: file exists and was not changed.`);
  }
  await refuseOwned(dir, dir);
  const written = await writeAll(new Map(paths.map((path) => [join(dir, path), files.get(path) ?? ''])));
  const spec = join(dir, starter.spec);
  tellResult(flags, { spec, written }, written.map((file) => `${file}\n`).join(''));
  tell(
    `Next:\n${starter
      .next(dir, spec)
      .map((command) => `  ${command}\n`)
      .join('')}`,
  );
}

/** A path as one word of a POSIX shell. */
function quoted(path: string): string {
  return /^[\w./~:@%+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Whether anything has that name, a link that leads nowhere included. */
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

/** A spec of this package that finds the package's library from wherever it lies. */
function ownCopy(path: string): string {
  const text = readFileSync(new URL(`specs/${path}`, packageRoot), 'utf8');
  return text.replace(/^use "(\.\.\/)?lib\//gm, 'use "unet:lib/');
}
