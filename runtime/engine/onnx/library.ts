/** The one place that loads onnxruntime-node: quiet, and with its usage data turned off. */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';
import type * as ort from 'onnxruntime-node';

/**
 * From version 1.30 onnxruntime sends usage data to its vendor and writes a device id and a database below the user's
 * cache folder, unless this variable is in the environment of the process when the library starts.
 */
const variable = 'ORT_DISABLE_TELEMETRY';

// Importing this file is enough, so that programs which load onnxruntime themselves are covered, too. Workers and child
// processes inherit the variable; a worker cannot set it, because its `process.env` is a copy.
if (isMainThread) process.env[variable] = '1';

const require = createRequire(import.meta.url);

/** onnxruntime-node's public API. Throws where the package or its binary for this platform is missing. */
export function onnxruntime(): typeof ort {
  if (process.env[variable] !== '1') {
    throw new Error(
      `in a worker thread, onnxruntime's usage data can only be turned off from outside: import \`unet-lang/runtime\` in the main thread, or set ${variable}=1, before the worker starts`,
    );
  }
  const library = require('onnxruntime-node') as typeof ort;
  // What goes wrong is thrown; the library would print it to standard error as well.
  library.env.logLevel = 'fatal';
  return library;
}

/** A file inside the package, loaded after its public API. */
export function insideOnnxruntime(file: string): unknown {
  onnxruntime();
  return require(`onnxruntime-node/dist/${file}`);
}
