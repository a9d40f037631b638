import type { Shape } from '../compiler/ir/ir.js';
import type { Size } from '../compiler/shape/size.js';

/**
 * A shape as short as it can be read: `24 × ⌈D/2⌉ × …`, where `…` stands for further axes whose sizes depend on their
 * axes in the same way. `scalar` if there are no axes.
 */
export function shortShape(shape: Shape): string {
  if (shape.length === 0) return 'scalar';
  const shown: string[] = [];
  let pattern: string | undefined;
  for (const { size } of shape) {
    const before = pattern;
    pattern = patternOf(size);
    if (pattern === undefined || pattern !== before) shown.push(shortSize(size));
    else if (shown.at(-1) !== '…') shown.push('…');
  }
  return shown.join(' × ');
}

/** How a size depends on the only axis in it; undefined for a number or a plain axis, which is not shortened. */
function patternOf(size: Size): string | undefined {
  const names = new Set(symbolsOf(size));
  const [name] = names;
  if (name === undefined || names.size > 1 || size.kind === 'symbol') return undefined;
  return shortSize(size, () => '_');
}

function symbolsOf(size: Size): readonly string[] {
  switch (size.kind) {
    case 'constant':
      return [];
    case 'symbol':
      return [size.name];
    case 'floor':
      return symbolsOf(size.of);
    case 'product':
      return size.factors.flatMap(symbolsOf);
    case 'sum':
      return size.terms.flatMap(({ term }) => symbolsOf(term));
  }
}

/** A size with the signs of mathematics: `⌈D/2⌉`, `2⌊D/2⌋+1`, `D·H`. */
function shortSize(size: Size, nameOf: (axis: string) => string = (axis) => axis): string {
  const shown = (part: Size): string => shortSize(part, nameOf);
  const factor = (part: Size): string => (part.kind === 'sum' ? `(${shown(part)})` : shown(part));
  switch (size.kind) {
    case 'constant':
      return String(size.value);
    case 'symbol':
      return nameOf(size.name);
    case 'product':
      return size.factors.map(factor).join('·');
    case 'floor': {
      const { of, by } = size;
      const isCeiling = of.kind === 'sum' && of.constant === by - 1;
      return isCeiling ? `⌈${factor(withoutConstant(of))}/${by}⌉` : `⌊${factor(of)}/${by}⌋`;
    }
    case 'sum': {
      const terms = size.terms.map(({ factor: times, term }) => {
        const sign = times < 0 ? '−' : '+';
        return `${sign}${Math.abs(times) === 1 ? '' : Math.abs(times)}${factor(term)}`;
      });
      const offset = size.constant === 0 ? '' : `${size.constant < 0 ? '−' : '+'}${Math.abs(size.constant)}`;
      return `${terms.join('')}${offset}`.replace(/^\+/, '');
    }
  }
}

function withoutConstant(size: Extract<Size, { kind: 'sum' }>): Size {
  const [only, ...others] = size.terms;
  return only?.factor === 1 && others.length === 0 ? only.term : { ...size, constant: 0 };
}
