/**
 * Patterns of names: `{i}` is a number, `{last}` the largest number that ids have at that place, `*` any text. In the name that a pattern is mapped to, `{...}` is a sum or
 * product of those numbers, of whole numbers, and of `last`; `last(decoder.up)` is the
 * largest number after that text in any id; `*` is the
 * text of the `*` at the same position.
 */

/** A pattern of weight ids. */
export interface Pattern {
  readonly text: string;
  readonly whole: RegExp;
  readonly variables: readonly string[];
  /** By variable, what matches an id up to the number that it stands for. */
  readonly upTo: ReadonlyMap<string, RegExp>;
}

/** What a pattern matched. */
export interface Match {
  readonly numbers: ReadonlyMap<string, number>;
  readonly texts: readonly string[];
  /** By variable, the largest number at its place in ids that are the same up to it. */
  readonly last: ReadonlyMap<string, number>;
  /** All ids, for `last(...)`. */
  readonly ids: readonly string[];
}

const escape = (text: string): string => text.replace(/[.\\+?^$()[\]{}|*/-]/g, '\\$&');

/**
 * The pattern that a key is; undefined for a plain id.
 * @throws Error that completes "invalid pattern: ..."
 */
export function patternOf(text: string): Pattern | undefined {
  if (!/[{*]/.test(text)) return undefined;
  const variables: string[] = [];
  const upTo = new Map<string, RegExp>();
  let source = '';
  for (const [part] of text.matchAll(/\{[^{}]*\}|\*|[^{*]+|\{/g)) {
    if (part === '*') source += '(.*)';
    else if (!part.startsWith('{')) source += escape(part);
    else {
      const name = /^\{([a-z]|last)\}$/.exec(part)?.[1];
      if (name === undefined) throw new Error(`\`${part}\` must be a letter in braces, such as {i}, or {last}`);
      if (variables.includes(name)) source += `(?:\\k<${name}>)`;
      else {
        source += `(?<${name}>\\d{1,9})`;
        variables.push(name);
        upTo.set(name, new RegExp(`^${source}`));
      }
    }
  }
  if (source.split('(.*)').length > 4) throw new Error('it has more than three `*`');
  return { text, whole: new RegExp(`^${source}$`), variables, upTo };
}

/** What a pattern matches in an id; undefined if it does not. `ids` are all ids, from which `last` is taken. */
export function matchPattern(
  { whole, variables, upTo }: Pattern,
  id: string,
  ids: readonly string[],
): Match | undefined {
  const found = whole.exec(id);
  if (found === null) return undefined;
  const numbers = new Map(variables.map((name) => [name, Number(found.groups![name])]));
  const last = new Map(variables.map((name) => [name, lastOf(upTo.get(name)!, name, id, ids)]));
  if (numbers.get('last') !== last.get('last')) return undefined;
  return { numbers, texts: starTexts(whole, found), last, ids };
}

/** What the unnamed groups of a match contain, in order. */
function starTexts(whole: RegExp, found: RegExpExecArray): string[] {
  const kinds = [...whole.source.matchAll(/\((\.\*\)|\?<[a-z]+>)/g)].map(([, kind]) => kind);
  return kinds.flatMap((kind, index) => (kind === '.*)' ? [found[index + 1] ?? ''] : []));
}

function lastOf(upTo: RegExp, name: string, id: string, ids: readonly string[]): number {
  const begin = (text: string): { before: string; number: number } | undefined => {
    const found = upTo.exec(text);
    if (found === null) return undefined;
    const digits = found.groups![name]!;
    return { before: found[0].slice(0, found[0].length - digits.length), number: Number(digits) };
  };
  const own = begin(id)!;
  const numbers = ids.flatMap((each) => {
    const other = begin(each);
    return other !== undefined && other.before === own.before ? [other.number] : [];
  });
  return Math.max(...numbers);
}

/**
 * The name that a template gives for a match.
 * @throws Error that completes "invalid name: ..."
 */
export function substitute(template: string, match: Match): string {
  let stars = 0;
  return template.replace(/\{([^{}]*)\}|\*/g, (part, formula?: string) => {
    if (part !== '*') return String(evaluate(formula ?? '', match));
    const text = match.texts[stars++];
    if (text === undefined) throw new Error('it has more `*` than its key');
    return text;
  });
}

/** The largest number that follows the text in `last(text)` in any id. */
function lastAfter(token: string, ids: readonly string[]): number | undefined {
  const begin = /^last\((.+)\)$/.exec(token)?.[1];
  if (begin === undefined) return undefined;
  const numbers = ids.flatMap((id) => {
    const digits = id.startsWith(begin) ? /^\d{1,9}/.exec(id.slice(begin.length)) : null;
    return digits === null ? [] : [Number(digits[0])];
  });
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** A sum of products: `last - i`, `3 * i + 1`. */
function evaluate(formula: string, { numbers, last, ids }: Match): number {
  const tokens: readonly string[] = formula.match(/last\([^()]*\)|[a-z]+|\d+|\S/g) ?? [];
  // `last` belongs to the variable of the formula, or to the only one of the key.
  const own = [...last.keys()].filter((name) => last.size === 1 || tokens.includes(name));
  const largest = own.length === 1 ? last.get(own[0]!) : undefined;
  let place = 0;
  const factor = (): number => {
    const token = tokens[place++] ?? '';
    if (/^\d+$/.test(token)) return Number(token);
    const value = token === 'last' ? largest : (numbers.get(token) ?? lastAfter(token, ids));
    if (value === undefined) throw new Error(`\`{${formula}}\` contains \`${token}\`, which its key does not have`);
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[place] === '*') {
      place++;
      value *= factor();
    }
    return value;
  };
  let sum = product();
  while (place < tokens.length) {
    const sign = tokens[place++];
    if (sign !== '+' && sign !== '-') throw new Error(`\`{${formula}}\` is not a sum or product`);
    sum += sign === '+' ? product() : -product();
  }
  if (sum < 0) throw new Error(`\`{${formula}}\` is ${sum}, below 0`);
  return sum;
}
