/**
 * Symbolic extents of axes. A size is an integer that may depend on the sizes of a model's spatial axes. Sizes are kept
 * in a normal form (see the constructors), so that most equal sizes are structurally equal.
 */
export type Size =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'symbol'; readonly name: string }
  /**
   * Sum of products: `constant + sum(factor * term)`; terms are neither constants nor sums, and sorted by their printed
   * form.
   */
  | {
      readonly kind: 'sum';
      readonly constant: number;
      readonly terms: readonly { readonly factor: number; readonly term: Size }[];
    }
  /** floor(of / by), `by` > 1. */
  | { readonly kind: 'floor'; readonly of: Size; readonly by: number }
  /** Product of two or more non-constant sizes, sorted by their printed form. */
  | { readonly kind: 'product'; readonly factors: readonly Size[] };

type Term = { readonly factor: number; readonly term: Size };

export function constant(value: number): Size {
  return { kind: 'constant', value };
}

export function symbol(name: string): Size {
  return { kind: 'symbol', name };
}

function termsOf(size: Size): { constant: number; terms: readonly Term[] } {
  if (size.kind === 'constant') return { constant: size.value, terms: [] };
  if (size.kind === 'sum') return { constant: size.constant, terms: size.terms };
  return { constant: 0, terms: [{ factor: 1, term: size }] };
}

function sumOf(offset: number, terms: readonly Term[]): Size {
  const merged = new Map<string, Term>();
  for (const { factor, term } of terms) {
    const key = formatSize(term);
    const total = (merged.get(key)?.factor ?? 0) + factor;
    merged.set(key, { factor: total, term });
  }
  const kept = [...merged.entries()].filter(([, { factor }]) => factor !== 0);
  kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const [only] = kept;
  if (only === undefined) return constant(offset);
  if (kept.length === 1 && offset === 0 && only[1].factor === 1) return only[1].term;
  return { kind: 'sum', constant: offset, terms: kept.map(([, term]) => term) };
}

export function add(left: Size, right: Size): Size {
  const a = termsOf(left);
  const b = termsOf(right);
  return sumOf(a.constant + b.constant, [...a.terms, ...b.terms]);
}

export function scale(size: Size, factor: number): Size {
  const { constant: offset, terms } = termsOf(size);
  return sumOf(
    offset * factor,
    terms.map((each) => ({ factor: each.factor * factor, term: each.term })),
  );
}

/** A product as a number times factors that are neither numbers nor products, sorted by their printed form. */
interface Monomial {
  readonly factor: number;
  readonly factors: readonly Size[];
}

function monomialOf(size: Size): Monomial {
  if (size.kind === 'constant') return { factor: size.value, factors: [] };
  if (size.kind === 'product') return { factor: 1, factors: size.factors };
  const [only, ...others] = size.kind === 'sum' && size.constant === 0 ? size.terms : [];
  if (only === undefined || others.length > 0) return { factor: 1, factors: [size] };
  return { factor: only.factor, factors: monomialOf(only.term).factors };
}

function productOf({ factor, factors }: Monomial): Size {
  const [only] = factors;
  if (only === undefined) return constant(factor);
  if (factors.length === 1) return scale(only, factor);
  const sorted = [...factors].sort((a, b) => (formatSize(a) < formatSize(b) ? -1 : 1));
  return scale({ kind: 'product', factors: sorted }, factor);
}

export function multiply(left: Size, right: Size): Size {
  if (left.kind === 'constant') return scale(right, left.value);
  if (right.kind === 'constant') return scale(left, right.value);
  const [a, b] = [monomialOf(left), monomialOf(right)];
  return productOf({ factor: a.factor * b.factor, factors: [...a.factors, ...b.factors] });
}

/**
 * Returns the size that gives `size` when multiplied by `by`: common factors cancel, and a remaining number divides
 * with a floor, so that the caller must check that the product is exact. Undefined if other factors remain.
 */
export function quotient(size: Size, by: Size): Size | undefined {
  const divisor = constantOf(by);
  if (divisor !== undefined) return divisor < 1 ? undefined : floorDivide(size, divisor);
  if (sameSize(size, by)) return constant(1);
  const [whole, part] = [monomialOf(size), monomialOf(by)];
  const rest = [...whole.factors];
  for (const each of part.factors) {
    const place = rest.findIndex((other) => sameSize(other, each));
    if (place < 0) return undefined;
    rest.splice(place, 1);
  }
  return part.factor < 1 ? undefined : floorDivide(productOf({ factor: whole.factor, factors: rest }), part.factor);
}

/**
 * floor(size / by). Nested floors combine: floor((floor(x / a) + c) / b) = floor((x + a * c) / (a * b)), and multiples
 * of `by` move out of the floor.
 */
