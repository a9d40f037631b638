/** `npm run bench -- stability`: many training steps, with resident memory and tensors watched. */
import { Command } from 'commander';
import { engineOption, networksOption, wholeOption } from './harness/options.js';
import { batchReply, memoryReply, oursBuildReply, stepReply } from './harness/replies.js';
import { jsonLine, type BenchmarkResult } from './harness/result.js';
import { startOurs } from './harness/sides.js';
import { spread } from './harness/spread.js';
import { compileNetwork, makeWorkspace, writeBatch } from './harness/workspace.js';
import { publishedWidth, type BenchmarkNetwork } from './networks.js';

interface Flags {
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  readonly size: number;
  readonly width: number;
  readonly steps: number;
}

/** Steps between two looks at memory; the first look, after warm-up, is what the others are compared with. */
const looks = 20;

async function stability({ networks, engine, size, width, steps }: Flags): Promise<void> {
  const folder = makeWorkspace();
  const [network] = networks as [BenchmarkNetwork];
  const compiled = compileNetwork(folder, network, width);
  const side = await startOurs();
  try {
    const weights = `${folder}/weights.safetensors`;
    await side.ask({ do: 'build', engine, ...compiled, weights }, oursBuildReply);
    await side.ask({ do: 'batch', file: writeBatch(folder, size) }, batchReply);
    const each = Math.max(1, Math.floor(steps / looks));
    const seen: { resident: number; tensors: number }[] = [];
    const seconds: number[] = [];
    for (let done = 0; done < steps; done += each) {
      const reply = await side.ask({ do: 'step', count: Math.min(each, steps - done) }, stepReply);
      seconds.push(...reply.seconds);
      const memory = await side.ask({ do: 'memory' }, memoryReply);
      seen.push(memory);
      const losses = reply.losses.at(-1)!.toFixed(5);
      console.log(
        `step ${done + reply.losses.length}: loss ${losses}, ${Math.round(memory.resident / 2 ** 20)} MiB resident, ${memory.tensors} tensors`,
      );
    }
    const [first, ...later] = seen as [(typeof seen)[number], ...typeof seen];
    const growth = spread(later.map(({ resident }) => resident / first.resident));
    const tensors = later.map((memory) => memory.tensors - first.tensors);
    const setting = { network: network.name, width, size, steps, tensorsAdded: Math.max(...tensors) };
    const cases = { 'resident memory': { ratio: growth, seconds: spread(seconds.slice(each)) } };
    const result = {
      benchmark: 'stability',
      peer: `resident memory after ${each} steps`,
      ratio: growth,
      setting,
      cases,
    };
    console.log(jsonLine(result as unknown as BenchmarkResult));
  } finally {
    await side.close();
  }
}

export const stabilityCommand = (): Command =>
  new Command('stability')
    .description('resident memory and tensors over many training steps of one network')
    .addOption(networksOption('dalight3d'))
    .addOption(engineOption())
    .addOption(wholeOption('--size <voxels>', 'edge of the patch', 32))
    .addOption(wholeOption('--width <channels>', 'channels of the first level', publishedWidth))
    .addOption(wholeOption('--steps <count>', 'training steps', 2000))
    .action(stability);
