import type { Workspace } from './workspace.js';

/** How a client gets to know that diagnostics may have changed. */
export interface Updates {
  /** The text of an open document has changed, or it has been opened. */
  textChanged(path: string): void;
  /** Files on disk may have changed. */
  filesChanged(): void;
  /** A document has been closed. */
  closed(path: string): void;
  /** The server is about to end. */
  stop(): void;
}

/**
 * Updates of a client that requests the diagnostics of a document when its text changes: it is asked to request them
 * again if other open documents import the changed file.
 */
export class Refresher implements Updates {
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** Files that have changed since the last refresh. */
  private readonly changed = new Set<string>();

  constructor(
    private readonly workspace: Workspace,
    private readonly refresh: () => void,
    private readonly delay: number,
  ) {}

  textChanged(path: string): void {
    this.changed.add(path);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const affects = [...this.changed].some((each) =>
        this.workspace.openDependents(each).some(({ root }) => root !== each),
      );
      this.changed.clear();
      if (affects) this.refresh();
    }, this.delay);
  }

  filesChanged(): void {
    this.refresh();
  }

  closed(path: string): void {
    this.textChanged(path);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
