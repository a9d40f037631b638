import * as tf from '@tensorflow/tfjs';

/**
 * Makes a stand-in for a backend that cannot run here: under its name, the cpu backend's kernels as far as it has kernels
 * of those names. What an operation asks of the backend is known by it, and that no kernel is missing there.
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
