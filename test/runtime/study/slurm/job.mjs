/** Stands in for a job of a study: `node job.mjs NAME WHAT`. It notes in the file `NAME` of its folder what happens to it. */
import { appendFileSync, existsSync } from 'node:fs';
import process from 'node:process';
import { clearInterval, setInterval, setTimeout } from 'node:timers';

const [name, what] = process.argv.slice(2);
const note = (text) => appendFileSync(name, `${text}\n`);
note('started');
process.once('SIGTERM', () => {
  note('checkpoint');
  process.exit(130);
});

const kinds = {
  done: () => undefined,
  fails: () => process.exit(3),
  killed: () => process.kill(process.pid, 'SIGKILL'),
  /** Takes a GiB and holds it. */
  greedy: () => {
    const taken = Buffer.alloc(2 ** 30, 1);
    setTimeout(() => note(String(taken.length)), 60_000);
  },
  /** Until there is a file `NAME.go`. */
  held: () => {
    const look = setInterval(() => {
      if (!existsSync(`${name}.go`)) return;
      clearInterval(look);
      note('done');
    }, 50);
  },
  long: () => setTimeout(() => note('done'), 100_000),
};
kinds[what]();
