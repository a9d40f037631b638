import { createToken, Lexer, type TokenType } from 'chevrotain';

/**
 * The vocabulary. `Separator`, `CallOpen` and `IndexOpen` are never lexed: `layout.ts` derives them from commas, line
 * breaks and brackets, by position.
 */

/** Letters beyond ASCII are lexed as part of a word so that `lex.ts` can report them as a single error. */
export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_\u0080-\uFFFF][A-Za-z0-9_\u0080-\uFFFF]*/,
  label: 'a name',
});
export const QuotedName = createToken({ name: 'QuotedName', pattern: /`[^`\r\n]*`/, label: 'a name' });
export const UnclosedName = createToken({ name: 'UnclosedName', pattern: /`[^`\r\n]*/ });

export const FloatLiteral = createToken({
  name: 'FloatLiteral',
  pattern: /[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)(?![A-Za-z0-9_])/,
  label: 'a number',
});
export const IntegerLiteral = createToken({
  name: 'IntegerLiteral',
  pattern: /[0-9]+(?![A-Za-z0-9_])/,
  label: 'a number',
});
export const MalformedNumber = createToken({ name: 'MalformedNumber', pattern: /[0-9][A-Za-z0-9_]*(?:\.[0-9]\w*)?/ });
export const StringLiteral = createToken({
  name: 'StringLiteral',
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*"/,
  label: 'a string',
});
export const UnclosedString = createToken({ name: 'UnclosedString', pattern: /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/ });

/** Strings and comments of other languages, lexed so that each is a single error. */
export const SingleQuoted = createToken({ name: 'SingleQuoted', pattern: /'[^'\r\n]*'/ });
export const HashComment = createToken({ name: 'HashComment', pattern: /#[^\r\n]*/ });

export const DocComment = createToken({ name: 'DocComment', pattern: /\/\/\/[^\r\n]*/, group: 'comments' });
export const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\r\n]*/, group: 'comments' });
export const Newline = createToken({ name: 'Newline', pattern: /\r\n|\n|\r/, label: 'the end of the line' });
export const Blank = createToken({ name: 'Blank', pattern: /[ \t]+/, group: Lexer.SKIPPED });

/** `not`, `and`, ...: words that are never names. */
function reserved(word: string, ...categories: TokenType[]): TokenType {
  return createToken({
    name: word.charAt(0).toUpperCase() + word.slice(1),
    pattern: new RegExp(word),
    longer_alt: Identifier,
    label: `\`${word}\``,
    categories,
  });
}

/** `model`, `input`, ...: keywords where the grammar expects them, and names everywhere else. */
function contextual(word: string): TokenType {
  return reserved(word, Identifier);
}

function symbol(name: string, text: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\``, categories });
}

/** Every binary operator in `grammar/precedence.ts`. */
export const Infix = createToken({ name: 'Infix', pattern: Lexer.NA, label: 'an operator' });

export const Let = reserved('let');
export const Param = reserved('param');
export const If = reserved('if');
export const Then = reserved('then');
export const Else = reserved('else');
export const When = reserved('when');
export const For = reserved('for');
export const In = reserved('in');
export const And = reserved('and', Infix);
export const Or = reserved('or', Infix);
export const Not = reserved('not');
export const As = reserved('as');
export const Off = reserved('off');
export const True = reserved('true');
export const False = reserved('false');

export const Use = contextual('use');
export const Block = contextual('block');
export const Model = contextual('model');
export const Protocol = contextual('protocol');
export const Study = contextual('study');
export const Input = contextual('input');
export const Output = contextual('output');
export const Knob = contextual('knob');
export const Encoder = contextual('encoder');
export const Decoder = contextual('decoder');
export const Head = contextual('head');
export const Aux = contextual('aux');
export const Penalty = contextual('penalty');
export const Init = contextual('init');
export const Fallback = contextual('fallback');
export const Unmatched = contextual('unmatched');
export const Equal = contextual('equal');
export const By = contextual('by');

export const Arrow = symbol('Arrow', '->');
export const Spread = symbol('Spread', '...');
export const DotDot = symbol('DotDot', '..');
export const Dot = symbol('Dot', '.');
export const EqualEqual = symbol('EqualEqual', '==', Infix);
export const NotEqual = symbol('NotEqual', '!=', Infix);
export const LessEqual = symbol('LessEqual', '<=', Infix);
export const GreaterEqual = symbol('GreaterEqual', '>=', Infix);
export const Less = symbol('Less', '<', Infix);
export const Greater = symbol('Greater', '>', Infix);
export const Equals = symbol('Equals', '=');
export const Colon = symbol('Colon', ':');
export const Plus = symbol('Plus', '+', Infix);
export const Minus = symbol('Minus', '-', Infix);
export const Times = symbol('Times', '*', Infix);
export const Divide = symbol('Divide', '/', Infix);
export const Power = symbol('Power', '^', Infix);
export const Comma = symbol('Comma', ',');
export const BraceOpen = symbol('BraceOpen', '{');
export const BraceClose = symbol('BraceClose', '}');
/** A grouping `(`; the one of a call is `CallOpen`. */
export const GroupOpen = symbol('GroupOpen', '(');
export const GroupClose = symbol('GroupClose', ')');
/** The `[` of a list; the one of an index is `IndexOpen`. */
export const ListOpen = symbol('ListOpen', '[');
export const ListClose = symbol('ListClose', ']');

/** `(` and `[` immediately after an operand, on the same line. */
export const CallOpen = createToken({ name: 'CallOpen', pattern: Lexer.NA, label: '`(`' });
export const IndexOpen = createToken({ name: 'IndexOpen', pattern: Lexer.NA, label: '`[`' });
/** The comma or the line break that ends a member. */
export const Separator = createToken({ name: 'Separator', pattern: Lexer.NA, label: 'the end of the line' });

export const reservedWords: readonly TokenType[] = [
  Let,
  Param,
  If,
  Then,
  Else,
  When,
  For,
  In,
  And,
  Or,
  Not,
  As,
  Off,
  True,
  False,
];

export const contextualWords: readonly TokenType[] = [
  Use,
  Block,
  Model,
  Protocol,
  Study,
  Input,
  Output,
  Knob,
  Encoder,
  Decoder,
  Head,
  Aux,
  Penalty,
  Init,
  Fallback,
  Unmatched,
  Equal,
  By,
];

/** Longer words first, because `input` begins with `in`. */
export const words: readonly TokenType[] = [...reservedWords, ...contextualWords].sort(
  (a, b) => b.name.length - a.name.length,
);

/** In the order in which the lexer tries them; the first match wins. */
export const vocabulary: TokenType[] = [
  Blank,
  Newline,
  DocComment,
  LineComment,
  ...words,
  Identifier,
  QuotedName,
  UnclosedName,
  FloatLiteral,
  IntegerLiteral,
  MalformedNumber,
  StringLiteral,
  UnclosedString,
  SingleQuoted,
  HashComment,
  Arrow,
  Spread,
  DotDot,
  Dot,
  EqualEqual,
  NotEqual,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Equals,
  Colon,
  Plus,
  Minus,
  Times,
  Divide,
  Power,
  Comma,
  BraceOpen,
  BraceClose,
  GroupOpen,
  GroupClose,
  ListOpen,
  ListClose,
  Infix,
  CallOpen,
  IndexOpen,
  Separator,
];

/** Whether `name` can be written without backticks. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reservedNames.has(name);
}

const reservedNames = new Set(reservedWords.map((word) => word.name.toLowerCase()));
