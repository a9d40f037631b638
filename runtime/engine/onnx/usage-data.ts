/** Turns off onnxruntime's usage data. Importing this file is enough, also for programs that load onnxruntime themselves. */
import { isMainThread } from 'node:worker_threads';

/**
 * From version 1.30 onnxruntime sends usage data to its vendor and writes a device id and a database below the user's
 * cache folder, unless this variable is in the environment of the process when the library starts.
 */
const variable = 'ORT_DISABLE_TELEMETRY';

// Workers and child processes inherit the variable; a worker cannot set it, because its `process.env` is a copy.
if (isMainThread) process.env[variable] = '1';

/** Throws in a worker thread that was started before usage data was turned off. */
export function requireUsageDataOff(): void {
  if (process.env[variable] === '1') return;
  throw new Error(
    `in a worker thread, onnxruntime's usage data can only be turned off from outside: import \`unet-lang/runtime\` in the main thread, or set ${variable}=1, before the worker starts`,
  );
}
