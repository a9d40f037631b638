import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether the NVIDIA GPU driver that the GPU build of libtensorflow needs is present. */
export function hasNvidiaDriver(): boolean {
  if (process.platform === 'linux') return existsSync('/dev/nvidiactl');
  if (process.platform !== 'win32') return false;
  return existsSync(join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'nvcuda.dll'));
}
