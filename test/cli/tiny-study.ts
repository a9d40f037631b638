/** A study that runs in seconds: two rows, two seeds, two folds, networks of a few channels. */
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { synthesize } from '../../runtime/data/synth.js';
import { scratch } from './run-unet.js';

/** One model with a module that a knob takes out, and how it is trained. No study. */
export const tinyModels = `model Tiny {
  input scan: image(FLAIR, T1w, t1gd, T2w)[D, H, W]
  output mask: classes(background, edema, \`non-enhancing tumor\`, \`enhancing tumour\`)
  knob width: int = 4
  knob extra: bool = true off false
  mask = scan -> conv(width, 3) -> relu -> conv(width, 3) when extra -> relu when extra -> conv(mask.classes, 1, bias: true)
}
model Slim = Tiny { extra = off }
model Wide = Tiny { width = 6 }

protocol Steps {
  data: msd("Phantom"), split: kfold(2, seed: 1)
  patch: random([8, 8, 8], foreground: redraw(10, above: 10))
  normalize: zscore(nonzero)
  augment: [flip(D, H, W), noise(0.05)]
  loss: dice(smooth: 1, classes: foreground) + 0.5 * cross_entropy
  optimizer: adamw(lr: 3e-3, weight_decay: 1e-5, clip_norm: 1.0)
  steps: 3, batch: 1, validate: sliding_window(overlap: 0.25, blend: gaussian, every: never)
  select: last
}
`;

export const tinyStudy = `${tinyModels}
study Small { protocol: Steps, seeds: 1 .. 2, folds: 0 .. 1, base: Tiny, variants: [Slim] }
`;

/** Four phantoms of 16 x 16 x 16 voxels below the scratch folder. @returns their folder */
export async function makeStudyData(name = 'phantoms'): Promise<string> {
  const folder = path.join(scratch(), name);
  await synthesize(folder, { cases: 4, size: [16, 16, 16], seed: 1 });
  return folder;
}

/** Arguments of `unet study run`: two jobs at a time, a thread each. */
export function runArguments(spec: string, data: string, out: string): string[] {
  return ['study', 'run', spec, '--data', data, '-o', out, '--jobs', '2', '--threads', '1'];
}

/** A copy of a study's folder, to spoil. */
export function copyStudy(study: string, name: string): string {
  const folder = path.join(scratch(), name);
  cpSync(study, folder, { recursive: true });
  return folder;
}

export function readJson<T>(...parts: readonly string[]): T {
  return JSON.parse(readFileSync(path.join(...parts), 'utf8')) as T;
}
