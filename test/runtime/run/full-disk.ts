/** A disk that is full for some files: `FileHandle.writeFile` writes half and fails, as on a real one. */
import { open, type FileHandle } from 'node:fs/promises';
import { readlinkSync } from 'node:fs';
import { vi } from 'vitest';

/**
 * @param matches which files, by path
 * @param after how many writes to such files still succeed
 * @returns restore it with `mockRestore`
 */
export async function failWrites(matches: (file: string) => boolean, after = 0) {
  const some = await open('/dev/null');
  const prototype = Object.getPrototypeOf(some) as FileHandle;
  await some.close();
  const write = Reflect.get<FileHandle, 'writeFile'>(prototype, 'writeFile');
  let left = after;
  return vi.spyOn(prototype, 'writeFile').mockImplementation(async function (this: FileHandle, data, options) {
    if (!matches(readlinkSync(`/proc/self/fd/${this.fd}`)) || left-- > 0) return write.call(this, data, options);
    await write.call(this, (data as Uint8Array).slice(0, Math.floor((data as Uint8Array).length / 2)));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  });
}
