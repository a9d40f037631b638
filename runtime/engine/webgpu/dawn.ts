/** The npm package `webgpu` (Dawn's WebGPU for Node), loaded on demand, and the parts of it that are used. */
import { notInstalled } from '../install-command.js';
import { isMissing } from '../reason.js';

export interface GpuDevice {
  readonly lost: Promise<{ readonly message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: { readonly error: Error }) => void): void;
}

/** A GPU that a driver offers. */
export interface GpuAdapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly features: ReadonlySet<string>;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(wanted: {
    readonly requiredFeatures: readonly string[];
    readonly requiredLimits: Readonly<Record<string, number>>;
  }): Promise<GpuDevice>;
}

/** The equivalent of `navigator.gpu` in browsers. */
export interface Gpu {
  requestAdapter(options: { readonly powerPreference: 'high-performance' }): Promise<GpuAdapter | null>;
}

interface Dawn {
  readonly create: (options: readonly string[]) => Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** The npm packages of the engine: tfjs's kernels, and Dawn. */
export const webgpuPackages = ['@tensorflow/tfjs-backend-webgpu', 'webgpu'] as const;

const [, packageName] = webgpuPackages;

/** Environment variable with Dawn's own options, such as `adapter=NAME` or `backend=vulkan`, separated by commas. */
const optionsVariable = 'UNET_DAWN';

let opened: Gpu | undefined;

/**
 * Opens Dawn once per process, and defines the constants of WebGPU (`GPUBufferUsage`, ...) as browsers do.
 * @throws Error with the reason if the package is not installed or has no build for this machine
 */
export async function openGpu(): Promise<Gpu> {
  if (opened !== undefined) return opened;
  const { create, globals } = (await import(packageName).catch((error: unknown) => {
    if (isMissing(error, packageName)) throw new Error(notInstalled(...webgpuPackages));
    throw error;
  })) as Dawn;
  for (const [name, value] of Object.entries(globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  opened = create((process.env[optionsVariable] ?? '').split(',').filter((option) => option !== ''));
  return opened;
}
