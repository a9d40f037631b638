import * as tf from '@tensorflow/tfjs';

/** Keeps tfjs's cpu backend from printing its recommendation of tfjs-node when it creates its first tensor. */
export function silenceBanner(): void {
  const backend = tf.findBackend('cpu') as unknown as { firstUse?: boolean } | null;
  if (backend !== null) backend.firstUse = false;
}
