import { setTimeout } from 'node:timers/promises';
import { LockHeldError } from './lock.js';

export interface LockWait {
  /** Ends the waiting; the lock's own error is thrown then. */
  readonly signal?: AbortSignal;
  /** Called once, with the message that names the holder, when there is something to wait for. */
  readonly onWait?: (message: string) => void;
  /** Defaults to five minutes: a process that was asked to end may be scoring a case. */
  readonly milliseconds?: number;
}

/**
 * Does what takes a lock, waiting for a process of this machine that holds it and is about to end: one whose parent was
 * killed ends by itself, after writing a checkpoint.
 * @throws UserError UNET6057 if it still holds the lock when the time is up, or the signal has fired
 */
export async function waitForLock<T>(
  take: () => Promise<T>,
  { signal, onWait, milliseconds = 300_000 }: LockWait = {},
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (let told = false; ;) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof LockHeldError) || !error.isHere) throw error;
      if (!told) onWait?.(error.message);
      told = true;
      if (signal?.aborted === true || Date.now() > end) throw error;
    }
    await setTimeout(100);
  }
}
