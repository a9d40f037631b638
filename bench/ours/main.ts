/**
 * One side of a benchmark: this project's runtime, driven by lines of JSON on standard input, one answer a line on
 * standard output; the commands are those of `bench/peer/main.py`, save that `build` takes the generated module and
 * writes the weights that the peer reads.
 */
import { createInterface } from 'node:readline';
import { Session } from './session.js';

// Whatever a library prints must not stand among the answers.
console.log = console.error;

function write(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function answer(session: Session, line: string): Promise<object> {
  try {
    return await session.run(JSON.parse(line));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

const session = new Session();
write({ name: `Node ${process.versions.node}` });
for await (const line of createInterface({ input: process.stdin })) write(await answer(session, line));
