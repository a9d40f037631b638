import type { FileNode, Statement } from '../../grammar/ast.js';
import type { Fix } from '../../grammar/diagnostics/diagnostic.js';

/** A statement that a file could import. */
export interface Importable {
  readonly name: string;
  readonly declaration: Exclude<Statement, { kind: 'Use' }>;
  /** The path of the declaring file as `use` writes it: `unet:lib/unet.unet`, `attention-unet3d.unet`. */
  readonly use: string;
}

/** Returns the fix that imports `use` into a file: below its last `use`, or above its first statement. */
export function addUse(file: FileNode, use: string): Fix {
  const written = `use "${use}"`;
  const title = `Add \`${written}\``;
  const last = file.statements.findLast((statement) => statement.kind === 'Use');
  if (last !== undefined) {
    const at = { ...last.span, start: last.span.end };
    return { title, span: at, text: `\n${written}` };
  }
  const start = headOf(file, file.statements[0]?.span.start ?? file.span.end);
  return { title, span: { source: file.source, start, end: start }, text: `${written}\n\n` };
}

/** The start of a statement, including the lines of comments directly above it. */
function headOf({ source, comments }: FileNode, statement: number): number {
  let start = statement;
  for (const comment of [...comments].reverse()) {
    if (comment.span.end > start) continue;
    if (!/^[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(source.text.slice(comment.span.end, start))) break;
    start = comment.span.start;
  }
  return start;
}
