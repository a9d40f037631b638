/** What stands before and after all cases of a benchmark. */
import { loadavg } from 'node:os';
import { jsonLine } from './result.js';
import { pyTorchIsMissing, threads } from './sides.js';

/** Other work slows the sides unlike: a barrier of spinning threads waits for whichever is held up. */
const busyShare = 0.25;

/** The load of the machine before the benchmark, told where it disturbs. */
export function loadBefore(): number {
  const [load = 0] = loadavg();
  if (load > busyShare * threads) {
    console.log(
      `warning: the machine is not idle (load ${load.toFixed(2)}); ratios measured now are not worth keeping.`,
    );
  }
  return load;
}

/** Tells where PyTorch is missing that the benchmark is skipped, and ends it. */
export function skipsWithoutPyTorch(benchmark: string): boolean {
  const missing = pyTorchIsMissing();
  if (missing === undefined) return false;
  console.log(`${benchmark} is skipped: ${missing}.`);
  console.log(jsonLine({ benchmark, peer: 'PyTorch', skipped: missing }));
  return true;
}
