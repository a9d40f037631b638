/** What generic code may know of an engine (a compute backend) without loading it. */
interface EngineFacts {
  /** Whether `auto` may choose it. */
  readonly auto: boolean;
  /** Whether `auto` tries it first on a machine with an NVIDIA GPU. */
  readonly firstOnGpu?: true;
  /** Whether it records a training step and replays it; then tensors are freed after their last use. */
  readonly recordsSteps: boolean;
  /** Whether its library writes to standard error on its own, so that it is best tried in another process. */
  readonly isNoisy?: true;
}

/**
 * Every engine, in the order in which `auto` tries them. `auto` leaves out `webgpu`: a driver may offer a GPU emulated in
 * software, which is slower than any other engine.
 */
export const engines = {
  onnx: { auto: true, recordsSteps: true },
  tensorflow: { auto: true, firstOnGpu: true, recordsSteps: false },
  webgpu: { auto: false, recordsSteps: false, isNoisy: true },
  wasm: { auto: true, recordsSteps: false },
  cpu: { auto: true, recordsSteps: false },
} as const satisfies Readonly<Record<string, EngineFacts>>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** Returns what is known of an engine. */
export function engineFacts(name: EngineName): EngineFacts {
  return engines[name];
}
