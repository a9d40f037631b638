import { pagePalette, paletteStyles } from './palette.js';

/** Styles that all pages share. Nothing is shown by colour alone. */
export const pageStyles = `
:root { color-scheme: light dark; }
${paletteStyles(pagePalette)}* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif;
}
header, main, footer { max-width: 64rem; margin: 0 auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
header { padding-top: 2.5rem; }
footer { padding-block: 1.5rem 3rem; color: var(--muted); font-size: 0.875rem; }
h1 { margin: 0 0 0.5rem; font-size: clamp(1.6rem, 5vw, 2.3rem); line-height: 1.2; letter-spacing: -0.015em; }
h2 { margin: 0 0 0.75rem; font-size: 1.4rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { margin: 1.75rem 0 0.5rem; font-size: 1.05rem; }
h4 { margin: 0; font-size: 0.875rem; font-weight: 600; line-height: 1.35; }
h1 small, h3 small { font-weight: 400; color: var(--muted); }
p { max-width: 46rem; margin: 0 0 0.75rem; }
a { color: var(--link); }
a:focus-visible, .scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code { font: 0.85em ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; color: var(--muted); }
.kind { margin: 0 0 0.35rem; color: var(--muted); font-size: 0.875rem; }
.lead { font-size: 1.125rem; }
section { padding: 2.25rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin: 1rem 0 0; padding: 0.65rem 0; list-style: none; border-block: 1px solid var(--line); font-size: 0.9rem; }
.warning { color: var(--warning); }
.badge { padding: 0.05rem 0.4rem; border: 1px solid var(--muted); border-radius: 3px; color: var(--muted); font-size: 0.75rem; white-space: nowrap; }
.downloads { margin: 0.35rem 0 0; color: var(--muted); font-size: 0.875rem; }

.scroll {
  overflow-x: auto;
  /* A shadow at each edge beyond which there is more: the covers scroll with the content, the shadows do not. */
  background:
    linear-gradient(to right, var(--paper) 40%, transparent) left / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--line), transparent) left / 0.75rem 100% no-repeat scroll,
    linear-gradient(to left, var(--line), transparent) right / 0.75rem 100% no-repeat scroll;
}
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; line-height: 1.4; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
caption { caption-side: bottom; padding-top: 0.6rem; text-align: left; color: var(--muted); font-size: 0.85rem; }
th, td { padding: 0.5rem 0.65rem; border-bottom: 1px solid var(--faint); text-align: right; vertical-align: top; font-weight: 400; }
thead th { border-bottom: 1.5px solid var(--ink); border-top: 1.5px solid var(--ink); font-weight: 600; vertical-align: bottom; }
thead th:has(.text) { text-align: left; }
tbody tr:last-child > * { border-bottom: 1.5px solid var(--ink); }
th:first-child, th[scope=row], th[scope=rowgroup], td.text { text-align: left; }
td { white-space: nowrap; } td.text { white-space: normal; min-width: 9rem; }
thead small { white-space: nowrap; }
th small, td small { display: block; color: var(--muted); font-size: 0.8rem; font-weight: 400; }
th small.warning { color: var(--warning); }

figure { margin: 1rem 0 0; }
figcaption { max-width: 46rem; margin-top: 0.5rem; color: var(--muted); font-size: 0.875rem; }

.drawing { margin-top: 0.5rem; } .drawing img { border: 1px solid var(--line); border-radius: 4px; background: var(--paper); }

dl { margin: 0; }
dl > div { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1rem; padding: 0.4rem 0; border-bottom: 1px solid var(--faint); }
dt { font-weight: 600; } dd { margin: 0; }
summary { cursor: pointer; margin: 1.25rem 0 0.5rem; font-weight: 600; }

.zoom > summary { display: block; margin: 0; cursor: zoom-in; list-style: none; }
.zoom > summary::-webkit-details-marker { display: none; }
.zoom img { display: block; width: 100%; height: auto; }
.zoom .close { display: none; }
@media screen {
  .zoom[open] > summary { position: fixed; inset: 0; z-index: 10; display: grid; place-items: safe center; overflow: auto; padding: 1rem; background: var(--paper); cursor: zoom-out; }
  .zoom[open] .close { display: block; font-size: 0.875rem; font-weight: 400; }
  .zoom.fit[open] img { width: auto; height: min(calc(100vh - 6rem), 96vw); max-width: 96vw; object-fit: contain; }
  .zoom.own[open] img { width: max(100%, var(--own-width)); max-width: none; }
}

@media screen and (max-width: 759.98px) {
  header { padding-top: 1.5rem; }
  header, main, footer { padding-inline: 1rem; }
  dl > div { grid-template-columns: 1fr; }
  th, td { padding: 0.45rem 0.5rem; }
  .scroll caption { position: sticky; left: 0; max-width: calc(100vw - 2rem); }
}
@media print {
  @page { size: A4; margin: 14mm 13mm; }
  html { font-size: 9pt; }
  body { font-size: 1rem; }
  h1 { font-size: 1.7rem; }
  header, main, footer { max-width: none; padding-inline: 0; }
  header { padding-top: 0; }
  nav, .downloads { display: none; }
  a { color: inherit; text-decoration: none; }
  section { padding-top: 1.2rem; }
  h2, h3, h4 { break-after: avoid; }
  figure, tr, dl > div { break-inside: avoid; }
  .scroll { overflow: visible; background: none; }
  tfoot { display: table-row-group; }
  table { font-size: 7.5pt; } th, td { padding: 0.25rem 0.3rem; }
  th small, td small { font-size: 6.8pt; }
  details::details-content { display: block; content-visibility: visible; height: auto; }
  .drawing .zoom { aspect-ratio: auto !important; } .drawing .zoom img { width: auto; max-width: 100%; max-height: 22cm; margin: 0 auto; }
  .zoom img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
