import ts from 'typescript';

/**
 * A passage that a person reads: a comment, a string with several words, or a paragraph, with the line that it begins on.
 * @typedef {{ kind: 'comment' | 'message' | 'text', line: number, prose: string }} Passage
 */

const lineAt = (text, index) => text.slice(0, index).split('\n').length;

/** Strings that are code: markup, queries and the like. */
const isCode = (text) => /^\s*[<{#.]|=>|[;{}]\s*$|xmlns|\bconst \w+ =/.test(text);

/**
 * The comments and the strings of several words of a script. Substitutions of templates are replaced by `…`.
 * @param {string} text
 * @param {string} file its name, for the kind of syntax
 * @returns {Passage[]}
 */
export function proseOfScript(text, file) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const passages = new Map();
  const addComments = (ranges) => {
    for (const { pos, end } of ranges ?? [])
      passages.set(pos, { kind: 'comment', line: lineAt(text, pos), prose: text.slice(pos, end) });
  };
  const addMessage = (node, prose) => {
    if (/\w \w/.test(prose) && !isCode(prose))
      passages.set(node.getStart(), { kind: 'message', line: lineAt(text, node.getStart()), prose });
  };
  const visit = (node) => {
    addComments(ts.getLeadingCommentRanges(text, node.getFullStart()));
    addComments(ts.getTrailingCommentRanges(text, node.getEnd()));
    if (ts.isImportDeclaration(node)) return;
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) addMessage(node, node.text);
    if (ts.isTemplateExpression(node))
      addMessage(node, node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(''));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...passages].sort(([one], [other]) => one - other).map(([, passage]) => passage);
}

/**
 * The prose of a Markdown page, without its fenced code and the sources of its pictures.
 * @param {string} text
 * @returns {Passage[]}
 */
export function proseOfMarkdown(text) {
  const prose = text.replace(/^```[^]*?^```|<source [^>]*>/gm, (code) => code.replace(/[^\n]/g, ' '));
  return [{ kind: 'text', line: 1, prose }];
}

/**
 * The comments of a spec.
 * @param {string} text
 * @returns {Passage[]}
 */
export function proseOfSpec(text) {
  return text
    .split('\n')
    .flatMap((row, index) =>
      row.includes('//') ? [{ kind: 'comment', line: index + 1, prose: row.slice(row.indexOf('//')) }] : [],
    );
}
