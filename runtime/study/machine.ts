import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Machine } from './evidence.js';

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 20),
    system: `${platform()} ${arch()}`,
  };
}
