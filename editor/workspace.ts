import { readdirSync, type Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { FileCache } from '../compiler/program/file-cache.js';
import type { Host } from '../compiler/program/host.js';
import { openProgram, type Program } from '../compiler/program/program.js';
import { Analysis } from './analysis.js';

/** A document that the editor holds open; its text goes before the file's. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** Folders that hold no specs of the user's own. */
const skippedFolders = new Set(['node_modules', 'dist']);
/** Files of a workspace that are looked at for uses of a name. */
const fileLimit = 5000;

/**
 * The files an editor works on: those of the disk, and over them the documents it holds open. Everything is asked of
 * the compiler through one host; what has not changed since it was last asked for is the same object again.
 */
export class Workspace {
  /** The one that was opened or changed last comes last. */
  readonly documents = new Map<string, OpenDocument>();
  /** Folders the user has opened. */
  folders: readonly string[] = [];
  private readonly cache = new FileCache();
  private readonly analyses = new Map<string, { analysis: Analysis; generation: number }>();
  /** Counts what may have changed a file. */
  private generation = 0;
  private readonly host: Host;

  constructor(disk: Host) {
    this.host = {
      readFile: (path) => this.documents.get(path)?.bytes ?? disk.readFile(path),
      resolve: (from, to) => disk.resolve(from, to),
      namesBeside: (path) => disk.namesBeside?.(path) ?? [],
    };
  }

  /** Takes the text of an open document. */
  open(path: string, uri: string, version: number, text: string): void {
    this.documents.delete(path);
    this.documents.set(path, { uri, version, bytes: new TextEncoder().encode(text) });
    this.generation++;
  }

  close(path: string): void {
    this.documents.delete(path);
    this.generation++;
  }

  /** Says that files on the disk may have changed. */
  refresh(): void {
    this.generation++;
  }

  /** What is known of a file as the root of a program; undefined where it cannot be read. */
  analysis(path: string): Analysis | undefined {
    const known = this.analyses.get(path);
    if (known?.generation === this.generation) return known.analysis;
    const program = openProgram(this.host, path, this.cache);
    if (program === undefined) {
      this.analyses.delete(path);
      this.cache.forget(path);
      return undefined;
    }
    const same = known !== undefined && samePrograms(known.analysis.program, program);
    const analysis = same ? known.analysis : new Analysis(program);
    this.analyses.set(path, { analysis, generation: this.generation });
    return analysis;
  }

  /** Analyses of the open documents whose programs hold a file, the one that was opened or changed last first. */
  openDependents(path: string): readonly Analysis[] {
    return [...this.documents.keys()]
      .reverse()
      .flatMap((open) => this.analysis(open) ?? [])
      .filter(({ program }) => program.files.has(path));
  }

  /** Analyses of every file there is that uses a file, however far, and of the file itself. */
  dependents(path: string): readonly Analysis[] {
    this.refresh();
    return this.paths()
      .flatMap((each) => this.analysis(each) ?? [])
      .filter(({ program }) => program.files.has(path));
  }

  /** Every spec of the workspace, and every open document. */
  paths(): readonly string[] {
    const found = new Set(this.documents.keys());
    for (const folder of this.folders) collectSpecs(folder, found);
    return [...found].sort();
  }

  /** The specs that come with the package, as `use "unet:..."` names them. */
  libraryPaths(): readonly string[] {
    const root = this.host.resolve('', 'unet:.');
    const found = new Set<string>();
    collectSpecs(join(root, 'lib'), found);
    return [...found].map((path) => relative(root, path).split(sep).join('/')).sort();
  }

  /** The path a `use` in a file means. */
  resolve(from: string, to: string): string {
    return this.host.resolve(from, to);
  }

  /** The files with the contents of some of them replaced. */
  hostWith(texts: ReadonlyMap<string, Uint8Array>): Host {
    return { ...this.host, readFile: (path) => texts.get(path) ?? this.host.readFile(path) };
  }

  /** Creates a cache of files for analysing changed contents. */
  forkCache(): FileCache {
    return this.cache.fork();
  }

  /** Whether a file can be read. */
  has(path: string): boolean {
    return this.host.readFile(path) !== undefined;
  }
}

/** The `.unet` files below a folder; links are not followed. */
function collectSpecs(folder: string, found: Set<string>): void {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // A folder that is gone holds nothing.
  }
  for (const entry of entries) {
    if (found.size >= fileLimit) return;
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !skippedFolders.has(entry.name)) collectSpecs(join(folder, entry.name), found);
    } else if (entry.isFile() && entry.name.endsWith('.unet')) {
      found.add(join(folder, entry.name));
    }
  }
}

/** Whether nothing has changed: the same trees, and the same said of them. */
function samePrograms(a: Program, b: Program): boolean {
  if (a.files.size !== b.files.size || a.diagnostics.length !== b.diagnostics.length) return false;
  for (const [path, file] of a.files) if (b.files.get(path) !== file) return false;
  return a.diagnostics.every(({ code, message }, index) => {
    const other = b.diagnostics[index];
    return other?.code === code && other.message === message;
  });
}
