/** Parameter counts by arithmetic alone, from the layer tables of the papers: nothing here reads a spec. */

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** A convolution without bias whose kernel has `taps` taps. */
export const conv = (taps: number, from: number, to: number): number => taps * from * to;
/** Scale and shift of a normalisation. */
export const affine = (channels: number): number => 2 * channels;
export const linear = (from: number, to: number): number => from * to + to;

/** What an ablation of DALight-3D takes away. */
export interface Removal {
  readonly separable?: false;
  readonly identifier?: false;
  readonly attention?: false;
  readonly ssfb?: false;
}

export interface DALight {
  readonly widths: readonly number[];
  readonly rank?: number;
  readonly without?: Removal;
}

/** The 8-row tables of scale and shift, and the pair for a case without identifier. */
const identifierNorm = (channels: number): number => 2 * (8 * channels + channels);
const squeezeExcite = (channels: number): number => {
  const squeezed = Math.floor(channels / 4);
  return linear(channels, squeezed) + linear(squeezed, channels);
};
const sliceAttention = (channels: number): number => {
  const inner = Math.max(Math.floor(channels / 4), 8);
  return 2 * linear(channels, inner) + linear(channels, channels);
};

function light(from: number, to: number, separable: boolean, attention: boolean, without: Removal): number {
  const one = (a: number, b: number): number => (separable ? conv(27, 1, a) + conv(1, a, b) : conv(27, a, b));
  const norm = without.identifier === false ? affine(to) : identifierNorm(to);
  const side = from === to ? 0 : conv(1, from, to) + affine(to);
  return one(from, to) + one(to, to) + 2 * norm + squeezeExcite(to) + (attention ? sliceAttention(to) : 0) + side;
}

const concatFusion = (channels: number): number => conv(27, 2 * channels, channels) + affine(channels);

function ssfb(channels: number, rank: number): number {
  const hidden = Math.max(Math.floor(channels / 4), 8);
  const lowRank = 2 * linear(channels, rank) + 2 * linear(channels, channels);
  const gate = linear(2 * channels, hidden) + linear(hidden, channels);
  return 1 + lowRank + gate + concatFusion(channels);
}

/** DALight-3D by stages, 4 modalities and 4 classes; also at other depths, widths, ranks and without a part. */
export function dalight({ widths, rank = 8, without = {} }: DALight): Record<string, number> {
  const at = (level: number): number => widths[level] ?? NaN;
  const last = widths.length - 1;
  const separable = without.separable !== false;
  const stages: Record<string, number> = { 'encoder.stem': conv(27, 4, at(0)) + affine(at(0)) };
  for (let level = 0; level <= last; level++) {
    const from = level === 0 ? at(0) : at(level - 1);
    const attention = level >= 2 && without.attention !== false;
    stages[`encoder.level${level}`] = light(from, at(level), level > 0 && separable, attention, without);
    if (level < last) stages[`encoder.down${level}`] = conv(27, at(level), at(level)) + at(level);
  }
  for (let level = last - 1; level >= 0; level--) {
    const plain = level === last - 1 || without.ssfb === false;
    stages[`decoder.up${level}`] = conv(8, at(level + 1), at(level)) + at(level);
    stages[`decoder.fuse${level}`] = plain ? concatFusion(at(level)) : ssfb(at(level), rank);
    stages[`decoder.level${level}`] = light(at(level), at(level), separable, false, without);
  }
  stages['head.mask'] = conv(27, at(0), 64) + affine(64) + linear(64, 4);
  return stages;
}

export const total = (stages: Readonly<Record<string, number>>): number => sum(Object.values(stages));

/** Widths 1, 2, 4, 8 times the base. */
const doubling = (base: number): readonly number[] => [1, 2, 4, 8].map((factor) => factor * base);

/** A U of levels that only know their channels: encoder, bottleneck, decoder after concatenation, 1 x 1 x 1 head. */
function u(base: number, level: (from: number, to: number, index: number, half: 'down' | 'up') => number): number {
  const widths = doubling(base);
  const encoder = widths.map((to, index) => level(index === 0 ? 4 : (widths[index - 1] ?? NaN), to, index, 'down'));
  const decoder = widths.slice(0, -1).map((to, index) => level(2 * to, to, index, 'up'));
  return sum(encoder) + sum(decoder) + linear(base, 4);
}

/** The 2 x 2 x 2 transposed convolutions between the levels. */
const ups = (base: number, bias: boolean): number =>
  sum(
    doubling(base)
      .slice(0, -1)
      .map((to) => conv(8, 2 * to, to) + (bias ? to : 0)),
  );

