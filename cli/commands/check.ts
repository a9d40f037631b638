import { diagnosticsJson } from '../../grammar/diagnostics/json.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { checkProgram } from '../../compiler/check/check.js';
import { exitCodes, Finished } from '../exit.js';
import { jsonText } from '../../text/json.js';
import { openSpec, printDiagnostics } from '../spec.js';
import { counted } from '../../text/count.js';
import { note, print } from '../terminal.js';

/** Flags of the command. */
export interface CheckFlags {
  readonly format: string;
}

/** `unet check FILE...` */
export function check(files: readonly string[], options: CheckFlags): void {
  const found = new Map<string, Diagnostic>();
  for (const file of files) {
    for (const each of checkProgram(openSpec(file))) {
      found.set(`${each.code} ${each.span.source.path} ${each.span.start} ${each.span.end}`, each);
    }
  }
  const diagnostics = [...found.values()];
  const errors = diagnostics.filter((each) => each.severity === 'error').length;
  if (options.format === 'json') {
    print(jsonText(diagnosticsJson(diagnostics)));
  } else {
    if (diagnostics.length > 0) printDiagnostics(diagnostics);
    note(`${summary(files.length, errors, diagnostics.length - errors)}\n`);
  }
  if (errors > 0) throw new Finished(exitCodes.diagnostics);
}

function summary(files: number, errors: number, warnings: number): string {
  if (errors + warnings === 0) return `${counted(files, 'file')} checked: no problems found.`;
  return `${counted(files, 'file')} checked: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}.`;
}
