import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { UsageError } from '../exit.js';
import { packageRoot } from '../package-root.js';
import { tellResult, type ResultFlags } from '../result.js';

/** Its flags. */
export interface InitFlags extends ResultFlags {
  readonly starter: string;
}

/** What a project begins with: specs of this package, and short ones of its own, by the path they get. */
interface Starter {
  readonly copied: readonly string[];
  readonly written: Readonly<Record<string, string>>;
  readonly spec: string;
}

const ablations = ['no-sepconv', 'no-identifier-norm', 'no-csa', 'no-ssfb'].map((name) => `ablations/${name}.unet`);

const starters: Readonly<Record<string, Starter>> = {
  unet: {
    copied: ['unet3d.unet'],
    written: { 'variants/narrow.unet': 'use "../unet3d.unet"\nmodel Narrow = UNet3D { width = 16 }\n' },
    spec: 'unet3d.unet',
  },
  dalight3d: { copied: ['dalight3d.unet', ...ablations], written: {}, spec: 'dalight3d.unet' },
};

/** Names that `--starter` takes. */
export const starterNames: readonly string[] = Object.keys(starters);

/** `unet init [DIR]`: the files of a starter, none of which may be there already. */
export async function init(dir: string, flags: InitFlags): Promise<void> {
  const starter = starters[flags.starter];
  if (starter === undefined) throw new UsageError(`There is no starter \`${flags.starter}\`.`);
  const files = new Map(Object.entries(starter.written));
  for (const path of starter.copied) files.set(path, ownCopy(path));
  const paths = [...files.keys()].sort();
  const there = paths.map((path) => join(dir, path)).filter((path) => existsSync(path));
  if (there.length > 0) {
    throw new UsageError(`${there.map((path) => `\`${path}\``).join(', ')}: already there, and left as it is.`);
  }
  for (const path of paths) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    await writeFileAtomic(file, files.get(path) ?? '');
  }
  const written = paths.map((path) => join(dir, path));
  const spec = join(dir, starter.spec);
  tellResult(flags, { spec, written }, written.map((file) => `${file}\n`).join(''));
  process.stderr.write(`next: unet check ${spec}, unet report ${spec}, unet data synth phantoms --cases 12\n`);
}

/** A spec of this package that finds the package's library from wherever it lies. */
function ownCopy(path: string): string {
  const text = readFileSync(new URL(`specs/${path}`, packageRoot), 'utf8');
  return text.replace(/^use "lib\//gm, 'use "unet:lib/');
}
