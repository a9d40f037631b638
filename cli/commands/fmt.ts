import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { readSource } from '../../grammar/read.js';
import { format } from '../../grammar/print.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { printDiagnostics } from '../spec.js';

/** Its flags. */
export interface FmtFlags {
  readonly check?: boolean;
}

/** `unet fmt FILE... [--check]`: a file with syntax errors is left as it is. */
export async function fmt(files: readonly string[], options: FmtFlags): Promise<void> {
  let faulty = false;
  let changed = 0;
  for (const file of files) {
    const bytes = await readFile(file).catch(() => {
      throw new UsageError(`\`${file}\` cannot be read.`);
    });
    const read = readSource(file, bytes);
    const formatted = format(read.source);
    const diagnostics = [...read.diagnostics, ...formatted.diagnostics].filter((each) => each.severity === 'error');
    if (diagnostics.length > 0 || formatted.text === undefined) {
      faulty = true;
      printDiagnostics(diagnostics);
      continue;
    }
    if (formatted.text === read.source.text) continue;
    changed += 1;
    process.stdout.write(`${file}\n`);
    if (options.check !== true) await writeFileAtomic(file, formatted.text);
  }
  if (faulty || (options.check === true && changed > 0)) throw new Finished(exitCodes.diagnostics);
}
