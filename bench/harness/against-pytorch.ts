/** A benchmark of several networks against PyTorch, from its first line to its last. */
import type { BenchmarkNetwork } from '../networks.js';
import { pyTorch, withSides, type Sides } from './prepare.js';
import { loadBefore } from './load.js';
import { benchmarkResult, jsonLine, type CaseResult } from './result.js';
import { peerWaitPolicy, pyTorchIsMissing, threads } from './sides.js';
import { makeWorkspace } from './workspace.js';

export interface AgainstPyTorch {
  readonly benchmark: string;
  readonly networks: readonly BenchmarkNetwork[];
  readonly engine: string;
  readonly width: number;
  /** What else the benchmark's flags say, for the result. */
  readonly setting: Readonly<Record<string, string | number>>;
  /** One network's case, on two fresh sides. */
  readonly measure: (name: string, sides: Sides, folder: string) => Promise<CaseResult>;
}

/** Measures and prints all; the top-level ratio is DALight-3D's. Where PyTorch is missing says that it skips. */
export async function againstPyTorch(options: AgainstPyTorch): Promise<void> {
  const { benchmark, networks, engine, width, measure } = options;
  const missing = pyTorchIsMissing();
  if (missing !== undefined) {
    console.log(`${benchmark} is skipped: ${missing}.`);
    console.log(jsonLine({ benchmark, peer: 'PyTorch', skipped: missing }));
    return;
  }
  const load = loadBefore();
  const folder = makeWorkspace();
  const cases = new Map<string, CaseResult>();
  const named = { peer: '', engine: '' };
  for (const network of networks) {
    const result = await withSides({ folder, network, width, engine, peer: pyTorch }, (sides) => {
      Object.assign(named, { peer: sides.peer.name, engine: sides.engine });
      return measure(network.name, sides, folder);
    });
    cases.set(network.name, result);
  }
  const setting = { ...options.setting, width, threads, engine: named.engine, load, peerWaitPolicy };
  console.log(jsonLine(benchmarkResult({ benchmark, peer: named.peer, setting }, cases, 'dalight3d')));
}
