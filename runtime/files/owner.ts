import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** A folder whose files belong together, so that no other file may be written into it. */
export interface Owner {
  readonly kind: 'data set' | 'run' | 'study';
  readonly directory: string;
}

async function holds(directory: string, name: string): Promise<boolean> {
  return stat(path.join(directory, name)).then(
    () => true,
    () => false,
  );
}

/** Larger than the list of any data set; larger files are not read. */
const longestList = 64 * 2 ** 20;

/** Whether `dataset.json` lists training cases or names channels, as that of a Decathlon or nnU-Net data set does. */
async function listsCases(directory: string): Promise<boolean> {
  const file = path.join(directory, 'dataset.json');
  try {
    const found = await stat(file);
    if (!found.isFile() || found.size > longestList) return false;
    const description = JSON.parse(await readFile(file, 'utf8')) as Readonly<Record<string, unknown>> | null;
    return Array.isArray(description?.['training']) || typeof description?.['channel_names'] === 'object';
  } catch {
    return false;
  }
}

async function kindOf(directory: string): Promise<Owner['kind'] | undefined> {
  if ((await holds(directory, 'study.json')) && (await holds(directory, 'protocol.json'))) return 'study';
  if ((await holds(directory, 'run.json')) && (await holds(directory, 'spec.unet'))) return 'run';
  return (await listsCases(directory)) ? 'data set' : undefined;
}

/**
 * The nearest enclosing data set, run or study of a folder, including itself.
 * @param directory absolute, without links
 */
export async function ownerOf(directory: string): Promise<Owner | undefined> {
  for (let place = directory; ; place = path.dirname(place)) {
    const kind = await kindOf(place);
    if (kind !== undefined) return { kind, directory: place };
    if (place === path.dirname(place)) return undefined;
  }
}
