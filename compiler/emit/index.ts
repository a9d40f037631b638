/** Generated code: loading this loads the TypeScript compiler. */
export { emitTfjs, type EmitOptions } from './tfjs/emit-tfjs.js';
export { emitJavaScript } from './tfjs/emit-javascript.js';
