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

/** Lines of at most `width` terminal columns, broken at spaces; a word that is longer is broken where it must be. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    if (line !== '' && stringWidth(`${line} ${word}`) <= width) {
      line = `${line} ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (stringWidth(word) > width) {
      const head = headOf(word, width);
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  return [...lines, line];
}
