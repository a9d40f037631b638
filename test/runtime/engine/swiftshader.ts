import { existsSync } from 'node:fs';

const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;

/** Whether Debian's chromium is here, which carries a GPU that the processor plays. */
export const hasSwiftShader = existsSync(driver) && existsSync(`${folder}/libvulkan.so.1`);

/** Variables of a process that shall find it; the loader reads them when a process starts, so never those of this one. */
export const swiftShaderVariables = { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: folder } as const;

if (!hasSwiftShader)
  console.warn(`The webgpu engine is NOT tested: there is no ${driver} (Debian's package chromium).`);
