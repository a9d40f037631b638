import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs';
import type { EngineDefinition, EngineSettings } from './engine.js';
import { notInstalled } from './install-command.js';
import { hasNvidiaDriver } from './nvidia.js';
import { isMissing, reasonOf } from './reason.js';

const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
const CPU_PACKAGE = '@tensorflow/tfjs-node';

/** libtensorflow through tfjs-node: the GPU build if installed, else the CPU build. */
export const tensorflow: EngineDefinition = {
  layout: 'channels-last',
  backend: 'tensorflow',
  supports: ['threads'],
  load: async (settings) => {
    setVariables(settings, process.env);
    repairUtil(createRequire(import.meta.url)('node:util') as UtilModule);
    const failures: string[] = [];
    for (const name of [GPU_PACKAGE, CPU_PACKAGE]) {
      const attempt = await tryPackage(name);
      if (attempt === 'loaded') return `libtensorflow through ${name}`;
      if (attempt !== 'missing') failures.push(`${name}: ${attempt.failure}`);
    }
    if (failures.length > 0) throw new Error(failures.join('; '));
    throw new Error(notInstalled(hasNvidiaDriver() ? GPU_PACKAGE : CPU_PACKAGE));
  },
  knownKernels: async () => (await import('./tfjs-node-kernels.js')).TFJS_NODE_KERNELS,
};

/**
 * Sets the environment variables that libtensorflow reads when it is loaded. Threads are those of one operation; GPU
 * memory is allocated as needed rather than all at once, unless the environment specifies otherwise.
 */
export function setVariables({ threads }: EngineSettings, environment: NodeJS.ProcessEnv): void {
  if (threads !== undefined) environment['TF_NUM_INTRAOP_THREADS'] = String(threads);
  environment['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
}

/** Functions of node:util that tfjs-node 4.22 calls and Node 23 and later lack. */
export interface UtilModule {
  isNullOrUndefined?: (value: unknown) => boolean;
  isArray?: (value: unknown) => boolean;
}

/** Restores them if they are missing. */
export function repairUtil(util: UtilModule): void {
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/** Loads a package, or returns why that fails. */
async function tryPackage(name: string): Promise<'loaded' | 'missing' | { readonly failure: string }> {
  const before = tf.getBackend();
  try {
    await import(name);
  } catch (error) {
    return isMissing(error, name) ? 'missing' : { failure: reasonOf(error) };
  } finally {
    // The package selects its backend when loaded; the caller decides whether it is used.
    if (before !== '' && before !== undefined) await tf.setBackend(before);
  }
  // A second copy of tfjs-core would have its own registry, and the runtime's kernels would not be in it.
  return tf.findBackendFactory('tensorflow') === null
    ? { failure: 'it uses another copy of tfjs; install the version that matches yours' }
    : 'loaded';
}
