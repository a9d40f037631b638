import { diagnosticsJson } from '../../grammar/diagnostics/json.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { checkProgram } from '../../compiler/check/check.js';
import type { Host } from '../../compiler/program/host.js';
import { diskHost } from '../disk-host.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { jsonText } from '../../text/json.js';
import { forgetCodes, tellExplanation } from '../reported-codes.js';
import { outcomeOf } from '../run-command.js';
import signals from '../signals.cjs';
import { lowerChosen, openSpec, printDiagnostics, readPlace } from '../spec.js';
import { givenSpec, standardInput } from '../stdin.js';
import { counted } from '../../text/count.js';
import { clearScreen, note, print } from '../terminal.js';
import { FileWatcher } from '../watch-files.js';

/** Flags of the command. */
export interface CheckFlags {
  readonly format: string;
  readonly model?: string;
  readonly set: readonly string[];
  readonly at?: string;
  readonly watch?: boolean;
}

/** `unet check FILE...`; `-` is standard input. With a model or `--set`, only that model is checked. */
export async function check(files: readonly string[], flags: CheckFlags): Promise<void> {
  if (flags.at !== undefined && !files.includes(standardInput))
    throw new UsageError('--at names the file that standard input stands for, so it requires the file -.');
  if (flags.watch === true) return watch(files, flags);
  if ((await checkAll(files, flags)) > 0) throw new Finished(exitCodes.diagnostics);
}

/** Checks and reports. @returns the number of errors */
async function checkAll(files: readonly string[], flags: CheckFlags, host = diskHost): Promise<number> {
  const found = new Map<string, Diagnostic>();
  for (const file of files) {
    for (const each of await diagnosticsOf(file, flags, host)) {
      found.set(`${each.code} ${each.span.source.path} ${each.span.start} ${each.span.end}`, each);
    }
  }
  const diagnostics = [...found.values()];
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  if (flags.format === 'json') {
    print(jsonText(diagnosticsJson(diagnostics)));
  } else {
    if (diagnostics.length > 0) printDiagnostics(diagnostics);
    note(`${diagnostics.length > 0 ? '\n' : ''}${summary(files.length, errors, diagnostics.length - errors)}\n`);
  }
  return errors;
}

async function diagnosticsOf(file: string, flags: CheckFlags, host: Host): Promise<readonly Diagnostic[]> {
  const isGiven = file === standardInput;
  const { path, model } = isGiven ? { path: file, model: flags.model } : readPlace(file, flags.model);
  const given = isGiven ? await givenSpec(flags.at) : { path, host };
  const program = openSpec(given.path, given.host);
  if (model === undefined && flags.set.length === 0) return checkProgram(program);
  return lowerChosen(program, { model, set: flags.set }).diagnostics;
}

function summary(files: number, errors: number, warnings: number): string {
  if (errors + warnings === 0) return `${counted(files, 'file')} checked: no problems found.`;
  return `${counted(files, 'file')} checked: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`;
}

/**
 * Checks again whenever one of the files, or a file that they use, changes. Errors that end other commands, such as a file that
 * is missing for a moment, are reported and do not end it; Ctrl-C does, with exit code 130.
 */
async function watch(files: readonly string[], flags: CheckFlags): Promise<void> {
  if (flags.format === 'json') throw new UsageError('--watch cannot be combined with --json.');
  if (files.includes(standardInput)) throw new UsageError('--watch needs files; standard input does not change.');
  const used = new Set<string>();
  const host = recordingHost(used);
  const checkOnce = async (): Promise<void> => {
    used.clear();
    forgetCodes();
    clearScreen();
    await outcomeOf(() => checkAll(files, flags, host), false);
    tellExplanation();
    watcher.watch(used);
    note(`\nWatching ${counted(used.size, 'file')}; press Ctrl-C to stop.\n`);
  };
  let checked = Promise.resolve();
  const watcher = new FileWatcher(() => (checked = checked.then(checkOnce)));
  const stopped = new Promise<void>((resolve) => signals.onEndingSignal(() => resolve()));
  checked = checkOnce();
  await stopped;
  watcher.close();
  forgetCodes();
  throw new Finished(exitCodes.interrupted);
}

/** A host that adds every path that is read, also of missing files, to `used`. */
function recordingHost(used: Set<string>): Host {
  return {
    ...diskHost,
    readFile: (path) => {
      used.add(path);
      return diskHost.readFile(path);
    },
  };
}
