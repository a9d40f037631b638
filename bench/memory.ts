/** `npm run bench -- memory`: how the estimate of `unet report` fits what a training really takes. */
import { Command } from 'commander';
import { patchValues } from '../compiler/ir/patch.js';
import { trainingMemory } from '../compiler/ir/training-memory.js';
import type { EngineName } from '../contract/engines.js';
import { compileSpec } from '../cli/spec.js';
import { engineOption, networksOption, wholeOption } from './harness/options.js';
import { batchReply, memoryReply, oursBuildReply, stepReply } from './harness/replies.js';
import { jsonLine, type BenchmarkResult } from './harness/result.js';
import { peakRss, startOurs } from './harness/sides.js';
import { spread } from './harness/spread.js';
import { compileNetwork, makeWorkspace, writeBatch } from './harness/workspace.js';
import { publishedWidth, type BenchmarkNetwork } from './networks.js';

interface Flags {
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  readonly sizes: string;
  readonly width: number;
  readonly steps: number;
}

interface Measured {
  readonly estimate: number;
  readonly measured: number;
}

/** Peak of resident memory in some steps, less what the process took before it built the network. */
async function measure(
  folder: string,
  network: BenchmarkNetwork,
  size: number,
  { engine, width, steps }: Flags,
): Promise<Measured> {
  const compiled = compileNetwork(folder, network, width);
  const side = await startOurs();
  try {
    const weights = `${folder}/${network.name}-memory.safetensors`;
    const { parameters, engineName } = await side.ask({ do: 'build', engine, ...compiled, weights }, oursBuildReply);
    const { resident } = await side.ask({ do: 'memory' }, memoryReply);
    await side.ask({ do: 'batch', file: writeBatch(folder, size) }, batchReply);
    await side.ask({ do: 'step', count: steps }, stepReply);
    const peak = await peakRss(side);
    if (peak === null) throw new Error('this system does not tell the peak of resident memory');
    const { network: ir } = compileSpec(network.spec, { set: network.knobs(width) });
    const sizes = patchValues(ir, [size, size, size]);
    return {
      estimate: trainingMemory(ir, sizes, engineName as EngineName).total,
      measured: peak - resident + 4 * parameters,
    };
  } finally {
    await side.close();
  }
}

async function memory(flags: Flags): Promise<void> {
  const folder = makeWorkspace();
  const cases: Record<string, { readonly ratio: ReturnType<typeof spread> } & Measured> = {};
  for (const size of flags.sizes.split(',').map(Number)) {
    for (const network of flags.networks) {
      const found = await measure(folder, network, size, flags);
      const ratio = found.estimate / found.measured;
      cases[`${network.name} ${size}`] = { ratio: spread([ratio]), ...found };
      const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
      console.log(
        `${network.name} at ${size}^3  estimate ${mebibytes(found.estimate)}, measured ${mebibytes(found.measured)}, ratio ${ratio.toFixed(3)}`,
      );
    }
  }
  const ratio = spread(Object.values(cases).map(({ estimate, measured }) => estimate / measured));
  const setting = { width: flags.width, batch: 1, steps: flags.steps };
  const result = { benchmark: 'memory', peer: 'measured peak RSS growth', ratio, setting, cases };
  console.log(jsonLine(result as unknown as BenchmarkResult));
}

export const memoryCommand = (): Command =>
  new Command('memory')
    .description("the report's estimate of training memory against the measured growth of resident memory")
    .addOption(networksOption('dalight3d,unet3d,attentionunet3d,resunet3d,vnet3d'))
    .addOption(engineOption())
    .option('--sizes <voxels>', 'edges of the patches, joined by commas', '32,64')
    .addOption(wholeOption('--width <channels>', 'channels of the first level', publishedWidth))
    .addOption(wholeOption('--steps <count>', 'training steps', 4))
    .action(memory);
