import type { EngineDefinition } from './engine.js';

/** tfjs's plain JavaScript kernels: slow, but available everywhere. */
export const cpu: EngineDefinition = {
  layout: 'channels-last',
  backend: 'cpu',
  load: () => Promise.resolve('TensorFlow.js cpu backend (plain JavaScript, 1 thread)'),
};
