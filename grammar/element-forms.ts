import type { ElementNode, Expression } from './ast.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { foreignValues } from './diagnostics/foreign-words.js';
import { report } from './diagnostics/registry.js';
import { replacement, writtenName } from './diagnostics/suggest.js';
import { joinSpans, textOf } from './source.js';

/**
 * One grammar rule for elements covers calls, lists and indices, each of which accepts only some of its forms
 * (UNET2028): a call `x` and `name: x`, a list of axes `A`, `A = n` and `...S`, any other list `x` and `...list`.
 */

/** Reports arguments with an invalid form; those named with `=` are one error. */
export function misplacedInCall(elements: readonly ElementNode[]): readonly Diagnostic[] {
  const spreads = elements.filter(({ spread }) => spread);
  const help = '`...` is only allowed in a list.';
  return [
    ...spreads.map((element) => misplaced(element, 'a call', help, textOf(element.value.span))),
    ...namedWithEquals(elements.filter(({ name, separator }) => separator === '=' && name !== undefined)),
  ];
}

function namedWithEquals(elements: readonly ElementNode[]): readonly Diagnostic[] {
  const [first] = elements;
  const last = elements.at(-1);
  if (first === undefined || last === undefined) return [];
  const { source } = first.span;
  const span = joinSpans(first.span, last.span);
  let text = '';
  let end = span.start;
  for (const element of elements) {
    text += source.text.slice(end, element.span.start) + namedArgument(element);
    end = element.span.end;
  }
  const covers = elements.some(({ value }) => foreignValue(value) !== undefined) ? span : undefined;
  const help = 'Use `:` to name an argument.';
  return [
    report('UNET2028', { sign: '=', place: 'a call' }, first.span, { help, fixes: [replacement(span, text)], covers }),
  ];
}

function namedArgument({ name, value }: ElementNode): string {
  return `${writtenName(name?.name ?? '')}: ${foreignValue(value) ?? textOf(value.span)}`;
}

/** `True` and `False` in our words. */
function foreignValue(value: Expression): string | undefined {
  const ours = value.kind === 'Name' ? foreignValues[value.name]?.ours : undefined;
  return ours === '' ? undefined : ours;
}

/** Reports an element with an invalid form in a list of values. */
export function misplacedInList(element: ElementNode): readonly Diagnostic[] {
  if (element.name === undefined) return [];
  return [misplaced(element, 'a list of values', 'Write only the value.', textOf(element.value.span))];
}

/** Reports an index of a list or a family with an invalid form. */
export function misplacedInIndices(element: ElementNode): readonly Diagnostic[] {
  if (element.name === undefined && !element.spread) return [];
  return [misplaced(element, 'an index', 'Write only the index.', textOf(element.value.span))];
}

/** Reports an element with an invalid form in a list of axes; `sized` if axes may have a size. */
export function misplacedInAxes(element: ElementNode, sized: boolean): readonly Diagnostic[] {
  const { name, separator, value } = element;
  if (separator === undefined || name === undefined || (sized && separator === '=')) return [];
  const text = sized ? `${writtenName(name.name)} = ${textOf(value.span)}` : writtenName(name.name);
  const help = sized ? 'Use `=` to give the size of an axis.' : 'Write only the name of the axis.';
  return [misplaced(element, 'a list of axes', help, text)];
}

function misplaced(element: ElementNode, place: string, help: string, text: string): Diagnostic {
  const sign = element.spread ? '...' : (element.separator ?? ':');
  return report('UNET2028', { sign, place }, element.span, { help, fixes: [replacement(element.span, text)] });
}
