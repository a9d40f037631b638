import type { IParserErrorMessageProvider, IToken, TokenType } from 'chevrotain';

/** The description of each rule in messages about missing parts. */
const phrases: Readonly<Record<string, string>> = {
  statement: '`use`, `block`, `model`, `protocol` or `study`',
  model: '`{` or `=`',
  blockMember: 'a tensor, `param`, `let` or the result',
  modelMember: 'a member of a model',
  halfMember: 'a part',
  half: '`encoder` or `decoder`',
  name: 'a name',
  expression: 'a value',
  operand: 'a value',
  primary: 'a value',
  suffix: '`(`, `[` or `.`',
  element: 'a value',
  elements: 'a value',
  group: 'a value',
  let: 'an index',
  clauses: 'a name',
  type: 'a type',
  studyEntry: 'a value',
};

/**
 * The parser's messages contain only what was expected, in the language's words; `parse.ts` turns them into
 * diagnostics.
 */
export const messages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) =>
    ruleName === 'list' && expected.name === 'ListOpen' ? 'the axes of the tensor in `[` and `]`' : labelOf(expected),
  buildNotAllInputParsedMessage: () => 'the end of the line',
  buildNoViableAltMessage: ({ customUserDescription, ruleName }) =>
    customUserDescription ?? phrases[ruleName] ?? 'a value',
  buildEarlyExitMessage: ({ ruleName }) => phrases[ruleName] ?? 'a value',
};

function labelOf(type: TokenType): string {
  if (type.name === 'GroupClose' || type.name === 'ListClose') return `\`,\` or ${type.LABEL ?? ''}`;
  if (type.name === 'BraceClose' || type.name === 'EOF') return 'the end of the line';
  return type.LABEL ?? type.name;
}

/** Describes a token in the language's words. */
export function describe(found: IToken): string {
  switch (found.tokenType.name) {
    case 'EOF':
      return 'the end of the file';
    case 'Separator':
      return found.image === ',' ? '`,`' : 'the end of the line';
    case 'IntegerLiteral':
    case 'FloatLiteral':
      return `the number \`${found.image}\``;
    case 'StringLiteral':
      return `the string \`${found.image}\``;
    case 'QuotedName':
      return `the name ${found.image}`;
    default:
      return `\`${found.image}\``;
  }
}
