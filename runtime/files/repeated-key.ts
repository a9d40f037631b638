/** Strings with the character that follows them, and brackets. */
const parts = /("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/gs;

/**
 * The first duplicate key in an object of a valid JSON text, which `JSON.parse` silently accepts; undefined if there is
 * none.
 */
export function repeatedKey(text: string): { readonly key: string; readonly line: number } | undefined {
  const objects: Set<string>[] = [];
  for (const { 0: part, 1: string, 2: colon, index } of text.matchAll(parts)) {
    if (part === '{') objects.push(new Set());
    if (part === '}') objects.pop();
    if (string === undefined || colon === undefined) continue;
    const key = JSON.parse(string) as string;
    const keys = objects.at(-1)!;
    if (keys.has(key)) return { key, line: text.slice(0, index).split('\n').length };
    keys.add(key);
  }
  return undefined;
}
