/**
 * Styles of the page. Colours are variables with other values in dark mode: text has a contrast of at least 4.5 to its
 * background, marks of at least 3. Hues are those of Okabe and Ito; nothing is shown by colour alone.
 */
export const STYLES = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ground: #f5f6f7; --ink: #16191d; --muted: #565d66; --line: #d4d8dd; --faint: #e8ebee;
  --link: #0b5a94; --warning: #8a3d00; --warning-ground: #fff4e8; --warning-line: #e0a36c;
  --base: #16191d; --variant: #0072b2; --rival: #b84f00;
  --best: #007a59; --median: #0072b2; --worst: #b84f00; --other: #7b838c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --ground: #1d2126; --ink: #e8eaed; --muted: #a8b0b9; --line: #3b424a; --faint: #272c32;
    --link: #7cc4f5; --warning: #ffb86b; --warning-ground: #2c2117; --warning-line: #7d5429;
    --base: #f2f4f6; --variant: #56b4e9; --rival: #f0a35e;
    --best: #3fc79a; --median: #56b4e9; --worst: #f0a35e; --other: #8b949d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
}
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
header { padding-top: 2.5rem; }
footer { padding-block: 1.5rem 3rem; color: var(--muted); font-size: 0.875rem; }
h1 { margin: 0 0 0.5rem; font-size: clamp(1.6rem, 5vw, 2.3rem); line-height: 1.2; letter-spacing: -0.015em; }
h2 { margin: 0 0 0.75rem; font-size: 1.4rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { margin: 1.75rem 0 0.5rem; font-size: 1.05rem; }
h4 { margin: 0; font-size: 0.875rem; font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
h1 small, h3 small { font-weight: 400; color: var(--muted); }
p { max-width: 46rem; margin: 0 0 0.75rem; }
a { color: var(--link); }
a:focus-visible, .scroll:focus-visible, .overlays:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: 0.85em ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; color: var(--muted); }
.kind { margin: 0 0 0.35rem; color: var(--muted); font-size: 0.875rem; }
.lead { font-size: 1.125rem; }
section { padding: 2.25rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 1rem 0 0; padding: 0.65rem 0; list-style: none; border-block: 1px solid var(--line); font-size: 0.9rem; }

.cautions { margin: 1.25rem 0; padding: 0.9rem 1.1rem; border: 1px solid var(--warning-line); border-left-width: 5px; border-radius: 4px; background: var(--warning-ground); }
.cautions h2 { font-size: 1rem; margin-bottom: 0.35rem; color: var(--warning); letter-spacing: 0; }
.cautions ul { margin: 0; padding-left: 1.15rem; }
.warning { color: var(--warning); }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; line-height: 1.4; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { caption-side: bottom; padding-top: 0.6rem; text-align: left; color: var(--muted); font-size: 0.85rem; }
th, td { padding: 0.5rem 0.65rem; border-bottom: 1px solid var(--faint); text-align: right; vertical-align: top; font-weight: 400; }
thead th { border-bottom: 1.5px solid var(--ink); border-top: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 1.5px solid var(--ink); }
th:first-child, th[scope=row], th[scope=rowgroup] { text-align: left; }
td { white-space: nowrap; }
thead small { white-space: nowrap; }
th small, td small { display: block; color: var(--muted); font-size: 0.8rem; font-weight: 400; }
th small.warning { color: var(--warning); }
th .name { font-weight: 600; overflow-wrap: anywhere; }
tr.base > * { background: var(--ground); }
tr.first > * { border-top: 1px solid var(--line); }
#results tbody th { min-width: 8.5rem; max-width: 17rem; }
#classes thead th:nth-child(2) { text-align: left; }
#classes th[scope=rowgroup] { min-width: 8rem; }
.badge { padding: 0.05rem 0.4rem; border: 1px solid var(--muted); border-radius: 3px; color: var(--muted); font-size: 0.75rem; }
tfoot td { text-align: left; white-space: normal; border: 0; color: var(--warning); font-size: 0.85rem; }
tfoot ul { margin: 0; padding: 0; list-style: none; }
tfoot .note { color: var(--muted); }
sup { line-height: 0; }
#results tbody th { min-width: 9.5rem; }
#protocol td { text-align: left; white-space: normal; }
#protocol thead th { text-align: left; }

figure { margin: 1rem 0 0; }
figcaption { max-width: 46rem; margin-top: 0.5rem; color: var(--muted); font-size: 0.875rem; }
.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart.wide { max-width: 860px; } .chart.narrow { max-width: 480px; }
@media (min-width: 800px) { .chart.narrow { display: none; } }
@media (max-width: 799.98px) { .chart.wide { display: none; } }
svg text { fill: var(--ink); font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
svg .tick, svg .note { fill: var(--muted); font-size: 12px; }
svg .axis { fill: var(--muted); font-size: 12.5px; }
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
.key { display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; margin: 0.5rem 0 0; padding: 0; list-style: none; font-size: 0.875rem; }
.key li { display: flex; align-items: center; gap: 0.35rem; } .key svg { flex: none; }

.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 46%), 1fr)); gap: 1.1rem 1rem; }
.panel { min-width: 0; } .panel p { margin: 0.1rem 0 0; color: var(--muted); font-size: 0.75rem; }
.panel .tick { font-size: 11px; }

