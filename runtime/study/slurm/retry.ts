import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../errors/user-error.js';
import { SlurmSilence } from './commands.js';

/** The maximum time without a response: a controller that is restarted or overloaded usually returns within minutes. */
const timeout = 10 * 60_000;
const interval = 5000;

/**
 * Retries a request to Slurm until it responds or the caller stops waiting.
 * @throws UserError UNET6103 if it does not respond for ten minutes, or while `signal` is aborted
 */
export async function retryUntilAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const end = Date.now() + timeout; ; await pause(interval, signal)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof SlurmSilence)) throw error;
      if (signal.aborted || Date.now() > end) throw noResponse(error);
    }
  }
}

/** Waits, but at most until `signal` is aborted, if it is not aborted yet. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return setTimeout(milliseconds);
  await setTimeout(milliseconds, undefined, { signal }).catch(() => undefined);
}

export function noResponse({ message }: SlurmSilence): UserError {
  return new UserError(
    'UNET6103',
    `Slurm does not respond: ${message}.`,
    'Submitted jobs keep running. Run the study again once `squeue` responds; it will find them.',
  );
}
