/** `npm run bench -- modes`: the onnx engine's compiled steps beside its eager ones, and beside stock tfjs. */
import { Command } from 'commander';
import { engineOption, networksOption, wholeOption } from './harness/options.js';
import { ourselves, stock, withSides, type Peer, type Sides } from './harness/prepare.js';
import { loadBefore } from './harness/load.js';
import { benchmarkResult, jsonLine, type CaseResult } from './harness/result.js';
import { threads } from './harness/sides.js';
import { measureSteps } from './harness/steps.js';
import { makeWorkspace, writeBatch } from './harness/workspace.js';
import { networkNamed, publishedWidth, type BenchmarkNetwork } from './networks.js';

interface Flags {
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  readonly size: number;
  readonly stockSize: number;
  readonly width: number;
  readonly pairs: number;
  readonly stockPairs: number;
  readonly warmup: number;
}

const compiled = { UNET_ONNX_MODE: 'compiled' } as const;
const eager = ourselves({ UNET_ONNX_MODE: 'eager' });
const stockCase = 'unet3d against stock';

/** One case: our compiled step beside another way to the same step. */
async function runCase(
  name: string,
  network: BenchmarkNetwork,
  peer: Peer,
  { size, pairs, flags, folder }: { size: number; pairs: number; flags: Flags; folder: string },
): Promise<{ result: CaseResult; sides: Sides }> {
  const { engine, width, warmup } = flags;
  return withSides({ folder, network, width, engine, peer, env: compiled }, async (sides) => {
    const result = await measureSteps(name, sides, writeBatch(folder, size), { pairs, warmup });
    return { result, sides };
  });
}

async function modes(flags: Flags): Promise<void> {
  const load = loadBefore();
  const folder = makeWorkspace();
  const { size, stockSize, width, pairs, stockPairs } = flags;
  const whole = { size: stockSize, pairs: stockPairs, flags, folder };
  const { result, sides } = await runCase(stockCase, networkNamed('unet3d'), stock, whole);
  const { engine, engineName, peer } = sides;
  const cases = new Map([[stockCase, result]]);
  for (const network of flags.networks) {
    const name = `${network.name} against eager`;
    if (engineName !== 'onnx') {
      console.log(`${name} is skipped: the engine ${engineName} has one mode only.`);
      continue;
    }
    cases.set(name, (await runCase(name, network, eager, { size, pairs, flags, folder })).result);
  }
  const setting = { size, stockSize, width, pairs, stockPairs, threads, engine, load };
  console.log(jsonLine(benchmarkResult({ benchmark: 'modes', peer: peer.name, setting }, cases, stockCase)));
}

export const modesCommand = (): Command =>
  new Command('modes')
    .description('compiled steps against eager ones, and the Standard U-Net against stock tfjs on wasm')
    .addOption(networksOption('dalight3d,unet3d'))
    .addOption(engineOption())
    .addOption(wholeOption('--size <voxels>', 'edge of the patch, against eager', 64))
    .addOption(wholeOption('--stock-size <voxels>', 'edge of the patch, against stock tfjs', 16))
    .addOption(wholeOption('--width <channels>', 'channels of the first level', publishedWidth))
    .addOption(wholeOption('--pairs <count>', 'steps of either side that count, against eager', 10))
    .addOption(wholeOption('--stock-pairs <count>', 'number of pairs against stock tfjs', 3))
    .addOption(wholeOption('--warmup <count>', 'steps of either side before them', 4))
    .action(modes);
