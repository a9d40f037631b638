import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../errors/user-error.js';
import { SlurmSilence } from './commands.js';

/** How long a controller may be silent: one that is restarted, or overloaded, comes back within minutes. */
const patience = 10 * 60_000;
const between = 5000;

/**
 * Asks Slurm until it answers, or nobody waits for it any more.
 * @throws UserError UNET6103 where it does not for ten minutes, or does not when `signal` is aborted
 */
export async function answered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const end = Date.now() + patience; ; await pause(between, signal)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SlurmSilence)) throw error;
      if (signal.aborted || Date.now() > end) throw silent(error);
    }
  }
}

/** Waits; no longer than until `signal` is aborted, where it is not yet. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return setTimeout(milliseconds);
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

export function silent({ message }: SlurmSilence): UserError {
  return new UserError(
    'UNET6103',
    `Slurm does not respond: ${message}.`,
    'Submitted jobs keep running. Run the study again once `squeue` responds; it will find them.',
  );
}
