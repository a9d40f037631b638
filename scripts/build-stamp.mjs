/** Whether `dist` is the build of the sources as they are now: a hash of everything that the build reads. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const sources = ['text', 'contract', 'onnx', 'grammar', 'compiler', 'runtime', 'editor', 'cli'];
const others = [
  'package-lock.json',
  'tsconfig.json',
  'scripts/build.mjs',
  'scripts/bundle-front.mjs',
  'scripts/copy-onnxruntime.mjs',
];

/** The file in a build that holds the hash of its sources. */
export const stampFile = 'sources.sha256';

function filesIn(directory, folder) {
  return readdirSync(join(folder, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return ['editor/vscode', 'editor/playground'].includes(path) ? [] : filesIn(path, folder);
    return /\.[cm]?ts$/.test(entry.name) ? [path] : [];
  });
}

/** The hash of names and contents of all files that the build reads. */
export function hashOfSources(folder = root) {
  const hash = createHash('sha256');
  for (const path of [...sources.flatMap((directory) => filesIn(directory, folder)).sort(), ...others]) {
    const content = readFileSync(join(folder, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** Whether the sources with this hash have been built. */
export function isBuilt(hash = hashOfSources()) {
  try {
    return readFileSync(join(root, 'dist', stampFile), 'utf8') === hash;
  } catch {
    return false;
  }
}
