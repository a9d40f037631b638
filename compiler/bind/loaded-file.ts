import type { FileNode, StringNode } from '../../grammar/ast.js';

/** A parsed file, and the files that its `use` statements import, by path. */
export interface LoadedFile {
  readonly path: string;
  readonly node: FileNode;
  readonly uses: readonly { readonly node: StringNode; readonly path: string }[];
}
