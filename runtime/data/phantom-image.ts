import { randomStream } from '../random/random-stream.js';
import { TISSUES, type Tissue } from './phantom-anatomy.js';
import { smoothField } from './smooth-field.js';

/** Contrasts of a phantom, in channel order: those of the Medical Segmentation Decathlon's brain tumours. */
export const CONTRASTS = ['FLAIR', 'T1w', 't1gd', 'T2w'] as const;

/** One of `CONTRASTS`. */
export type Contrast = (typeof CONTRASTS)[number];

/** Relative signal of a tissue in FLAIR, T1w, t1gd and T2w, as radiology textbooks order them. */
const SIGNAL: Readonly<Record<Tissue, readonly [number, number, number, number]>> = {
  outside: [0, 0, 0, 0],
  fluid: [0.18, 0.22, 0.22, 1.0],
  grey: [0.6, 0.5, 0.54, 0.6],
  white: [0.48, 0.74, 0.76, 0.44],
  spot: [0.88, 0.6, 0.62, 0.7],
  vessel: [0.3, 0.45, 1.05, 0.35],
  edema: [0.9, 0.52, 0.53, 0.82],
  core: [0.62, 0.34, 0.36, 0.88],
  enhancing: [0.76, 0.5, 1.05, 0.66],
};

/** The appearance of the contrasts at a scanner: `gain * signal ^ gamma` per contrast, a bias field, Rician noise. */
export interface Site {
  readonly name: string;
  readonly gain: readonly [number, number, number, number];
  readonly gamma: readonly [number, number, number, number];
  readonly bias: number;
  readonly noise: number;
}

/** The three scanners. Intensities overlap between them: edema at one is as bright as cortex at another. */
export const SITES: readonly Site[] = [
  { name: 'north', gain: [1, 1, 1, 1], gamma: [1, 1, 1, 1], bias: 0.08, noise: 0.035 },
  { name: 'south', gain: [0.7, 1.3, 1.1, 0.8], gamma: [0.7, 1.3, 0.75, 0.8], bias: 0.14, noise: 0.07 },
  { name: 'west', gain: [1.4, 0.8, 0.75, 1.3], gamma: [1.35, 0.75, 1.25, 1.3], bias: 0.2, noise: 0.05 },
];

/** Signal units of a stored voxel. */
const STORED = 600;

/** Mean over a voxel and its six neighbours inside the head, with weight 3 for the voxel itself: partial volume. */
function soften(data: Float32Array, tissue: Uint8Array, size: readonly [number, number, number]): Float32Array {
  const [, height, width] = size;
  const steps = [-height * width, height * width, -width, width, -1, 1];
  const out = new Float32Array(data.length);
  for (let voxel = 0; voxel < data.length; voxel++) {
    if (tissue[voxel] === 0) continue;
    let sum = 3 * (data[voxel] as number);
    let weight = 3;
    for (const step of steps) {
      if (tissue[voxel + step] === undefined || tissue[voxel + step] === 0) continue;
      sum += data[voxel + step] as number;
      weight++;
    }
    out[voxel] = sum / weight;
  }
  return out;
}

function shadeTissues(tissue: Uint8Array, seed: number, index: number, channel: number): Float32Array {
  const random = randomStream(seed, 'shade', index, channel);
  // Each tumour has its own contrast to white matter, so that no fixed threshold separates its parts.
  const strength = 0.65 + 0.4 * random.uniform();
  const levels = TISSUES.map((name) => {
    const signal = SIGNAL[name][channel] ?? 0;
    const white = SIGNAL.white[channel] ?? 0;
    const lesion = name === 'edema' || name === 'core' || name === 'enhancing';
    return (lesion ? white + strength * (signal - white) : signal) * (1 + 0.04 * random.normal());
  });
  return Float32Array.from(tissue, (each) => levels[each] ?? 0);
}

/** Multiplies by a bias field and a fine texture, both smooth in space. */
function modulate(
  data: Float32Array,
  size: readonly [number, number, number],
  site: Site,
  key: [number, number, number],
) {
  const random = randomStream(key[0], 'bias', key[1], key[2]);
  const bias = smoothField(random, 2);
  const texture = smoothField(random, 24);
  const [depth, height, width] = size;
  let voxel = 0;
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++, voxel++) {
        if (data[voxel] === 0) continue;
        const [z, y, x] = [(2 * k + 1) / depth - 1, (2 * j + 1) / height - 1, (2 * i + 1) / width - 1];
        data[voxel] = (data[voxel] as number) * (1 + site.bias * bias(z, y, x)) * (1 + 0.06 * texture(z, y, x));
      }
    }
  }
}

/**
 * One contrast of a head at a site, skull-stripped: 0 outside, at least 1 inside.
 * @param tissue [D, H, W], from `drawAnatomy`
 * @param channel index into `CONTRASTS`
 * @returns [D, H, W], arbitrary units as MR has them
 */
export function drawContrast(
  tissue: Uint8Array,
  size: readonly [number, number, number],
  site: Site,
  channel: number,
  seed: number,
  index: number,
): Int16Array {
  const signal = soften(shadeTissues(tissue, seed, index, channel), tissue, size);
  modulate(signal, size, site, [seed, index, channel]);
  const random = randomStream(seed, 'noise', index, channel);
  const gain = site.gain[channel] ?? 1;
  const gamma = site.gamma[channel] ?? 1;
  return Int16Array.from(signal, (value, voxel) => {
    if (tissue[voxel] === 0) return 0;
    const real = Math.max(value, 0) ** gamma + site.noise * random.normal();
    const imaginary = site.noise * random.normal();
    return Math.max(1, Math.round(STORED * gain * Math.hypot(real, imaginary)));
  });
}
