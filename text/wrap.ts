import stringWidth from 'fast-string-width';

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
    if (line !== undefined && stringWidth(`${line} ${word}`) <= width) {
      line = `${line} ${word}`;
      continue;
    }
    if (line !== undefined) lines.push(line);
    line = `${lines.length === 0 ? indent : hang}${word}`;
  }
  return line === undefined ? lines : [...lines, line];
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
    .flatMap((line) => wrapLine(line, columns))
    .join('\n');
}

function wrapLine(line: string, columns: number): string[] {
  if (stringWidth(line) <= columns) return [line];
  const indent = /^ */.exec(line)![0];
  return fill(line.slice(indent.length).split(' '), columns, indent, `${indent}  `);
}
