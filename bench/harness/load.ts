import { loadavg } from 'node:os';
import { threads } from './sides.js';

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
