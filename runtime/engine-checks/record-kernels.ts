import * as tf from '@tensorflow/tfjs';

/**
 * Records the names of the kernels that tfjs requests from now on, including coarse ones.
 * @returns a function that stops recording and returns the names in order of first use
 */
export function recordKernels(): () => readonly string[] {
  const engine = tf.engine();
  const seen = new Set<string>();
  const original: typeof engine.runKernel = engine.runKernel.bind(engine);
  // An own property shadows the method of the class; all of tfjs's operations use it.
  engine.runKernel = (name, ...rest) => {
    seen.add(name);
    return original(name, ...rest);
  };
  return () => {
    delete (engine as Partial<typeof engine>).runKernel;
    return [...seen];
  };
}
