/** `npm run bench -- volume`: a whole volume by sliding window beside PyTorch with the same windows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { againstPyTorch } from './harness/against-pytorch.js';
import { alternate, ratioOf, type Pair, type Turn } from './harness/alternate.js';
import { assertSame } from './harness/compare.js';
import { engineOption, networksOption, wholeNumber, wholeOption } from './harness/options.js';
import type { Sides } from './harness/prepare.js';
import { predictReply } from './harness/replies.js';
import { caseLine, caseResult, type CaseResult } from './harness/result.js';
import { peakRss, threads, type NamedSide } from './harness/sides.js';
import { channels, writeVolume } from './harness/workspace.js';
import { publishedWidth, type BenchmarkNetwork } from './networks.js';

interface Flags {
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  /** [D, H, W] */
  readonly size: readonly number[];
  readonly patch: number;
  readonly width: number;
  readonly pairs: number;
}

interface VolumeTurn extends Turn {
  readonly windows: number;
}

const overlap = 0.5;
/** Of probabilities, which are at most 1. */
const tolerance = 1e-3;
const restMs = 100;

function predict(side: NamedSide, volume: string, extents: readonly number[], patch: number, out?: string) {
  const command = { do: 'predict', volume, shape: [channels, ...extents], patch, overlap };
  return side.ask<VolumeTurn>(out === undefined ? command : { ...command, out }, predictReply);
}

function probabilities(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Warms both sides up on a volume of eight windows, and gives how far their answers are apart. */
async function checkAnswers(name: string, { ours, peer }: Sides, folder: string, patch: number): Promise<number> {
  const extents = [patch + 5, patch + 7, patch + Math.floor(patch / 2)];
  const volume = writeVolume(folder, extents);
  const files = { ours: join(folder, 'ours.raw'), peer: join(folder, 'peer.raw') };
  await predict(ours, volume, extents, patch, files.ours);
  await predict(peer, volume, extents, patch, files.peer);
  return assertSame(`${name}: the probabilities`, probabilities(files.ours), probabilities(files.peer), tolerance);
}

function pairLine(name: string, pair: Pair<VolumeTurn>, index: number, pairs: number): string {
  const { ours, peer } = pair;
  const times = `ours ${ours.seconds.toPrecision(3)} s, peer ${peer.seconds.toPrecision(3)} s`;
  return `${name}  pair ${index + 1} of ${pairs}: ${times}, ratio ${ratioOf(pair).toPrecision(3)}; ${ours.windows} windows`;
}

async function measure(name: string, sides: Sides, folder: string, flags: Flags): Promise<CaseResult> {
  const { ours, peer, engine } = sides;
  const { size, patch, pairs } = flags;
  console.log(`${name}  ours: ${engine}; peer: ${peer.name}; ${threads} threads; writing the volume`);
  const difference = await checkAnswers(name, sides, folder, patch);
  const volume = writeVolume(folder, size);
  const all = await alternate<VolumeTurn>({
    ours: () => predict(ours, volume, size, patch),
    peer: () => predict(peer, volume, size, patch),
    pairs,
    warmup: 0,
    restMs,
    onPair: (pair, index) => {
      console.log(pairLine(name, pair, index, pairs));
    },
  });
  const unlike = all.find((pair) => pair.ours.windows !== pair.peer.windows);
  if (unlike !== undefined)
    throw new Error(`ours took ${unlike.ours.windows} windows, the peer ${unlike.peer.windows}`);
  const rss = { ours: await peakRss(ours), peer: await peakRss(peer) };
  const result = caseResult(all, rss, difference);
  console.log(caseLine(name, result));
  return result;
}

async function volume(flags: Flags, command: Command): Promise<void> {
  const { size, patch, pairs } = flags;
  if (size.some((extent) => extent < patch)) command.error(`error: the volume must be no smaller than ${patch}`);
  await againstPyTorch({
    benchmark: 'volume',
    ...flags,
    setting: { size: size.join('x'), patch, overlap, pairs },
    measure: (name, sides, folder) => measure(name, sides, folder, flags),
  });
}

function extents(value: string): number[] {
  const sizes = value.split(/[,x]/).map(wholeNumber);
  if (sizes.length === 1) return [sizes[0]!, sizes[0]!, sizes[0]!];
  if (sizes.length === 3) return sizes;
  throw new InvalidArgumentError('It takes three sizes, such as 155x240x240, or one for a cube.');
}

export const volumeCommand = (): Command =>
  new Command('volume')
    .description('inference of a volume by sliding window, against PyTorch')
    .addOption(networksOption('dalight3d'))
    .addOption(engineOption())
    .addOption(
      new Option('--size <sizes>', 'the volume, DxHxW').argParser(extents).default([155, 240, 240], '155x240x240'),
    )
    .addOption(wholeOption('--patch <voxels>', 'edge of the window', 64))
    .addOption(wholeOption('--width <channels>', 'channels of the first level', publishedWidth))
    .addOption(wholeOption('--pairs <count>', 'predictions of either side', 3))
    .action(volume);
