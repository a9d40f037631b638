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
import { readStandardInput, standardInput } from '../stdin.js';
import { print, printData } from '../terminal.js';

/** Flags of the command. */
export interface FmtFlags extends ResultFlags {
  readonly check?: boolean;
}

/**
 * `unet fmt FILE... [--check]`: formats files; a file with syntax errors is not changed. Standard input (`-`) is written to
 * standard output.
 */
export async function fmt(files: readonly string[], options: FmtFlags): Promise<void> {
  const faults: Diagnostic[] = [];
  const changed: string[] = [];
  const faulty: string[] = [];
  let formatted: string | undefined;
  for (const file of files) {
    const { before, after, diagnostics } = formatBytes(file, await bytesOf(file));
    faults.push(...diagnostics);
    if (diagnostics.length > 0 && options.json !== true) printDiagnostics(diagnostics);
    if (after === undefined) faulty.push(file);
    else if (file === standardInput && options.check !== true) formatted = after;
    if (after === undefined || after === before) continue;
    changed.push(file);
    if (file !== standardInput && options.check !== true) await rewrite(file, after);
    if (options.json !== true && (file !== standardInput || options.check === true)) print(`${file}\n`);
  }
  if (options.json === true) print(jsonText({ changed, faulty, text: formatted ?? null, ...diagnosticsJson(faults) }));
  else if (formatted !== undefined) printData(formatted);
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

async function bytesOf(file: string): Promise<Uint8Array> {
  const bytes = file === standardInput ? await readStandardInput() : readSpec(file);
  if (bytes === undefined) throw unreadable(file);
  return bytes;
}

/** Returns the formatted text of a file; undefined if it has encoding or syntax errors. */
function formatBytes(
  file: string,
  bytes: Uint8Array,
): {
  before: string;
  after: string | undefined;
  diagnostics: readonly Diagnostic[];
} {
  const read = readSource(file === standardInput ? '<stdin>' : file, bytes);
  const before = read.source.text;
  if (read.diagnostics.some(isError)) return { before, after: undefined, diagnostics: read.diagnostics };
  const { text, diagnostics } = format(read.source);
  return { before, after: diagnostics.some(isError) ? undefined : text, diagnostics: diagnostics.filter(isError) };
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
