import { readdirSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

/** Folders that contain no specs of the user's own. */
const skippedFolders = new Set(['node_modules', 'dist']);
/** Maximum number of files that are listed. */
const fileLimit = 5000;

/** The paths of the `.unet` files below a folder on disk; links are not followed. */
export function specsBelow(folder: string): readonly string[] {
  const found: string[] = [];
  collectSpecs(folder, found);
  return found;
}

function collectSpecs(folder: string, found: string[]): void {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // A missing folder contains nothing.
  }
  for (const entry of entries) {
    if (found.length >= fileLimit) return;
    if (entry.isDirectory()) {
      if (!entry.name.startsWith('.') && !skippedFolders.has(entry.name)) collectSpecs(join(folder, entry.name), found);
    } else if (entry.isFile() && entry.name.endsWith('.unet')) {
      found.push(join(folder, entry.name));
    }
  }
}
