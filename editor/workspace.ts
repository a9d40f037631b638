import type { Importable } from '../compiler/bind/importable.js';
import { FileCache } from '../compiler/program/file-cache.js';
import type { Host } from '../compiler/program/host.js';
import type { LoadedFile } from '../compiler/bind/loaded-file.js';
import { importableInto } from '../compiler/program/library-index.js';
import { openProgram, type Program } from '../compiler/program/program.js';
import { Analysis } from './analysis.js';

/** A document open in the editor; its text takes precedence over the file. */
export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** The files that an editor works on, on disk or elsewhere. */
export interface Files extends Host {
  /** The paths of the specs below a folder, if files can be listed. */
  specsBelow?(folder: string): readonly string[];
}

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
  private generation = 0;
  private readonly host: Host;

  constructor(private readonly disk: Files) {
    this.host = {
      readFile: (path) => this.documents.get(path)?.bytes ?? disk.readFile(path),
      resolve: (from, to) => disk.resolve(from, to),
      namesBeside: (path) => disk.namesBeside?.(path) ?? [],
    };
  }

  /** Incremented when a file may have changed. */
  get revision(): number {
    return this.generation;
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
    const listed = this.folders.flatMap((folder) => this.disk.specsBelow?.(folder) ?? []);
    return [...new Set([...this.documents.keys(), ...listed])].sort();
  }

  /** The specs included in the package, as `use` refers to them: `unet:lib/unet.unet`. */
  libraryUses(): readonly string[] {
    const folder = 'unet:lib/';
    const names = this.host.namesBeside?.(this.resolve('', `${folder}unet.unet`)) ?? [];
    return names.filter((name) => name.endsWith('.unet')).map((name) => folder + name);
  }

  /** What a file does not import but could: statements of the library and of the specs next to it. */
  importableInto(file: LoadedFile): readonly Importable[] {
    return importableInto(this.host, file);
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

/** Whether nothing has changed: the same trees with the same diagnostics. */
function samePrograms(a: Program, b: Program): boolean {
  if (a.files.size !== b.files.size || a.diagnostics.length !== b.diagnostics.length) return false;
  for (const [path, file] of a.files) if (b.files.get(path) !== file) return false;
  return a.diagnostics.every(({ code, message }, index) => {
    const other = b.diagnostics[index];
    return other?.code === code && other.message === message;
  });
}
