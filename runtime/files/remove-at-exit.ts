import { rmSync } from 'node:fs';

const pending = new Set<string>();

function removePending(): void {
  for (const path of pending) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The process is ending, so nothing can be reported; the next process that opens the folder removes it.
    }
  }
}

/**
 * Removes a file or folder when this process exits, even on a signal, unless the returned function is called first.
 * (After SIGKILL it stays.)
 */
export function removeAtExit(path: string): () => void {
  if (!process.listeners('exit').includes(removePending)) process.on('exit', removePending);
  pending.add(path);
  return () => void pending.delete(path);
}
