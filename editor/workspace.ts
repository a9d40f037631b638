import { readdirSync, type Dirent } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { FileCache } from '../compiler/program/file-cache.js';
import type { Host } from '../compiler/program/host.js';
import { openProgram, type Program } from '../compiler/program/program.js';
import { Analysis } from './analysis.js';

/** A document open in the editor; its text takes precedence over the file. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** Folders that contain no specs of the user's own. */
const skippedFolders = new Set(['node_modules', 'dist']);
/** Maximum number of workspace files that are searched for uses of a name. */
const fileLimit = 5000;

/**
 * The files an editor works on: those on disk, overlaid by open documents. The compiler reads everything through one
 * host; results for unchanged files are the same objects as before.
 */
export class Workspace {
  /** In order of the last change. */
  readonly documents = new Map<string, OpenDocument>();
  /** Folders the user has opened. */
  folders: readonly string[] = [];
  private readonly cache = new FileCache();
  private readonly analyses = new Map<string, { analysis: Analysis; generation: number }>();
  /** Incremented when a file may have changed. */
  private generation = 0;
  private readonly host: Host;

  constructor(disk: Host) {
    this.host = {
      readFile: (path) => this.documents.get(path)?.bytes ?? disk.readFile(path),
      resolve: (from, to) => disk.resolve(from, to),
      namesBeside: (path) => disk.namesBeside?.(path) ?? [],
    };
  }

  /** Stores the text of an open document. */
  open(path: string, uri: string, version: number, text: string): void {
    this.documents.delete(path);
    this.documents.set(path, { uri, version, bytes: new TextEncoder().encode(text) });
    this.generation++;
  }

  close(path: string): void {
    this.documents.delete(path);
    this.generation++;
  }

  /** Reports that files on disk may have changed. */
  refresh(): void {
    this.generation++;
  }

  /** The analysis of a file as the root of a program; undefined if it cannot be read. */
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

  /** Analyses of the open documents whose programs contain a file, most recently changed first. */
  openDependents(path: string): readonly Analysis[] {
    return [...this.documents.keys()]
      .reverse()
      .flatMap((open) => this.analysis(open) ?? [])
      .filter(({ program }) => program.files.has(path));
  }

  /** Analyses of a file and of every file that imports it, directly or indirectly. */
  dependents(path: string): readonly Analysis[] {
    this.refresh();
    return this.paths()
      .flatMap((each) => this.analysis(each) ?? [])
      .filter(({ program }) => program.files.has(path));
  }

  /** Every spec in the workspace, and every open document. */
  paths(): readonly string[] {
    const found = new Set(this.documents.keys());
    for (const folder of this.folders) collectSpecs(folder, found);
    return [...found].sort();
  }

  /** The specs included in the package, as `use "unet:..."` refers to them. */
  libraryPaths(): readonly string[] {
    const root = this.host.resolve('', 'unet:.');
    const found = new Set<string>();
    collectSpecs(join(root, 'lib'), found);
    return [...found].map((path) => relative(root, path).split(sep).join('/')).sort();
  }

  /** The path that a `use` in a file refers to. */
  resolve(from: string, to: string): string {
    return this.host.resolve(from, to);
  }

  /** A host with the contents of some files replaced. */
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
    // A missing folder contains nothing.
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

/** Whether nothing has changed: the same trees with the same diagnostics. */
function samePrograms(a: Program, b: Program): boolean {
  if (a.files.size !== b.files.size || a.diagnostics.length !== b.diagnostics.length) return false;
  for (const [path, file] of a.files) if (b.files.get(path) !== file) return false;
  return a.diagnostics.every(({ code, message }, index) => {
    const other = b.diagnostics[index];
    return other?.code === code && other.message === message;
  });
}
