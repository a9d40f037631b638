/** Everything that generated code calls. */
export * from './layers.js';
export { channels, count, finish, identifierInput, imageInput, param, size, type BuildOptions } from './network.js';
export { isEqual, type Axes, type Padding, type Size } from './settings.js';
export { at, chain, repeat, shared } from './shared.js';
export type { LayerCall } from './layer-call.js';
export type { InitialRule } from '../../contract/initial.js';
