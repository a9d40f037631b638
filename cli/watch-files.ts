import { realpathSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** Milliseconds in which several changes count as one: editors write a file in steps. */
const settling = 50;

/** Watches files, including those that do not exist yet. */
export class FileWatcher {
  readonly #folders = new Map<string, FSWatcher>();
  #names = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange called after a file was written, replaced, created or removed */
  constructor(readonly onChange: () => unknown) {}

  /**
   * Replaces the files that are watched. Their folders are watched, because an editor that replaces a file by another ends
   * a watch of the file itself.
   */
  watch(paths: Iterable<string>): void {
    this.#names = namesByFolder(paths);
    for (const [folder, watcher] of this.#folders) {
      if (this.#names.has(folder)) continue;
      watcher.close();
      this.#folders.delete(folder);
    }
    for (const folder of this.#names.keys()) if (!this.#folders.has(folder)) this.#add(folder);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, (_, name) => this.#changed(folder, name));
      // A folder that is removed ends its watch.
      watcher.on('error', () => watcher.close());
      this.#folders.set(folder, watcher);
    } catch {
      // A folder that does not exist contains none of the files.
    }
  }

  #changed(folder: string, name: string | null): void {
    if (name !== null && this.#names.get(folder)?.has(name) !== true) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.onChange(), settling);
  }
}

/** File names by folder, of the files and of those that links lead to. */
function namesByFolder(paths: Iterable<string>): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    for (const place of new Set([resolve(path), realPath(path)])) {
      const folder = dirname(place);
      names.set(folder, (names.get(folder) ?? new Set()).add(basename(place)));
    }
  }
  return names;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
