import { rmSync } from 'node:fs';

const pending = new Set<string>();

function removePending(): void {
  for (const path of pending) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The process is ending: there is nobody left to tell, and the next one that opens the folder removes it.
    }
  }
}

/**
 * Removes a file or folder if this process exits, on a signal too, before the returned function is called. (A process
 * killed with SIGKILL leaves it.)
 */
export function removeAtExit(path: string): () => void {
  if (!process.listeners('exit').includes(removePending)) process.on('exit', removePending);
  pending.add(path);
  return () => void pending.delete(path);
}
