/**
 * The compiler as a library: source text in, networks and diagnostics out. It reads files only through a host and never
 * loads TensorFlow.js. The code emitter loads the TypeScript compiler, so import that from `unet-lang/emit` where you
 * need it.
 */
export type { Host } from './program/host.js';
export {
  bindModel,
  findStatement,
  lower,
  openProgram,
  ownModels,
  settingOf,
  visibleProtocols,
} from './program/program.js';
export type { Program } from './program/program.js';
export { checkProgram, sortDiagnostics } from './check/check.js';
export { bundle } from './program/bundle.js';
export { lowerProtocol } from './protocol/lower-protocol.js';
export type { Protocol } from '../contract/protocol.js';
export type * from './ir/ir.js';
export { weightsOf } from './ir/ir.js';
export { verify } from './ir/verify.js';
export { sameGraph } from './ir/same-graph.js';
export { buildReport, type Report } from './emit/report/report.js';
export { renderReportJson, renderReportMarkdown, renderReportText } from './emit/report/render.js';
export { renderDiagnostics } from '../grammar/diagnostics/render.js';
export { diagnosticsJson } from '../grammar/diagnostics/json.js';
export { parse, parseExpression } from '../grammar/parse.js';
export { format, print } from '../grammar/print.js';