.overlays { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
.overlays figure { margin: 0; min-width: 0; }
.overlays img { display: block; width: 100%; height: auto; border-radius: 3px; background: #000; }
.absent { margin: 0; padding: 3rem 1rem; border: 1px dashed var(--line); text-align: center; color: var(--muted); }

dl { margin: 0; max-width: 60rem; }
dl > div { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1rem; padding: 0.4rem 0; border-bottom: 1px solid var(--faint); }
dt { font-weight: 600; } dd { margin: 0; }
.digest { overflow-wrap: anywhere; }
.runs { margin: 0; padding: 0; list-style: none; font-size: 0.9rem; columns: 2 26rem; column-gap: 2rem; } .runs li { padding: 0.15rem 0; break-inside: avoid; }
summary { cursor: pointer; margin: 1.25rem 0 0.5rem; font-weight: 600; }

@media screen and (max-width: 799.98px) {
  header { padding-top: 1.5rem; }
  header, main, footer { padding-inline: 1rem; }
  dl > div { grid-template-columns: 1fr; }
  th, td { padding: 0.45rem 0.5rem; }
  #results tbody th { min-width: 5.5rem; max-width: 6.5rem; }
  #results tbody th, #results thead th:first-child { position: sticky; left: 0; background: var(--paper); border-right: 1px solid var(--line); }
  #results tr.base th { background: var(--ground); }
  tfoot td { padding-inline: 0; }
  .scroll caption, tfoot ul { position: sticky; left: 0; max-width: calc(100vw - 2rem); }
  .overlays { display: flex; overflow-x: auto; scroll-snap-type: x proximity; }
  .overlays figure { flex: 0 0 82%; scroll-snap-align: start; }
}
@media print {
  @page { size: A4; margin: 14mm 13mm; }
  html { font-size: 9pt; }
  body { font-size: 1rem; }
  h1 { font-size: 1.7rem; }
  header, main, footer { max-width: none; padding-inline: 0; }
  header { padding-top: 0; }
  nav { display: none; }
  a { color: inherit; text-decoration: none; }
  section { padding-top: 1.2rem; }
  h2, h3, h4 { break-after: avoid; }
  figure:not(:has(.panels)), .panel, tr, dl > div, .cautions { break-inside: avoid; }
  .scroll { overflow: visible; }
  tfoot { display: table-row-group; }
  table { font-size: 7.5pt; } th, td { padding: 0.25rem 0.3rem; } thead small { white-space: nowrap; }
th small, td small { font-size: 6.8pt; }
  #results tbody th { min-width: 8.5rem; }
  .chart.narrow { display: none; } .chart.wide { display: block; max-width: 165mm; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  .overlays { display: grid; grid-template-columns: repeat(4, 1fr); gap: 3mm; overflow: visible; }
  details::details-content { display: block; content-visibility: visible; height: auto; }
  .cautions, tr.base > *, .mark, .case, .band, .undetectable, .overlays img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
