/** Training steps with a loader: how long they take, and how much of that the compute waits for data. */
import { setImmediate } from 'node:timers/promises';
import { createOptimizer } from '../../runtime/training/optimizer.js';
import { trainStep } from '../../runtime/training/step.js';
import { type LoaderChange, type Pipeline, openLoader } from './pipeline.js';

export interface TrainingTurn {
  /** A step of one image. */
  readonly seconds: number;
  /** Part of that between asking for a batch and having it. */
  readonly waitShare: number;
  /** Processor time of a step, of all threads: other work on the machine changes it less. */
  readonly processorSeconds: number;
}

/**
 * Trains for some steps from the first on. Steps of a warm-up, and the start of the workers before it, do not count;
 * without one everything does.
 */
export async function trainTurn(
  pipeline: Pipeline,
  change: LoaderChange,
  { steps, warmup }: { readonly steps: number; readonly warmup: number },
): Promise<TrainingTurn> {
  const { network, protocol } = pipeline;
  const optimizer = createOptimizer(protocol.optimizer);
  let begun = performance.now();
  let used = process.cpuUsage();
  let waited = 0;
  const loader = await openLoader(pipeline, change);
  try {
    for (let step = 0; step < warmup + steps; step++) {
      if (warmup > 0 && step === warmup)
        [begun, waited, used] = [performance.now(), loader.waitedMs, process.cpuUsage()];
      await setImmediate();
      const batch = await loader.batch(step);
      const { updated } = await trainStep(network, optimizer, batch, protocol, 1e-4, { seed: 7, step });
      if (!updated) throw new Error(`step ${step} is not finite`);
    }
    const total = performance.now() - begun;
    const { user, system } = process.cpuUsage(used);
    return {
      seconds: total / 1000 / steps,
      waitShare: (loader.waitedMs - waited) / total,
      processorSeconds: (user + system) / 1e6 / steps,
    };
  } finally {
    optimizer.dispose();
    await loader.close();
  }
}
