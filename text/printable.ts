// Control characters, line separators, the marks that reorder text, and what no XML document may hold.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFE\uFFFF]/gu;

/** `text` on one line, with every character that would act instead of being seen written as `\u{...}`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** `text` on its lines: as `printable`, but line breaks and tabs remain. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (character) => (/[\n\t]/.test(character) ? character : escaped(character)));
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
