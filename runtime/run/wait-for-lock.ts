import { setTimeout } from 'node:timers/promises';
import { LockHeldError } from './lock.js';

export interface LockWait {
  /** Stops waiting; the lock's own error is thrown in that case. */
  readonly signal?: AbortSignal;
  /** Called once if it has to wait, with the message that names the holder. */
  readonly onWait?: (message: string) => void;
  /** Defaults to five minutes: a process that was asked to stop may be scoring a case. */
  readonly milliseconds?: number;
}

/**
 * Acquires a lock by `take`, waiting for a process on this machine that is about to stop: a process whose parent was
 * killed writes a checkpoint and exits.
 * @throws UserError UNET6057 if the lock is still held after that time, or the signal is aborted
 */
export async function waitForLock<T>(
  take: () => Promise<T>,
  { signal, onWait, milliseconds = 300_000 }: LockWait = {},
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (let notified = false; ;) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof LockHeldError) || !error.isHere) throw error;
      if (!notified) onWait?.(error.message);
      notified = true;
      if (signal?.aborted === true || Date.now() > end) throw error;
    }
    await setTimeout(100);
  }
}
