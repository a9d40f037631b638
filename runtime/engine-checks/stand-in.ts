import * as tf from '@tensorflow/tfjs';

/**
 * Registers a stand-in for a backend that cannot run here: the cpu backend's kernels under its name, restricted to the
 * kernels that the backend has. This shows which kernels an operation requests, and that none is missing.
 * @param kernels names that the backend registers
 */
export function registerStandIn(backendName: string, kernels: readonly string[]): void {
  if (tf.findBackendFactory(backendName) !== null) return;
  for (const { kernelName } of tf.getKernelsForBackend(backendName)) tf.unregisterKernel(kernelName, backendName);
  const makeCpu = tf.findBackendFactory('cpu') as () => tf.KernelBackend;
  tf.registerBackend(backendName, () => Object.assign(makeCpu(), { firstUse: false }), 0);
  for (const kernel of tf.getKernelsForBackend('cpu')) {
    if (kernels.includes(kernel.kernelName)) tf.registerKernel({ ...kernel, backendName });
  }
}
