import stringWidth from 'fast-string-width';

/** A place within a word where a line may be broken, such as after the dot of a path. It takes no column. */
export const breakable = '\u200B';

/** A space where a line is not broken; it is written as an ordinary one. */
export const fixedSpace = '\u00A0';

/** Text with its special places removed: as it is written. */
export function plainly(text: string): string {
  return text.replaceAll(breakable, '').replaceAll(fixedSpace, ' ');
}

/** The columns that text takes in a terminal. */
export function columnsIn(text: string): number {
  return stringWidth(plainly(text));
}

/** The longest beginning of `word` that takes at most `width` columns, at least one character. */
function headOf(word: string, width: number): string {
  let head = '';
  for (const character of word) {
    if (head !== '' && stringWidth(head + character) > width) break;
    head += character;
  }
  return head;
}

/** A word in pieces that take at most `width` columns. */
function piecesOf(word: string, width: number): string[] {
  const pieces: string[] = [];
  let rest = word;
  while (stringWidth(rest) > width) {
    const head = headOf(rest, width);
    pieces.push(head);
    rest = rest.slice(head.length);
  }
  return [...pieces, rest];
}

/** Lines of words that take at most `width` columns; `indent` precedes the first line and `hang` the others. */
function fill(words: readonly string[], width: number, indent = '', hang = ''): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of words) {
    const longer: string = line === undefined ? '' : `${line}${line.endsWith(breakable) ? '' : ' '}${word}`;
    if (line !== undefined && columnsIn(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== undefined) lines.push(line);
    line = `${lines.length === 0 ? indent : hang}${word}`;
  }
  return (line === undefined ? lines : [...lines, line]).map((each) => plainly(each));
}

/** The parts of a line between which it may be broken; a percent sign stays with its number. */
export function wordsOf(text: string): string[] {
  return text.split(/ (?!%)|(?<=\u200B)/);
}

/** Lines of at most `width` terminal columns, broken at spaces; a word that is longer is broken where it must be. */
export function wrapText(text: string, width: number): string[] {
  return fill(
    text.split(' ').flatMap((word) => piecesOf(word, width)),
    width,
  );
}

/** The fewest columns that lines are wrapped to; a narrower terminal wraps them itself. */
const fewestColumns = 40;

/**
 * Breaks lines between words so that they take at most `columns`; what follows a break is indented by two columns more than
 * its line. A word that does not fit has a line of its own.
 * @param columns undefined leaves all lines as they are
 */
export function wrapLines(text: string, columns: number | undefined): string {
  if (columns === undefined || columns < fewestColumns) return text;
  return text
    .split('\n')
    .flatMap((line) => (stringWidth(line) <= columns ? [line] : wrapLine(line, columns)))
    .join('\n');
}

/**
 * A line as lines of at most `columns`, as far as its words allow: those after the first are indented by `hang` columns more
 * than it.
 */
export function wrapLine(line: string, columns: number, hang = 2): string[] {
  const indent = indentOf(line);
  return fill(wordsOf(line.slice(indent.length)), columns, indent, indent + ' '.repeat(hang));
}

/** The spaces before a line. */
export function indentOf(line: string): string {
  return /^ */.exec(line)![0];
}
