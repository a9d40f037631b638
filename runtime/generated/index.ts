/** Everything that generated code calls. */
export * from './layers.js';
export { channels, count, finish, identifierInput, imageInput, param, size, type BuildOptions } from './network.js';
export type { Axes, Padding, Size } from './settings.js';
export { chain, repeat, shared } from './shared.js';
export type { LayerCall } from './layer-call.js';
