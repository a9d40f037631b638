import * as tf from '@tensorflow/tfjs';

/**
 * Records the names of the kernels that tfjs is asked for from now on, coarse ones included.
 * @returns ends the recording and gives the names in order of first use
 */
export function recordKernels(): () => readonly string[] {
  const engine = tf.engine();
  const seen = new Set<string>();
  const original: typeof engine.runKernel = engine.runKernel.bind(engine);
  // An own property hides the method of the class; all of tfjs's operations go through it.
  engine.runKernel = (name, ...rest) => {
    seen.add(name);
    return original(name, ...rest);
  };
  return () => {
    delete (engine as Partial<typeof engine>).runKernel;
    return [...seen];
  };
}
