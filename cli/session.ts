import type { Engine } from '../runtime/engine/engines.js';
import { openNetwork } from '../runtime/run/open-network.js';
import { openRun, selectedCheckpoint, type Run } from '../runtime/run/run-folder.js';
import type { TrainableNetwork } from '../runtime/network/trainable-network.js';
import { startEngine, type EngineFlags } from './engine.js';
import { moduleOf, networkOfRun } from './run-network.js';

/** An open run with the weights that its protocol selects. */
export interface OpenedRun {
  readonly run: Run;
  readonly engine: Engine;
  readonly network: TrainableNetwork;
}

/** Opens a run for prediction: verifies its files, finds its checkpoint and builds its network on an engine. */
export async function openTrainedRun(directory: string, flags: EngineFlags): Promise<OpenedRun> {
  return (await openTrainedRuns([directory], flags))[0]!;
}

/** The same for several runs, on one engine. The files of all of them are checked before a network is built. */
export async function openTrainedRuns(directories: readonly string[], flags: EngineFlags): Promise<OpenedRun[]> {
  const runs: { readonly run: Run; readonly checkpoint: string }[] = [];
  for (const directory of directories) {
    const run = await openRun(directory);
    runs.push({ run, checkpoint: selectedCheckpoint(run) });
  }
  const engine = await startEngine(flags);
  const opened: OpenedRun[] = [];
  for (const { run, checkpoint } of runs) {
    const module = await moduleOf(networkOfRun(run));
    opened.push({ run, engine, network: await openNetwork(run, module, checkpoint) });
  }
  return opened;
}
