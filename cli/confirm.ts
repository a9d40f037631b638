import { createInterface } from 'node:readline/promises';
import { printable } from '../text/printable.js';

/** Where a question is asked and answered. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Whether a person can be asked: both ends are terminals. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks a question that `y` or `yes` agrees to; anything else, Ctrl-C and the end of the input decline. */
export async function confirm(
  question: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  const reader = createInterface({ input, output });
  const ended = new AbortController();
  reader.once('close', () => ended.abort());
  try {
    const answer = await reader.question(`${printable(question)} [y/N] `, { signal: ended.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    output.write('\n');
    return false;
  } finally {
    reader.close();
  }
}