const double = (from: number, to: number): number => conv(27, from, to) + conv(27, to, to) + 2 * affine(to);
const side = (from: number, to: number): number => (from === to ? 0 : conv(1, from, to));

export const standard = (base: number): number => u(base, double) + ups(base, true);
export const residual = (base: number): number =>
  u(base, (from, to) => double(from, to) + side(from, to)) + ups(base, true);
/** The gate's three 1 x 1 x 1 convolutions: both sides to half the width, their sum to one channel. */
export const attention = (base: number): number =>
  standard(base) +
  sum(
    doubling(base)
      .slice(0, -1)
      .map((c) => 2 * conv(1, c, Math.floor(c / 2)) + Math.floor(c / 2)),
  );

/** V-Net: 1, 2, 2 and 3 convolutions a level, 1, 2, 2 on the way up; each with a slope per channel, one more after the sum. */
export function vnet(base: number): number {
  const counts = { down: [1, 2, 2, 3], up: [1, 2, 2] };
  const level = (from: number, to: number, index: number, half: 'down' | 'up'): number => {
    // The step down doubles the channels before the level, so only level 0 and the decoder change their width.
    const enters = half === 'down' && index > 0 ? to : from;
    const more = (counts[half][index] ?? NaN) - 1;
    return conv(27, enters, to) + more * conv(27, to, to) + (more + 1) * (affine(to) + to) + side(enters, to) + to;
  };
  const downs = sum(
    doubling(base)
      .slice(0, -1)
      .map((c) => conv(8, c, 2 * c)),
  );
  return u(base, level) + downs + ups(base, false);
}

/** Ronneberger et al. 2015: five levels of two biased 3 x 3 convolutions, 2 x 2 transposed ones between. */
export function unet2015(base: number, channels: number, classes: number): number {
  const widths = [1, 2, 4, 8, 16].map((factor) => factor * base);
  const two = (from: number, to: number): number => conv(9, from, to) + conv(9, to, to) + 2 * to;
  const encoder = widths.map((to, index) => two(index === 0 ? channels : (widths[index - 1] ?? NaN), to));
  const decoder = widths.slice(0, -1).map((to) => conv(4, 2 * to, to) + to + two(2 * to, to));
  return sum(encoder) + sum(decoder) + linear(base, classes);
}

/** U-Net++: node (i, j) takes the j nodes left of it and the upsampled one below; one 1 x 1 x 1 head a prediction. */
export function unetPlusPlus(base: number, predictions: number): number {
  const f = [1, 2, 4, 8, 16].map((factor) => factor * base);
  const at = (i: number): number => f[i] ?? NaN;
  let count = predictions * linear(base, 4);
  for (let i = 0; i <= 4; i++) count += double(i === 0 ? 4 : at(i - 1), at(i));
  for (let j = 1; j <= 4; j++) {
    for (let i = 0; i <= 4 - j; i++) count += conv(8, at(i + 1), at(i)) + at(i) + double((j + 1) * at(i), at(i));
  }
  return count;
}

/** UNETR: 16^3 patches, 12 pre-norm transformer layers, skips after every third, deconvolutions and residual blocks. */
export function unetr(width: number, hidden: number, perceptron: number, patches: number): number {
  const block = (from: number, to: number): number =>
    conv(27, from, to) + conv(27, to, to) + 2 * affine(to) + (from === to ? 0 : conv(1, from, to) + affine(to));
  const step = (from: number, to: number): number => conv(8, from, to) + block(to, to);
  const layer =
    2 * affine(hidden) +
    3 * hidden * hidden +
    linear(hidden, hidden) +
    linear(hidden, perceptron) +
    linear(perceptron, hidden);
  const embedding = conv(16 ** 3, 4, hidden) + hidden + patches * hidden;
  const [a, b, c, d] = [width, 2 * width, 4 * width, 8 * width];
  const skips = block(4, a) + step(hidden, b) + 2 * step(b, b) + step(hidden, c) + step(c, c) + step(hidden, d);
  const decoder =
    conv(8, hidden, d) +
    block(2 * d, d) +
    conv(8, d, c) +
    block(2 * c, c) +
    conv(8, c, b) +
    block(2 * b, b) +
    conv(8, b, a) +
    block(2 * a, a);
  return embedding + 12 * layer + affine(hidden) + skips + decoder + linear(a, 4);
}
