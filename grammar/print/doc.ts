/**
 * A document: text with places where lines may break, laid out for a width. The algebra is that of Wadler, "A prettier
 * printer" (2003), in the greedy form of Prettier's printer; Prettier's own printer is too large to ship with a command.
 */
export type Doc =
  | { readonly kind: 'text'; readonly text: string; readonly forced: false }
  | { readonly kind: 'concat'; readonly parts: readonly Doc[]; readonly forced: boolean }
  | { readonly kind: 'indent'; readonly inner: Doc; readonly forced: boolean }
  | { readonly kind: 'group'; readonly inner: Doc; readonly forced: boolean }
  | { readonly kind: 'line'; readonly flat: string; readonly forced: boolean; readonly blank: boolean }
  | { readonly kind: 'suffix'; readonly text: string; readonly forced: true };

export const indentWidth = 2;

export function text(content: string): Doc {
  return { kind: 'text', text: content, forced: false };
}

export function concat(...parts: readonly (Doc | string)[]): Doc {
  return concatAll(parts.map((part) => (typeof part === 'string' ? text(part) : part)));
}

/** Like `concat`, for lists of any length. */
export function concatAll(parts: readonly Doc[]): Doc {
  return { kind: 'concat', parts, forced: parts.some((doc) => doc.forced) };
}

/** Lines that break inside `inner` begin two columns further in. */
export function indent(inner: Doc): Doc {
  return { kind: 'indent', inner, forced: inner.forced };
}

/** Breaks all its own lines where it does not fit on the line, or holds a line that must break. */
export function group(inner: Doc): Doc {
  return { kind: 'group', inner, forced: inner.forced };
}

/** A blank, or a line break where the group breaks. */
export const line: Doc = { kind: 'line', flat: ' ', forced: false, blank: false };
/** A comma between members, or a line break where the group breaks. */
export const memberLine: Doc = { kind: 'line', flat: ', ', forced: false, blank: false };
/** Nothing, or a line break where the group breaks. */
export const softLine: Doc = { kind: 'line', flat: '', forced: false, blank: false };
/** A line break. */
export const hardLine: Doc = { kind: 'line', flat: '', forced: true, blank: false };
/** An empty line. */
export const blankLine: Doc = { kind: 'line', flat: '', forced: true, blank: true };
export const nothing: Doc = text('');

/** Text for the end of the line wherever that comes; the groups around it break. */
export function suffix(content: string): Doc {
  return { kind: 'suffix', text: content, forced: true };
}

export function join(separator: Doc, docs: readonly Doc[]): Doc {
  return concatAll(docs.flatMap((doc, i) => (i === 0 ? [doc] : [separator, doc])));
}

/** The width of a document that is not broken, `Infinity` where it must break. */
export function flatWidth(doc: Doc): number {
  if (doc.forced) return Infinity;
  switch (doc.kind) {
    case 'text':
      return doc.text.length;
    case 'line':
      return doc.flat.length;
    case 'concat':
      return doc.parts.reduce((sum, part) => sum + flatWidth(part), 0);
    case 'indent':
    case 'group':
      return flatWidth(doc.inner);
  }
}

/** A document without the line breaks that it need not have. */
export function unbroken(doc: Doc): Doc {
  switch (doc.kind) {
    case 'line':
      return doc.forced ? doc : text(doc.flat);
    case 'concat':
      return concatAll(doc.parts.map(unbroken));
    case 'indent':
      return indent(unbroken(doc.inner));
    case 'group':
      return unbroken(doc.inner);
    case 'text':
    case 'suffix':
      return doc;
  }
}

interface Command {
  readonly doc: Doc;
  readonly indentation: number;
  readonly broken: boolean;
}

/** Lays `doc` out on lines of at most `width` columns where its breaks allow that. No line ends in blanks. */
export function layOutDoc(doc: Doc, width: number): string {
  const output: string[] = [];
  const suffixes: string[] = [];
  const stack: Command[] = [{ doc, indentation: 0, broken: true }];
  let column = 0;
  const endLine = (): void => {
    for (const content of suffixes.splice(0)) output.push(content);
    const last = output.length - 1;
    if (last >= 0) output[last] = output[last]?.replace(/(?<! ) +$/, '') ?? '';
  };
  for (let command = stack.pop(); command !== undefined; command = stack.pop()) {
    const { doc: current, indentation, broken } = command;
    switch (current.kind) {
      case 'text':
        output.push(current.text);
        column += current.text.length;
        break;
      case 'suffix':
        suffixes.push(current.text);
        break;
      case 'concat':
        for (let i = current.parts.length - 1; i >= 0; i--) {
          stack.push({ doc: current.parts[i] ?? nothing, indentation, broken });
        }
        break;
      case 'indent':
        stack.push({ doc: current.inner, indentation: indentation + indentWidth, broken });
        break;
      case 'group': {
        const flat = !current.forced && fits(current.inner, stack, width - column);
        stack.push({ doc: current.inner, indentation, broken: !flat });
        break;
      }
      case 'line':
        if (!broken && !current.forced) {
          output.push(current.flat);
          column += current.flat.length;
          break;
        }
        endLine();
        output.push(current.blank ? '\n\n' : '\n', ' '.repeat(indentation));
        column = indentation;
        break;
    }
  }
  endLine();
  return output.join('');
}

/** Whether `doc`, unbroken, and what follows it up to the next possible line break take at most `room` columns. */
function fits(doc: Doc, rest: readonly Command[], room: number): boolean {
  const stack: { doc: Doc; broken: boolean }[] = [{ doc, broken: false }];
  let next = rest.length;
  for (;;) {
    const command = stack.pop() ?? rest[--next];
    if (command === undefined) return true;
    const { doc: current, broken } = command;
    switch (current.kind) {
      case 'text':
        room -= current.text.length;
        if (room < 0) return false;
        break;
      case 'suffix':
        break;
      case 'concat':
        for (let i = current.parts.length - 1; i >= 0; i--) stack.push({ doc: current.parts[i] ?? nothing, broken });
        break;
      case 'indent':
        stack.push({ doc: current.inner, broken });
        break;
      case 'group':
        stack.push({ doc: current.inner, broken: broken && current.forced });
        break;
      case 'line':
        if (broken || current.forced) return true;
        room -= current.flat.length;
        if (room < 0) return false;
        break;
    }
  }
}
