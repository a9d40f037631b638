import type { FileNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { parse } from '../../grammar/parse.js';
import { readSource } from '../../grammar/read.js';

/** The tree of a file and the errors in its text. */
export interface ParsedFile {
  readonly node: FileNode;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses the bytes of one file. A file that is not UTF-8 has only that error, whatever it contains. */
export function parseFile(path: string, bytes: Uint8Array): ParsedFile {
  const read = readSource(path, bytes);
  const { file, diagnostics } = parse(read.source);
  return { node: file, diagnostics: read.diagnostics.length === 0 ? diagnostics : read.diagnostics };
}
