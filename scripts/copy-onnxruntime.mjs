/**
 * Copies onnxruntime's binaries for every platform into a build, from the development dependency onnxruntime-node.
 * docs/architecture.md explains why they are not installed as a dependency.
 */
import { copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build-stamp.mjs';

const binaries = join(root, 'node_modules/onnxruntime-node/bin/napi-v6');
const licenses = join(root, 'docs/licenses/onnxruntime');

/**
 * Files that the CPU kernels never load: DirectX, which onnxruntime.dll loads only when one of its GPU providers is
 * asked for, and a second copy of the macOS library under another name.
 */
const unused = /^(DirectML|dxcompiler|dxil)\.dll$|^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;

/** Puts the binaries into `BUILT/onnxruntime/PLATFORM-ARCHITECTURE`, with onnxruntime's licence beside them. */
export function copyOnnxruntime(built) {
  for (const platform of readdirSync(binaries)) {
    for (const architecture of readdirSync(join(binaries, platform))) {
      const from = join(binaries, platform, architecture);
      copyFiles(from, join(built, 'onnxruntime', `${platform}-${architecture}`));
    }
  }
  copyFiles(licenses, join(built, 'onnxruntime'));
}

function copyFiles(from, to) {
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) {
    if (!unused.test(file)) linkOrCopy(join(from, file), join(to, file));
  }
}

/** A hard link takes no space; not every file system has them. */
function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
