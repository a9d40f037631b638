/** The names of the engines (compute backends), in the order in which `auto` tries them. */
export const engineNames = ['onnx', 'tensorflow', 'webgpu', 'wasm', 'cpu'] as const;

export type EngineName = (typeof engineNames)[number];
