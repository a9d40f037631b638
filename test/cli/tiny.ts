/** A spec and data that train in seconds. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { synthesize } from '../../runtime/data/synth.js';
import { scratch } from './run-unet.js';

/** Two levels, with dropout, augmentation and an identifier, so that every kind of randomness is in a run. */
export const tinySpec = `use "unet:lib/unet.unet"
use "unet:lib/dalight.unet"

model Tiny {
  input scan: image(FLAIR, T1w, t1gd, T2w)[D, H, W]
  input site: identifier(3)
  output mask: classes(background, edema, \`non-enhancing tumor\`, \`enhancing tumour\`)

  knob width: int = 8

  encoder {
    widths: [width, 2 * width]
    level(c): conv(c, 3) -> identifier_norm(site, groups: 8) -> gelu
    down: max_pool(2)
  }
  decoder {
    up(c): transposed_conv(c, 2, stride: 2, bias: true)
    fuse: concat_up_skip
    level(c): conv(c, 3) -> gelu
  }
  head mask: spatial_dropout(0.2) -> conv(mask.classes, 1, bias: true)
}

protocol Tiny16 {
  data: msd("Phantom"), split: kfold(3, seed: 1)
  patch: random([8, 8, 8], foreground: redraw(10, above: 10))
  normalize: zscore(nonzero)
  augment: [flip(D, H, W), noise(0.05)]
  loss: dice(smooth: 1, classes: foreground) + 0.5 * cross_entropy
  optimizer: adamw(lr: 3e-3, weight_decay: 1e-5, clip_norm: 1.0), schedule: cosine(to: 1e-5)
  epochs: 2, batch: 1, validate: sliding_window(overlap: 0.25, blend: gaussian, every: 2)
  select: last
  identify: [site: column("site")]
}
`;

/** Writes a spec below the scratch folder. @returns its path */
export function writeSpec(name: string, text: string | Uint8Array): string {
  const file = path.join(scratch(), name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** Makes a phantom data set of 6 cases of 16 x 16 x 16 voxels below the scratch folder. @returns its folder */
export async function makeData(name = 'data'): Promise<string> {
  const folder = path.join(scratch(), name);
  await synthesize(folder, { cases: 6, size: [16, 16, 16], seed: 1 });
  return folder;
}

/** A copy of a data set to spoil. */
export async function copyData(data: string, name: string): Promise<string> {
  const folder = path.join(scratch(), name);
  await cp(data, folder, { recursive: true });
  return folder;
}
