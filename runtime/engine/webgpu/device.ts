import { openGpu, type GpuAdapter, type GpuDevice } from './dawn.js';

/** Limits that tfjs's shaders may reach, requested as high as the GPU supports. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
];

/** An opened GPU. */
export interface OpenedDevice {
  readonly adapter: GpuAdapter;
  readonly device: GpuDevice;
  /** Throws the error that occurred on the GPU since the last check: WebGPU reports errors asynchronously. */
  readonly check: () => void;
}

/** @throws Error with the reason if no driver offers a GPU */
export async function openDevice(): Promise<OpenedDevice> {
  const gpu = await openGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error(`no driver for ${driverOf(process.platform)} offers a GPU`);
  const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]!]));
  const requiredFeatures = ['timestamp-query'].filter((name) => adapter.features.has(name));
  const device = await adapter.requestDevice({ requiredFeatures, requiredLimits });
  return { adapter, device, check: watch(device) };
}

/** The graphics API that Dawn uses. */
function driverOf(platform: string): string {
  if (platform === 'darwin') return 'Metal';
  return platform === 'win32' ? 'Direct3D 12' : 'Vulkan';
}

function watch(device: GpuDevice): () => void {
  let first: string | undefined;
  device.addEventListener('uncapturederror', ({ error }) => (first ??= error.message));
  void device.lost.then(({ message }) => (first ??= `the device was lost: ${message}`));
  return () => {
    if (first === undefined) return;
    const message = first;
    first = undefined;
    throw new Error(`The GPU reported an error: ${message}`);
  };
}

/** `SwiftShader driver 5.0.0 (google swiftshader)`. */
export function describe({ info }: GpuAdapter): string {
  const model = [info.vendor, info.architecture].filter((part) => part !== '').join(' ');
  const name = info.description === '' ? model : info.description;
  return name === model || model === '' ? name : `${name} (${model})`;
}

/** Whether the GPU is emulated in software (SwiftShader, llvmpipe). */
export function isEmulated({ info }: GpuAdapter): boolean {
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe/i.test(`${info.architecture} ${info.description}`);
}
