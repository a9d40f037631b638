/** From an image to a mask as docs/formats.md describes it, with onnxruntime and the metadata of an exported file alone. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InferenceSession, Tensor } from 'onnxruntime-node';

interface Metadata {
  readonly protocol: {
    readonly normalize: { readonly kind: 'zscore'; readonly over: 'nonzero' | 'all' };
    readonly patch: { readonly size: readonly number[] };
    readonly validate: { readonly overlap: number; readonly blend: 'gaussian' | 'constant' };
  };
  readonly mapping: {
    readonly images: Readonly<Record<string, readonly number[]>>;
    readonly values: Readonly<Record<string, readonly number[]>>;
  };
  readonly identifiers: Readonly<Record<string, { readonly names: readonly string[] }>>;
}

/** The strings of `metadata_props` in a model file, which onnxruntime-node does not expose: field 14 of the protobuf. */
function metadataOf(bytes: Buffer): Record<string, string> {
  const found: Record<string, string> = {};
  const varint = (buffer: Buffer, at: number): [number, number] => {
    let [value, factor, next] = [0, 1, at];
    for (;;) {
      const byte = buffer[next++]!;
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) return [value, next];
    }
  };
  const fields = (buffer: Buffer, take: (field: number, content: Buffer) => void): void => {
    let at = 0;
    while (at < buffer.length) {
      const [key, start] = varint(buffer, at);
      const [value, end] = varint(buffer, start);
      if (key % 8 === 2) take(Math.floor(key / 8), buffer.subarray(end, end + value));
      at = key % 8 === 2 ? end + value : end;
    }
  };
  fields(bytes, (field, content) => {
    if (field !== 14) return;
    const pair: string[] = [];
    fields(content, (_, text) => pair.push(text.toString('utf8')));
    found[pair[0]!] = pair[1]!;
  });
  return found;
}

/** An int16 NIfTI file: sizes x, y, z, channels, and the voxels as they lie. */
export function readVoxels(file: string): { readonly size: readonly number[]; readonly voxels: ArrayLike<number> } {
  const raw = readFileSync(file);
  const bytes = raw[0] === 0x1f ? gunzipSync(raw) : raw;
  const size = [1, 2, 3, 4].map((axis) => Math.max(1, bytes.readInt16LE(40 + 2 * axis)));
  const body = new Uint8Array(bytes.subarray(bytes.readFloatLE(108)));
  const type = bytes.readInt16LE(70);
  const voxels = { 2: body, 4: new Int16Array(body.buffer), 16: new Float32Array(body.buffer) }[type];
  if (voxels === undefined) throw new Error(`NIfTI type ${type}`);
  return { size, voxels };
}

function normalized(all: ArrayLike<number>, channel: number, count: number, over: 'nonzero' | 'all'): Float32Array {
  const values = Array.from({ length: count }, (_, i) => all[channel * count + i]!);
  const counted = over === 'all' ? values : values.filter((value) => value !== 0);
  const mean = counted.reduce((sum, value) => sum + value, 0) / counted.length;
  const deviation = Math.sqrt(counted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / counted.length);
  return Float32Array.from(values, (value) => (over === 'nonzero' && value === 0 ? 0 : (value - mean) / deviation));
}

function starts(extent: number, size: number, overlap: number): number[] {
  const last = Math.max(0, extent - size);
  const step = Math.max(1, Math.floor(size * (1 - overlap) + 1e-9));
  return [...Array.from({ length: Math.ceil(last / step) }, (_, i) => i * step), last];
}

function weightOf(place: readonly number[], size: readonly number[], blend: string): number {
  if (blend === 'constant') return 1;
  const exponent = place.reduce(
    (sum, at, axis) => sum + ((at - (size[axis]! - 1) / 2) / (size[axis]! / 8)) ** 2 / 2,
    0,
  );
  return Math.max(Math.exp(-exponent), 0.001);
}

/** @returns the mask, x fastest */
export async function maskByOnnx(
  model: string,
  image: string,
  identifiers: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  const bytes = readFileSync(model);
  const texts = metadataOf(bytes);
  const parse = (key: keyof Metadata): unknown => JSON.parse(texts[key]!);
  const metadata = Object.fromEntries(
    (['protocol', 'mapping', 'identifiers'] as const).map((key) => [key, parse(key)]),
  ) as unknown as Metadata;
  const { normalize, patch, validate } = metadata.protocol;
  const { size, voxels } = readVoxels(image);
  const [width = 1, height = 1, depth = 1] = size;
  const extents = [depth, height, width];
  const count = depth * height * width;
  const [[input, channels]] = Object.entries(metadata.mapping.images) as [[string, readonly number[]]];
  const [[output, values]] = Object.entries(metadata.mapping.values) as [[string, readonly number[]]];
  const scan = channels.map((channel) => normalized(voxels, channel, count, normalize.over));
  const [pd = 1, ph = 1, pw = 1] = patch.size;
  const sums = values.map(() => new Float64Array(count));
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const given = Object.entries(metadata.identifiers)
    .filter(([name]) => session.inputNames.includes(name))
    .map(([name, { names }]) => [name, new Tensor('int64', [BigInt(names.indexOf(identifiers[name] ?? ''))], [1])]);
  const [zs, ys, xs] = extents.map((extent, axis) => starts(extent, patch.size[axis]!, validate.overlap));
  for (const z of zs!) {
    for (const y of ys!) {
      for (const x of xs!) {
        const window = new Float32Array(channels.length * pd * ph * pw);
        const each = (take: (inWindow: number, inVolume: number, weight: number) => void): void => {
          for (let k = 0; k < pd && z + k < depth; k++)
            for (let j = 0; j < ph && y + j < height; j++)
              for (let i = 0; i < pw && x + i < width; i++) {
                const weight = weightOf([k, j, i], patch.size, validate.blend);
                take((k * ph + j) * pw + i, ((z + k) * height + y + j) * width + x + i, weight);
              }
        };
        scan.forEach((channel, c) => each((at, voxel) => (window[c * pd * ph * pw + at] = channel[voxel]!)));
        const feeds = [[input, new Tensor('float32', window, [1, channels.length, pd, ph, pw])], ...given];
        const logits = (await session.run(Object.fromEntries(feeds) as Record<string, Tensor>))[output]!;
        const data = logits.data as Float32Array;
        sums.forEach((sum, c) => each((at, voxel, weight) => (sum[voxel]! += weight * data[c * pd * ph * pw + at]!)));
      }
    }
  }
  await session.release();
  return Uint8Array.from({ length: count }, (_, voxel) => {
    const best = sums.reduce((top, sum, index) => (sum[voxel]! > sums[top]![voxel]! ? index : top), 0);
    return values[best]!;
  });
}
