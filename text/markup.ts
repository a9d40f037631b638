import { printable } from './printable.js';
import { escapeXml } from './xml.js';

/** A piece of HTML or SVG that is well formed and safe to show; only `markup` and `joined` make one. */
export class Markup {
  private constructor(readonly source: string) {}

  /** Keeps the literal parts and escapes the values between them. */
  static of(literals: readonly string[], values: readonly Content[]): Markup {
    const parts = literals.map((literal, index) => {
      if (index === values.length) return literal;
      if (/=\s*$/.test(literal)) throw new RangeError(`an attribute without quotes: ${literal}`);
      return literal + sourceOf(values[index]);
    });
    return new Markup(parts.join(''));
  }
}

/** A value in markup: text and numbers are escaped, lists are joined, and null, undefined and false are omitted. */
export type Content = Markup | string | number | false | null | undefined | readonly Content[];

function sourceOf(content: Content): string {
  if (content instanceof Markup) return content.source;
  if (typeof content === 'number') return String(Math.round(content * 100) / 100);
  if (typeof content === 'string') return escapeXml(content);
  return Array.isArray(content) ? content.map(sourceOf).join('') : '';
}

/**
 * Elements of HTML or SVG as a template; attributes need their quotes. Numbers are written to a hundredth, for they are
 * coordinates: figures that people read come as text.
 * @throws RangeError for an attribute without quotes
 */
export function markup(literals: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return Markup.of(literals, values);
}

/** A name that may be broken where one of its words ends: before a capital, and after `_`, `.` and `/`. */
export function breakable(name: string): Markup {
  const parts = printable(name).split(/(?<=\p{Ll})(?=\p{Lu})|(?<=[_./])/u);
  return markup`${parts.map((part, index) => (index === 0 ? part : markup`<wbr>${part}`))}`;
}

/** Text in which names between backticks are shown as code, breakable where one of their words ends. */
export function withCode(text: string): Markup {
  const parts = text.split(/`([^`]+)`/);
  return markup`${parts.map((part, index) => (index % 2 === 0 ? part : markup`<code>${breakable(part)}</code>`))}`;
}

/** `parts` with `separator` between them. */
export function joined(parts: readonly Content[], separator: string): Markup {
  return markup`${parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))}`;
}
