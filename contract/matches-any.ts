/** Returns whether a name matches one of these patterns, in which `*` is any text. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
  return patterns.some((pattern) => matchesStars(pattern.split('*'), name));
}

/** Whether a name consists of these strings, in this order, with anything between them; takes linear time. */
function matchesStars([head = '', ...rest]: readonly string[], name: string): boolean {
  const tail = rest.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let at = head.length;
  for (const text of rest) {
    const found = name.indexOf(text, at);
    if (found < 0) return false;
    at = found + text.length;
  }
  return at <= name.length - tail.length;
}
