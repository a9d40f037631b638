import { realpath } from 'node:fs/promises';
import { readSpec } from '../disk-host.js';
import { refuseOwned } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { readSource } from '../../grammar/read.js';
import { format } from '../../grammar/print.js';
import { exitCodes, Finished } from '../exit.js';
import { diagnosticsJson } from '../../grammar/diagnostics/json.js';
import { type ResultFlags } from '../result.js';
import { jsonText } from '../../text/json.js';
import { printDiagnostics, unreadable } from '../spec.js';
import { print } from '../terminal.js';

/** Flags of the command. */
export interface FmtFlags extends ResultFlags {
  readonly check?: boolean;
}

/** `unet fmt FILE... [--check]`: formats files; a file with syntax errors is not changed. */
export async function fmt(files: readonly string[], options: FmtFlags): Promise<void> {
  const faults: Diagnostic[] = [];
  const changed: string[] = [];
  const faulty: string[] = [];
  for (const file of files) {
    const { before, after, diagnostics } = formatFile(file);
    faults.push(...diagnostics);
    if (diagnostics.length > 0 && options.json !== true) printDiagnostics(diagnostics);
    if (after === undefined) faulty.push(file);
    if (after === undefined || after === before) continue;
    if (options.check !== true) await rewrite(file, after);
    changed.push(file);
    if (options.json !== true) print(`${file}\n`);
  }
  if (options.json === true) print(jsonText({ changed, faulty, ...diagnosticsJson(faults) }));
  if (faulty.length > 0 || (options.check === true && changed.length > 0)) throw new Finished(exitCodes.diagnostics);
}

/**
 * Rewrites a spec; if it is a link, the file that it leads to. The spec of a run or study is sealed.
 * @throws UserError UNET6151
 */
async function rewrite(file: string, text: string): Promise<void> {
  await refuseOwned(file, file, ['run', 'study']);
  await writeFileAtomic(await realpath(file), text);
}

/** Returns the formatted text of a file; undefined if it has encoding or syntax errors. */
function formatFile(file: string): {
  before: string;
  after: string | undefined;
  diagnostics: readonly Diagnostic[];
} {
  const bytes = readSpec(file);
  if (bytes === undefined) throw unreadable(file);
  const read = readSource(file, bytes);
  const before = read.source.text;
  if (read.diagnostics.some(isError)) return { before, after: undefined, diagnostics: read.diagnostics };
  const { text, diagnostics } = format(read.source);
  return { before, after: diagnostics.some(isError) ? undefined : text, diagnostics: diagnostics.filter(isError) };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
