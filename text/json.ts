/** What `JSON.stringify` leaves as it is although a terminal acts on it; line breaks are its own. */
const acting = /[\p{Cf}\p{Zl}\p{Zp}\u007F-\u009F\uFFFE\uFFFF]/gu;

/** JSON of two-space indentation, a line break at its end, in which every character that would act on a terminal is a `\uXXXX`. */
export function jsonText(data: object): string {
  return `${JSON.stringify(data, null, 2).replace(acting, escaped)}\n`;
}

/** The code units of a character as JSON escapes; two above U+FFFF. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
