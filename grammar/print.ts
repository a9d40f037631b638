import type { Expression, FileNode } from './ast.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { parse } from './parse.js';
import { placeComments, type CommentPlaces } from './print/comments.js';
import { concat, hardLine, join, layOutDoc, text } from './print/doc.js';
import { expressionDoc } from './print/expression.js';
import { linesDoc } from './print/member.js';
import type { SourceFile } from './source.js';

/** Maximum line width, if the grammar allows a break. */
export const lineWidth = 100;

/**
 * The canonical text of a file: indentation of two columns, lines of at most 100 columns if they can be broken,
 * comments kept, up to one empty line kept between members, members that share a line kept together if they fit.
 * Formatting is idempotent. The file must have been parsed without syntax errors.
 */
export function print(file: FileNode): string {
  const places = placeComments(file);
  const dangling = places.dangling.get(file) ?? [];
  const doc =
    file.statements.length === 0
      ? join(
          hardLine,
          dangling.map((comment) => text(comment.text)),
        )
      : linesDoc(places, file, file.statements);
  return doc.kind === 'concat' && doc.parts.length === 0 ? '' : layOutDoc(concat(doc, hardLine), lineWidth);
}

/** The text of an expression on one line. */
export function printExpression(expression: Expression): string {
  return layOutDoc(expressionDoc(noComments, expression), Infinity);
}

/** Formats a source; one with syntax errors is unchanged, and its diagnostics are returned. */
export function format(source: SourceFile): { text: string; diagnostics: readonly Diagnostic[] } {
  const { file, diagnostics } = parse(source);
  const isBroken = diagnostics.some((each) => each.severity === 'error');
  return { text: isBroken ? source.text : print(file), diagnostics };
}

const none = new Map<never, never>();
const noComments: CommentPlaces = {
  leading: none,
  trailing: none,
  after: none,
  opening: none,
  dangling: none,
  hoisted: none,
};
