import fs = require('node:fs');
import modules = require('node:module');
import path = require('node:path');
import v8 = require('node:v8');
import vm = require('node:vm');

/** The exports of the bundle of the command line. */
interface Front {
  /** Runs one command line in the form of `process.argv`. @returns the exit code */
  readonly main: (argv: readonly string[]) => Promise<number>;
}

/** Whether V8 optimises by time spent, as before Node 22, and not by the number of calls. */
const isEager = Number.parseInt(process.versions.node) < 22;

/** A bundle that has been run. */
interface LoadedBundle {
  readonly front: Front;
  /** Caches V8's compiled code for the next start, if this start had to compile. */
  readonly keepCode: () => void;
}

/**
 * Runs the bundle of the command line's front end that `scripts/build.mjs` puts beside this file; undefined if there is
 * none. The first run of a command caches V8's compiled code next to it, and later runs reuse it. Its
 * commands take a fraction of a second, in which optimising costs more than it gains, so V8 is configured to optimise later.
 */
function loadBundle(command: string): LoadedBundle | undefined {
  const filename = path.join(__dirname, 'front.cjs');
  if (!fs.existsSync(filename)) return undefined;
  if (isEager) v8.setFlagsFromString('--interrupt-budget=1000000');
  const code = path.join(__dirname, `front.${command}.${process.version}-${process.arch}.code`);
  const cachedData = readIfThere(code);
  const source = `(function (module, require, __filename) {${fs.readFileSync(filename, 'latin1')}\n})`;
  const script = new vm.Script(source, { filename, ...(cachedData === undefined ? {} : { cachedData }) });
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void;
  const made = { exports: {} as Front };
  run(made, modules.createRequire(filename), filename);
  const isReused = cachedData !== undefined && script.cachedDataRejected !== true;
  return { front: made.exports, keepCode: () => isReused || writeIfAllowed(code, script) };
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

/** A read-only installation starts without the cache, slightly slower. */
function writeIfAllowed(file: string, script: vm.Script): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, script.createCachedData());
    fs.renameSync(temporary, file);
  } catch {
    fs.rmSync(temporary, { force: true });
  }
}

export = { loadBundle };
