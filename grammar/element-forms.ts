import type { ElementNode } from './ast.js';
import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { replacement, writtenName } from './diagnostics/suggest.js';
import { textOf } from './source.js';

/**
 * One grammar rule for elements covers calls, lists and indices, each of which accepts only some of its forms
 * (UNET2028): a call `x` and `name: x`, a list of axes `A`, `A = n` and `...S`, any other list `x` and `...list`.
 */

/** Reports an argument with an invalid form. */
export function misplacedInCall(element: ElementNode): readonly Diagnostic[] {
  const { name, separator, spread, value, span } = element;
  if (spread) return [misplaced(element, 'a call', '`...` is only allowed in a list.', textOf(value.span))];
  if (separator !== '=' || name === undefined) return [];
  const text = `${writtenName(name.name)}: ${textOf(value.span)}`;
  return [
    report('UNET2028', { sign: '=', place: 'a call' }, span, {
      help: 'Use `:` to name an argument.',
      fixes: [replacement(span, text)],
    }),
  ];
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
