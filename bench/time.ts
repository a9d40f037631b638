/** `npm run bench -- time`: how the estimates of `unet study plan` fit the time that steps and windows really take. */
import { Command } from 'commander';
import { compileSpec } from '../cli/spec.js';
import { patchValues } from '../compiler/ir/patch.js';
import { estimateTime, workOf, type Work } from '../compiler/study/estimate-time.js';
import { engineOption, wholeOption } from './harness/options.js';
import { batchReply, oursBuildReply, oursPredictReply, oursStepReply, threadsReply } from './harness/replies.js';
import { jsonLine, type BenchmarkResult } from './harness/result.js';
import { startOurs } from './harness/sides.js';
import { spread } from './harness/spread.js';
import { channels, compileNetwork, makeWorkspace, writeBatch, writeVolume } from './harness/workspace.js';
import { networkNamed } from './networks.js';

interface Flags {
  readonly cases: string;
  readonly engine: string;
  readonly seconds: number;
}

/**
 * Seconds of processor time with one thread, the least of several: what other work on the machine takes is not in them.
 */
interface Measured {
  readonly firstStep: number;
  readonly step: number;
  /** A window of a sliding-window prediction. */
  readonly window: number;
}

interface Setting {
  readonly name: string;
  readonly width: number;
  readonly size: number;
}

function readCase(text: string): Setting {
  const [name = '', width, size] = text.trim().split(':');
  return { name, width: Number(width), size: Number(size) };
}

async function measure(folder: string, { name, width, size }: Setting, flags: Flags): Promise<Measured> {
  const compiled = compileNetwork(folder, networkNamed(name), width);
  const side = await startOurs();
  try {
    await side.ask({ do: 'threads', count: 1 }, threadsReply);
    const weights = `${folder}/${name}-time.safetensors`;
    await side.ask({ do: 'build', engine: flags.engine, ...compiled, weights }, oursBuildReply);
    await side.ask({ do: 'batch', file: writeBatch(folder, size) }, batchReply);
    const step = async (): Promise<number> =>
      (await side.ask({ do: 'step', count: 1 }, oursStepReply)).processorSeconds[0]!;
    // Three windows along the first axis.
    const extents = [2 * size, size, size];
    const shape = [channels, ...extents];
    const predict = { do: 'predict', volume: writeVolume(folder, extents), shape, patch: size, overlap: 0.5 };
    const window = async (): Promise<number> => {
      const { processorSeconds, windows } = await side.ask(predict, oursPredictReply);
      return processorSeconds / windows;
    };
    return {
      firstStep: await step(),
      step: await leastOf(step, flags.seconds),
      window: await leastOf(window, flags.seconds / 2),
    };
  } finally {
    await side.close();
  }
}

/** The minimum of repeated measurements over a number of seconds, at least three. The first run still records and allocates. */
async function leastOf(measureOnce: () => Promise<number>, seconds: number): Promise<number> {
  await measureOnce();
  const end = performance.now() + 1000 * seconds;
  let least = Infinity;
  for (let turn = 0; turn < 3 || performance.now() < end; turn++) least = Math.min(least, await measureOnce());
  return least;
}

function workAt({ name, width, size }: Setting): Work {
  const network = networkNamed(name);
  const { network: ir } = compileSpec(network.spec, { set: network.knobs(width) });
  return workOf(ir, patchValues(ir, [size, size, size]));
}

async function time(flags: Flags): Promise<void> {
  const folder = makeWorkspace();
  const cases: Record<string, object> = {};
  const ratios: number[] = [];
  for (const setting of flags.cases.split(',').map(readCase)) {
    const work = workAt(setting);
    const measured = await measure(folder, setting, flags);
    const estimate = estimateTime(work);
    const ratio = estimate.step / measured.step;
    ratios.push(ratio);
    cases[`${setting.name} ${setting.width} ${setting.size}`] = { ratio: spread([ratio]), ...work, measured, estimate };
    console.log(
      `${setting.name} width ${setting.width} at ${setting.size}^3  ` +
        `step ${measured.step.toFixed(3)} s (estimate ${estimate.step.toFixed(3)}), ` +
        `window ${measured.window.toFixed(3)} s (${estimate.window.toFixed(3)}), ` +
        `first step ${measured.firstStep.toFixed(2)} s (${estimate.firstStep.toFixed(2)})`,
    );
  }
  const setting = { batch: 1, seconds: flags.seconds };
  const result = { benchmark: 'time', peer: 'measured seconds of a step', ratio: spread(ratios), setting, cases };
  console.log(jsonLine(result as unknown as BenchmarkResult));
}

const usualCases = [
  ...[8, 16, 24].flatMap((width) => [16, 32].map((size) => `dalight3d:${width}:${size}`)),
  'dalight3d:8:64,dalight3d:24:64',
  ...[8, 24].flatMap((width) => [16, 32, 64].map((size) => `unet3d:${width}:${size}`)),
  ...['attentionunet3d', 'resunet3d', 'vnet3d'].flatMap((name) => [`${name}:8:32`, `${name}:16:48`, `${name}:24:32`]),
].join(',');

export const timeCommand = (): Command =>
  new Command('time')
    .description('the estimated time of a step and of a window against the least time measured')
    .option('--cases <cases>', 'NAME:WIDTH:PATCH, joined by commas', usualCases)
    .addOption(engineOption())
    .addOption(wholeOption('--seconds <count>', 'how long steps are measured, each case; windows half as long', 6))
    .action(time);
