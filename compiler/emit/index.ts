/** Generated code, diffs and diagrams. Importing this loads the TypeScript compiler. */
export { emitTfjs, type EmitOptions } from './tfjs/emit-tfjs.js';
export { emitJavaScript } from './tfjs/emit-javascript.js';
export { buildDiff, type DiffSide, type NetworkDiff } from './diff/diff.js';
export { renderDiffHtml } from './diff/render-html.js';
export { renderDiffJson } from './diff/render-json.js';
export { renderDiffMarkdown } from './diff/render-markdown.js';
export { renderDiffText } from './diff/render-text.js';
export { emitDiagram, emitTikz } from './diagram/diagram.js';
export { renderPng } from '../../text/render-png.js';
