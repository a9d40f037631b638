import { paletteStyles } from '../../../../text/page/palette.js';
import { CHART_STYLES, chartPalette } from './chart-styles.js';

/** Styles of the study's page, after those that all pages share. */
export const STYLES = `
${paletteStyles(chartPalette)}${CHART_STYLES}
.cautions { margin: 1.25rem 0; padding: 0.9rem 1.1rem; border: 1px solid var(--warning-line); border-left-width: 5px; border-radius: 4px; background: var(--warning-ground); }
.cautions h2 { font-size: 1rem; margin-bottom: 0.35rem; color: var(--warning); letter-spacing: 0; }
.cautions ul { margin: 0; padding-left: 1.15rem; }
.cautions li:target, tfoot li:target { background: var(--ground); outline: 2px solid var(--warning-line); }

th .name { font-weight: 600; overflow-wrap: break-word; }
tr.base > * { background: var(--ground); }
tr.first > * { border-top: 1px solid var(--line); }
#results tbody th { min-width: 8rem; max-width: 17rem; }
#results th, #results td { padding-inline: 0.5rem; }
#classes thead th:nth-child(2), #unions thead th:nth-child(2) { text-align: left; }
#classes th[scope=rowgroup], #unions th[scope=rowgroup] { min-width: 8rem; }
tfoot td { text-align: left; white-space: normal; border: 0; color: var(--muted); font-size: 0.85rem; }
tfoot ul { margin: 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
sup { line-height: 0; }
#protocol td { text-align: left; white-space: normal; }
#protocol thead th { text-align: left; }

.chart { display: block; width: 100%; height: auto; overflow: visible; }
.chart.narrow { max-width: 560px; }
@media (min-width: 760px) { .chart.narrow { display: none; } }
@media (max-width: 759.98px) { .chart.wide { display: none; } }
.key { display: flex; flex-wrap: wrap; gap: 0.15rem 1.1rem; margin: 0.5rem 0 0; padding: 0; list-style: none; font-size: 0.875rem; }
.key li { display: flex; align-items: center; gap: 0.35rem; } .key svg { flex: none; }
.swatch { display: inline-block; width: 0.9rem; height: 0.9rem; border-radius: 2px; }

.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 46%), 1fr)); gap: 1.1rem 1rem; }
.panel { display: flex; flex-direction: column; min-width: 0; } .panel .chart { margin-top: auto; } .panel p { margin: 0.1rem 0 0; color: var(--muted); font-size: 0.75rem; }
.panel .tick { font-size: 12px; }

.architectures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(29rem, 100%), 1fr)); gap: 2rem 1.5rem; }
.architectures > article { min-width: 0; }
.architectures h3 { margin-top: 0; }
.changes { margin: 0.75rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; } .changes li { display: flex; gap: 0.75rem; justify-content: space-between; padding: 0.35rem 0; border-top: 1px solid var(--faint); } .changes .number { white-space: nowrap; font-variant-numeric: tabular-nums; }

.pictures { display: grid; grid-template-columns: repeat(var(--columns), minmax(8.5rem, 1fr)); gap: 0.35rem 0.5rem; }
.pictures > * { min-width: 0; }
.pictures h4 { align-self: end; overflow-wrap: break-word; }
.pictures .chosen { grid-column: 1 / -1; position: sticky; left: 0; justify-self: start; max-width: calc(100vw - 2rem); margin-top: 0.75rem; font-size: 0.875rem; }
.pictures p { max-width: none; margin: 0.2rem 0 0; font-size: 0.8rem; color: var(--muted); }
.pictures img { border-radius: 3px; background: #000; image-rendering: pixelated; }
.absent { display: grid; place-items: center; min-height: 5rem; border: 1px dashed var(--line); text-align: center; color: var(--muted); }

.digest { overflow-wrap: anywhere; }
.runs { margin: 0; padding: 0; list-style: none; font-size: 0.9rem; columns: 2 26rem; column-gap: 2rem; } .runs li { padding: 0.15rem 0; break-inside: avoid; }

@media screen and (max-width: 759.98px) {
  #results tbody th { min-width: 5.5rem; max-width: 6.5rem; overflow-wrap: anywhere; }
  #results tbody th, #results thead th:first-child { position: sticky; left: 0; background: var(--paper); border-right: 1px solid var(--line); }
  #results tr.base th { background: var(--ground); }
  #results tfoot td { padding-inline: 0; }
  .pictures { grid-template-columns: repeat(var(--columns), minmax(7rem, 1fr)); }
  tfoot ul { position: sticky; left: 0; max-width: calc(100vw - 2rem); }
}
@media print {
  figure:has(.panels) { break-inside: auto; } .panel, .cautions, .architectures > article { break-inside: avoid; }
  #results tbody th { min-width: 8.5rem; }
  .chart.narrow { display: none; } .chart.wide { display: block; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  .architectures { grid-template-columns: 1fr 1fr; gap: 1rem; }
  .pictures { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); } .pictures .chosen { position: static; }
  .cautions, tr.base > *, .mark, .case, .band, .undetectable, .swatch, .pictures img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
