import type { DocumentLink } from 'vscode-languageserver';
import type { FileNode } from '../../grammar/ast.js';
import { uriOf } from '../text/paths.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';

/** The path of each `use` as a link to the file, if it can be read. */
export function linksOf(workspace: Workspace, file: FileNode): DocumentLink[] {
  return file.statements.flatMap((statement) => {
    if (statement.kind !== 'Use' || statement.path.kind !== 'String') return [];
    const path = workspace.resolve(file.source.path, statement.path.value);
    const { source, start, end } = statement.path.span;
    const range = toRange({ source, start: start + 1, end: end - 1 });
    return workspace.has(path) ? [{ range, target: uriOf(path) }] : [];
  });
}