export function floorDivide(size: Size, by: number): Size {
  if (by === 1) return size;
  if (size.kind === 'constant') return constant(Math.floor(size.value / by));
  const { constant: offset, terms } = termsOf(size);
  const whole = terms.filter(({ factor }) => factor % by === 0);
  const rest = terms.filter(({ factor }) => factor % by !== 0);
  const wholeOffset = Math.floor(offset / by);
  const outside = sumOf(
    wholeOffset,
    whole.map(({ factor, term }) => ({ factor: factor / by, term })),
  );
  const restOffset = offset - wholeOffset * by;
  const [only] = rest;
  if (only === undefined) return outside;
  if (rest.length === 1 && only.factor === 1 && only.term.kind === 'floor') {
    const inner = add(only.term.of, constant(restOffset * only.term.by));
    return add(outside, floorDivide(inner, by * only.term.by));
  }
  return add(outside, { kind: 'floor', of: sumOf(restOffset, rest), by });
}

export function ceilDivide(size: Size, by: number): Size {
  return floorDivide(add(size, constant(by - 1)), by);
}

/** Whether the two are the same expression; different expressions may still be equal for some sizes. */
export function sameSize(left: Size, right: Size): boolean {
  return formatSize(left) === formatSize(right);
}

export function constantOf(size: Size): number | undefined {
  return size.kind === 'constant' ? size.value : undefined;
}

/** The names the size depends on. */
export function symbolsOf(size: Size): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (each: Size): void => {
    if (each.kind === 'symbol') found.add(each.name);
    else if (each.kind === 'sum') each.terms.forEach(({ term }) => visit(term));
    else if (each.kind === 'floor') visit(each.of);
    else if (each.kind === 'product') each.factors.forEach(visit);
  };
  visit(size);
  return found;
}

/** Evaluates the size for given symbols. Throws for a missing symbol, which is a bug in the caller. */
export function evaluate(size: Size, values: ReadonlyMap<string, number>): number {
  return evaluateWith(size, (name) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value for the axis ${name}`);
    return value;
  });
}

/** Evaluates the size with every symbol set to `extent`. */
export function evaluateAt(size: Size, extent: number): number {
  return evaluateWith(size, () => extent);
}

function evaluateWith(size: Size, valueOf: (name: string) => number): number {
  switch (size.kind) {
    case 'constant':
      return size.value;
    case 'symbol':
      return valueOf(size.name);
    case 'sum': {
      let total = size.constant;
      for (const { factor, term } of size.terms) total += factor * evaluateWith(term, valueOf);
      return total;
    }
    case 'floor':
      return Math.floor(evaluateWith(size.of, valueOf) / size.by);
    case 'product': {
      let product = 1;
      for (const factor of size.factors) product *= evaluateWith(factor, valueOf);
      return product;
    }
  }
}

/** Replaces all symbols by one name, for a size whose symbols are all equal. */
export function withOneSymbol(size: Size, name: string): Size {
  switch (size.kind) {
    case 'constant':
      return size;
    case 'symbol':
      return symbol(name);
    case 'sum':
      return size.terms
        .map(({ factor, term }) => scale(withOneSymbol(term, name), factor))
        .reduce(add, constant(size.constant));
    case 'floor':
      return floorDivide(withOneSymbol(size.of, name), size.by);
    case 'product':
      return size.factors.map((factor) => withOneSymbol(factor, name)).reduce(multiply);
  }
}

/** Whether the size is known to be non-decreasing in its symbols; false if that is unknown. */
export function isGrowing(size: Size): boolean {
  switch (size.kind) {
    case 'constant':
    case 'symbol':
      return true;
    case 'sum':
      return size.terms.every(({ factor, term }) => factor > 0 && isGrowing(term));
    case 'floor':
      return isGrowing(size.of);
    case 'product':
      // Negative factors would reverse the direction.
      return size.factors.every((factor) => isGrowing(factor) && evaluateAt(factor, 1) >= 0);
  }
}

const texts = new WeakMap<Size, string>();

/** Formats the size for people: `24`, `D`, `ceil(D / 2)`, `2 * floor(D / 2) + 1`. Equal strings mean equal sizes. */
export function formatSize(size: Size): string {
  const known = texts.get(size);
  if (known !== undefined) return known;
  const text = sizeText(size);
  texts.set(size, text);
  return text;
}

function sizeText(size: Size): string {
  switch (size.kind) {
    case 'constant':
      return String(size.value);
    case 'symbol':
      return size.name;
    case 'product':
      return size.factors.map(formatFactor).join(' * ');
    case 'floor':
      return formatFloor(size.of, size.by);
    case 'sum':
      return formatSum(size.constant, size.terms);
  }
}

function formatFactor(size: Size): string {
  return size.kind === 'sum' ? `(${formatSize(size)})` : formatSize(size);
}

function formatFloor(of: Size, by: number): string {
  const { constant: offset, terms } = termsOf(of);
  if (offset === by - 1) return `ceil(${formatFactor(sumOf(0, terms))} / ${by})`;
  return `floor(${formatFactor(of)} / ${by})`;
}

function formatSum(offset: number, terms: readonly Term[]): string {
  let text = '';
  for (const { factor, term } of terms) {
    const size = Math.abs(factor) === 1 ? formatFactor(term) : `${Math.abs(factor)} * ${formatFactor(term)}`;
    if (text === '') text = factor < 0 ? `-${size}` : size;
    else text += factor < 0 ? ` - ${size}` : ` + ${size}`;
  }
  if (offset === 0) return text;
  return offset < 0 ? `${text} - ${-offset}` : `${text} + ${offset}`;
}
