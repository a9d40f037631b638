import { pagePalette, type Palette } from '../../../../text/page/palette.js';

/** Colours of the marks in charts, after Okabe and Ito; their contrast to the paper is at least 3. */
export const chartPalette = {
  light: {
    ...{ base: '#16191d', variant: '#0072b2', rival: '#b84f00' },
    ...{ best: '#007a59', median: '#0072b2', worst: '#b84f00', other: '#7b838c' },
  },
  dark: {
    ...{ base: '#f2f4f6', variant: '#56b4e9', rival: '#f0a35e' },
    ...{ best: '#3fc79a', median: '#56b4e9', worst: '#f0a35e', other: '#8b949d' },
  },
} as const satisfies Palette;

/** All colours that a chart uses, in the light. */
export const LIGHT: Readonly<Record<string, string>> = { ...pagePalette.light, ...chartPalette.light };

/** Rules for everything inside a chart, on a page and in a file of its own. */
export const CHART_STYLES = `
svg text { fill: var(--ink); font: 14px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
svg .tick, svg .note { fill: var(--muted); font-size: 13px; }
svg .axis { fill: var(--muted); font-size: 13px; }
svg .name { font-weight: 600; }
svg .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
.grid { stroke: var(--faint); } .rule { stroke: var(--muted); } .zero { stroke: var(--ink); stroke-width: 1.5; }
.undetectable { fill: var(--faint); }
.base { --hue: var(--base); } .variant { --hue: var(--variant); } .rival { --hue: var(--rival); }
.best { --hue: var(--best); } .median { --hue: var(--median); } .worst { --hue: var(--worst); } .other { --hue: var(--other); }
.interval { stroke: var(--hue); stroke-width: 2.25; }
.mark { fill: var(--hue); stroke: var(--paper); stroke-width: 1.5; }
.mark.hollow { fill: var(--paper); stroke: var(--hue); stroke-width: 2.25; }
.case { fill: var(--hue); stroke: var(--paper); stroke-width: 1; } .case.other { fill-opacity: 0.8; }
.thread { fill: none; stroke: var(--hue); stroke-width: 2; } .thread.other { stroke-width: 1; opacity: 0.45; }
.thread.median { stroke-dasharray: 6 3; } .thread.worst { stroke-dasharray: 2 3; }
.mean { stroke: var(--ink); stroke-width: 2; }
.curve { fill: none; stroke: var(--hue); stroke-width: 2; stroke-linejoin: round; } .band { fill: var(--hue); opacity: 0.22; }
.leader { stroke: var(--muted); stroke-width: 0.75; }
.reference { fill: none; stroke: var(--muted); stroke-width: 1.25; stroke-dasharray: 4 3; }
`;
