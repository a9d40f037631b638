import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the driver of an NVIDIA GPU is there, which the GPU build of libtensorflow computes on. */
export function hasNvidiaDriver(): boolean {
  if (process.platform === 'linux') return existsSync('/dev/nvidiactl');
  if (process.platform !== 'win32') return false;
  return existsSync(join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'nvcuda.dll'));
}
