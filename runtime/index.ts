/** The entry point `unet-lang/runtime` for generated code and the programs around it. */
// Imported first, for its side effect: onnxruntime sends usage data unless that is disabled before it is loaded.
import './engine/onnx/usage-data.js';
export type * from '../contract/model-description.js';
export { UserError } from './errors/user-error.js';
export { randomStream, type Random } from './random/random-stream.js';

export * from './generated/index.js';
export { RuntimeLayer } from './layers/base.js';

export { setRandomness } from './ops/dropout.js';
export { fromPhysical, layout, toPhysical, type Layout } from './ops/layout.js';
export { describeWeights, getWeights, initialize, setWeights, variablesOf, weightsOf } from './layers/weights.js';
export { feed, type Feeds } from './network/feed.js';
export { modelFolder } from './network/layers-model.js';

export type { EngineName } from '../contract/engines.js';
export { ENGINE_NAMES } from './engine/catalogue.js';
export { listEngines, selectEngine, type Engine, type EngineStatus } from './engine/engines.js';
export type { EngineSettings } from './engine/engine.js';
