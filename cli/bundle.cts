import fs = require('node:fs');
import modules = require('node:module');
import path = require('node:path');
import v8 = require('node:v8');
import vm = require('node:vm');

/** The command line as its bundle gives it. */
interface Front {
  /** Runs one command line, `process.argv` and the like. @returns the exit code */
  readonly main: (argv: readonly string[]) => Promise<number>;
}

/** Whether V8 optimises by time spent, as before Node 22, and not by the number of calls. */
const isEager = Number.parseInt(process.versions.node) < 22;

/** A bundle that has been run. */
interface LoadedBundle {
  readonly front: Front;
  readonly script: vm.Script;
  /** Where what V8 compiled of it is kept. */
  readonly code: string;
}

/**
 * Runs the bundle of the command line's front end that `scripts/build.mjs` puts beside this file; undefined where there
 * is none. Its compiled code is taken where this very Node made it, else V8 compiles anew. Its commands take a fraction
 * of a second, in which optimising costs more than it gains: an eager V8 is told to wait longer with it.
 */
function loadBundle(): LoadedBundle | undefined {
  const filename = path.join(__dirname, 'front.cjs');
  if (!fs.existsSync(filename)) return undefined;
  if (isEager) v8.setFlagsFromString('--interrupt-budget=1000000');
  const code = path.join(__dirname, 'front.code');
  const cached = fs.existsSync(code) ? { cachedData: fs.readFileSync(code) } : {};
  const source = `(function (module, require, __filename) {${fs.readFileSync(filename, 'latin1')}\n})`;
  const script = new vm.Script(source, { filename, ...cached });
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void;
  const made = { exports: {} as Front };
  run(made, modules.createRequire(filename), filename);
  return { front: made.exports, script, code };
}

export = { loadBundle };
