import { existsSync } from 'node:fs';
import { installCommand } from '../../../runtime/engine/install-command.js';

const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;

const dawn = new URL('../../../node_modules/webgpu/package.json', import.meta.url);

const missing = [
  ...(existsSync(driver) && existsSync(`${folder}/libvulkan.so.1`) ? [] : [`${driver} (Debian's package chromium)`]),
  ...(existsSync(dawn) ? [] : [`the npm package webgpu (\`${installCommand(['webgpu'])}\`)`]),
];

/** Whether the engine can be tested: on a GPU emulated in software, which Debian's chromium contains. */
export const hasSwiftShader = missing.length === 0;

/** Variables of a process that shall find it; the loader reads them when a process starts, so never those of this one. */
export const swiftShaderVariables = { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: folder } as const;

if (!hasSwiftShader) console.warn(`The webgpu engine is not tested. Missing: ${missing.join(' and ')}.`);
