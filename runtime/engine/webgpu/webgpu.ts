import * as tf from '@tensorflow/tfjs';
import type { EngineDefinition } from '../engine.js';
import { isMissing } from '../reason.js';
import { notInstalled } from '../install-command.js';
import { openGpu, webgpuPackages } from './dawn.js';
import { describe, isEmulated, openDevice, type OpenedDevice } from './device.js';
import { replaceKernels } from './replaced-kernels.js';

const [packageName] = webgpuPackages;
const backendName = 'webgpu';

/** Any GPU with a Vulkan, Metal or Direct3D 12 driver, through Dawn and tfjs's WebGPU kernels. */
export const webgpu: EngineDefinition = {
  layout: 'channels-last',
  backend: backendName,
  load: async () => {
    const makeBackend = await loadPackage();
    registered ??= register(makeBackend).catch((error: unknown) => {
      registered = undefined;
      throw error;
    });
    return registered;
  },
  doAllItself: () => tf.env().set('WEBGPU_CPU_FORWARD', false),
  knownKernels: async () => {
    await loadPackage();
    return tf.getKernelsForBackend(backendName).map(({ kernelName }) => kernelName);
  },
};

type MakeBackend = new (device: object, info: object) => tf.KernelBackend;

/** The description of the registered backend. */
let registered: Promise<string> | undefined;

/**
 * Loads the package, which registers its kernels; the backend must be created here, because Node has no
 * `navigator.gpu`.
 */
async function loadPackage(): Promise<MakeBackend> {
  const { WebGPUBackend } = (await import(packageName).catch((error: unknown) => {
    if (isMissing(error, packageName)) throw new Error(notInstalled(...webgpuPackages));
    throw error;
  })) as { readonly WebGPUBackend: MakeBackend };
  return WebGPUBackend;
}

async function register(MakeBackend: MakeBackend): Promise<string> {
  const opened = await openDevice();
  const backend = await withNavigatorGpu(() => new MakeBackend(opened.device, opened.adapter.info));
  watchReads(backend, opened);
  replaceKernels(backendName);
  if (tf.findBackendFactory(backendName) !== null) tf.removeBackend(backendName);
  tf.registerBackend(backendName, () => backend, 0);
  const how = isEmulated(opened.adapter) ? 'emulated in software: for tests only' : 'Dawn';
  return `TensorFlow.js webgpu backend on ${describe(opened.adapter)}, ${how}`;
}

/**
 * Provides `navigator.gpu` while the backend is created, and removes it afterwards, so that other code does not take
 * Node for a browser.
 */
async function withNavigatorGpu<T>(make: () => T): Promise<T> {
  const gpu = await openGpu();
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return make();
  } finally {
    if (before === undefined) delete (globalThis as { navigator?: unknown }).navigator;
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}

interface OnHost {
  readonly tensorMap: { get(id: object): { readonly values: tf.backend_util.TypedArray | null } };
}

/** Reports errors of the GPU when values are read, and rejects synchronous reads with a clear message. */
function watchReads(backend: tf.KernelBackend, { check }: OpenedDevice): void {
  const read = backend.read.bind(backend);
  const values = (id: object): tf.backend_util.TypedArray | null =>
    (backend as unknown as OnHost).tensorMap.get(id).values;
  backend.read = async (id) => {
    const result = await read(id);
    check();
    return result;
  };
  backend.readSync = (id) => {
    const known = values(id);
    if (known !== null && known !== undefined) return known;
    throw new Error(
      'The webgpu engine cannot read a tensor synchronously: use `await tensor.data()` instead of dataSync().',
    );
  };
}
