/** A folder for what the two sides exchange: generated modules, weights, batches, volumes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileSpec } from '../../cli/spec.js';
import { emitJavaScript } from '../../compiler/emit/tfjs/emit-javascript.js';
import { weightsOf } from '../../compiler/ir/ir.js';
import { randomStream } from '../../runtime/random/random-stream.js';
import { encodeSafetensors } from '../../runtime/files/safetensors.js';
import { applyNameMap, parseNameMap } from '../../runtime/weights/name-map.js';
import type { BenchmarkNetwork } from '../networks.js';

/** Channels of the image and labels of the mask, of every benchmark's network. */
export const channels = 4;
export const labels = 4;

const cubeOf = (size: number): number => size ** 3;

/** Makes the folder; it goes when this process ends or is stopped. */
export function makeWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'unet-bench-'));
  process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  return folder;
}

/** What our side builds a network from. */
export interface CompiledNetwork {
  /** The generated JavaScript. */
  readonly module: string;
  /** From our ids to the peer's names. */
  readonly names: Readonly<Record<string, string>>;
}

/** Compiles a network here, so that no side's memory holds the compiler. */
export function compileNetwork(folder: string, network: BenchmarkNetwork, width: number): CompiledNetwork {
  const { network: ir } = compileSpec(network.spec, { set: network.knobs(width) });
  const module = join(folder, `${network.name}-${width}.js`);
  writeFileSync(module, emitJavaScript(ir));
  const { sources } = applyNameMap(
    parseNameMap(readFileSync(network.map, 'utf8'), network.map),
    weightsOf(ir).map(({ id }) => id),
  );
  return { module, names: Object.fromEntries([...sources].map(([id, { names }]) => [id, names[0]!])) };
}

/** Normally distributed, as after z-score normalisation. */
function noise(length: number, ...key: readonly string[]): Float32Array {
  const random = randomStream(1, 'benchmark', ...key);
  return Float32Array.from({ length }, () => random.normal());
}

/** Nested spheres, [size, size, size]: all four classes, and as many voxels of each as in a tumour patch or so. */
function spheres(size: number): Int32Array {
  const centre = (size - 1) / 2;
  return Int32Array.from({ length: cubeOf(size) }, (_, index) => {
    const places = [Math.floor(index / size ** 2), Math.floor(index / size) % size, index % size];
    const radius = Math.hypot(...places.map((place) => place - centre)) / size;
    return [0.15, 0.25, 0.4].filter((bound) => radius < bound).length;
  });
}

/** One case: `scan` [1, 4, size, size, size] and `target` [1, size, size, size]. */
export function writeBatch(folder: string, size: number): string {
  const file = join(folder, `batch-${size}.safetensors`);
  const cube = [size, size, size];
  const tensors = new Map([
    ['scan', { shape: [1, channels, ...cube], data: noise(channels * cubeOf(size), 'batch') }],
    ['target', { shape: [1, ...cube], data: spheres(size) }],
  ]);
  writeFileSync(file, encodeSafetensors(tensors));
  return file;
}

/** A volume [4, ...extents] as raw float32. */
export function writeVolume(folder: string, extents: readonly number[]): string {
  const file = join(folder, `volume-${extents.join('x')}.raw`);
  const length = extents.reduce((product, extent) => product * extent, channels);
  writeFileSync(file, noise(length, 'volume'));
  return file;
}
