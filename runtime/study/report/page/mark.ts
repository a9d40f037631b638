import { symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle, type SymbolType } from 'd3-shape';
import { markup, type Markup } from '../../../../text/markup.js';
import type { ReportRow } from '../report.js';
import type { ChosenCase } from './case-scores.js';

const KIND_SYMBOLS: Readonly<Record<ReportRow['kind'], SymbolType>> = {
  base: symbolCircle,
  variant: symbolSquare,
  rival: symbolDiamond,
};

function shape(type: SymbolType, size: number): string {
  return symbol(type, size).digits(2)() ?? '';
}

/**
 * The mark of a row: shape and colour show its kind, a hollow mark means unmatched.
 * @param tip the tooltip
 */
export function rowMark(
  { kind, matched }: Pick<ReportRow, 'kind' | 'matched'>,
  x: number,
  y: number,
  tip: string,
): Markup {
  const path = shape(KIND_SYMBOLS[kind], kind === 'base' ? 120 : 100);
  return markup`<path class="mark ${kind}${matched ? '' : ' hollow'}" transform="translate(${x} ${y})" d="${path}"><title>${tip}</title></path>`;
}

/** The mark of a case: a special shape for chosen ones, a dot for all others. */
export function caseMark(rule: ChosenCase['rule'] | undefined, x: number, y: number, tip: string): Markup {
  const turn = rule === 'worst' ? ' rotate(180)' : '';
  const type = rule === undefined ? symbolCircle : rule === 'median' ? symbolDiamond : symbolTriangle;
  const path = shape(type, rule === undefined ? 38 : 80);
  return markup`<path class="case ${rule ?? 'other'}" transform="translate(${x} ${y})${turn}" d="${path}"><title>${tip}</title></path>`;
}

/** A legend of marks. */
export function key(entries: readonly (readonly [mark: Markup, meaning: string])[]): Markup {
  const items = entries.map(
    ([mark, meaning]) =>
      markup`<li><svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">${mark}</svg>${meaning}</li>`,
  );
  return markup`<ul class="key">${items}</ul>`;
}

/** The legend of row marks, for the kinds that occur. */
export function rowKey(rows: readonly ReportRow[]): Markup {
  const kinds = (['base', 'variant', 'rival'] as const).filter((kind) => rows.some((row) => row.kind === kind));
  const open = rows.find(({ matched }) => !matched);
  return key([
    ...kinds.map((kind) => [rowMark({ kind, matched: true }, 10, 10, kind), kind] as const),
    ...(open
      ? [[rowMark(open, 10, 10, 'UNMATCHED'), 'hollow: UNMATCHED, not trained under the protocol'] as const]
      : []),
  ]);
}
