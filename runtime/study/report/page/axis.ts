import { markup, type Content, type Markup } from '../../../../text/markup.js';

interface Ticks {
  readonly scale: (value: number) => number;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
}

/** A horizontal axis: grid lines from `top` to `bottom` with their values below, and its title centred below these. */
export function horizontalAxis(
  { scale, ticks, format }: Ticks,
  { left, right, top, bottom }: { left: number; right: number; top: number; bottom: number },
  title?: Content,
): Markup {
  const lines = ticks.map((tick) => {
    const x = scale(tick);
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 16}" text-anchor="middle">${format(tick)}</text>`;
  });
  const name =
    title &&
    markup`<text class="axis" x="${(left + right) / 2}" y="${bottom + 35}" text-anchor="middle">${title}</text>`;
  return markup`${lines}<line class="rule" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${name}`;
}

/** A vertical axis: grid lines from `left` to `right` with their values on the left. */
export function verticalAxis(
  { scale, ticks, format }: Ticks,
  { left, right }: { left: number; right: number },
): Markup {
  return markup`${ticks.map((tick) => {
    const y = scale(tick);
    return markup`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/><text class="tick" x="${left - 6}" y="${y + 4}" text-anchor="end">${format(tick)}</text>`;
  })}`;
}
