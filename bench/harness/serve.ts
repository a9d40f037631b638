import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { UserError } from '../../runtime/errors/user-error.js';

/** The process as a side of a benchmark: answers each line of standard input by `run`, until the input ends. */
export async function serve(name: string, run: (command: unknown) => Promise<object>): Promise<void> {
  // Output of libraries must not be mixed with the answers.
  console.log = console.error;
  // The benchmark was stopped.
  process.stdout.on('error', () => process.exit(1));
  const write = (answer: object): void => {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  write({ name });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      write(await run(JSON.parse(line)));
    } catch (error) {
      write({ error: describe(error) });
    }
  }
}

function describe(error: unknown): string {
  if (error instanceof UserError && error.help !== undefined) return `${error.message} ${error.help}`;
  return error instanceof Error ? error.message : String(error);
}

/** Peak of resident memory of this process in bytes, as Linux tells it; null elsewhere. */
export function ownPeakRss(): number | null {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
