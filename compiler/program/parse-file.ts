import type { FileNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { parse } from '../../grammar/parse.js';
import { readSource } from '../../grammar/read.js';

/** A file's tree and what is wrong with its text. */
export interface ParsedFile {
  readonly node: FileNode;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads one file's bytes. One that is not UTF-8 has that one fault, whatever its text. */
export function parseFile(path: string, bytes: Uint8Array): ParsedFile {
  const read = readSource(path, bytes);
  const { file, diagnostics } = parse(read.source);
  return { node: file, diagnostics: read.diagnostics.length === 0 ? diagnostics : read.diagnostics };
}
