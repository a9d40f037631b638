/**
 * Mangles specs and looks at how they are handled: `npm run fuzz -- --count N --seed S`. Case k of seed S is the first
 * of seed S + k, so that any one can be run again by itself. A case that throws, takes over a second of processor time,
 * wants over 1 GB or comes out wrong is saved below `.unet-test/fuzz` and told with its seed; the exit code is then 1.
 */
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { caseOf } from './case.js';
import { tryCase, type Fault } from './try-case.js';

/** What the trying process tells: the case it begins, and what was wrong with one. */
interface Step {
  readonly seed: number;
  readonly fault?: Fault;
  readonly megabytes: number;
}

const megabytesAllowed = 1024;
/** Seconds by the clock after which a case is given up. */
const patience = 60;

const folder = join('.unet-test', 'fuzz');
const current = join(folder, 'current');
mkdirSync(folder, { recursive: true });

const { count, seed, trying } = options();
if (trying) await tryRange(seed, seed + count - 1);
else process.exitCode = (await fuzz(seed, seed + count - 1)) === 0 ? 0 : 1;

function options() {
  const { values } = parseArgs({
    options: { count: { type: 'string' }, seed: { type: 'string' }, trying: { type: 'boolean' } },
  });
  const count = Number(values.count ?? 5000);
  const seed = Number(values.seed ?? 1);
  if (Number.isInteger(count) && Number.isInteger(seed) && count > 0 && seed >= 0) {
    return { count, seed, trying: values.trying === true };
  }
  console.error('Usage: npm run fuzz -- --count N --seed S, both whole numbers');
  process.exit(2);
}

/** Tries the cases from `first` to `last` in a process that can be stopped. @returns how many faults were found */
async function fuzz(first: number, last: number): Promise<number> {
  const start = Date.now();
  let faults = 0;
  let most = 0;
  const saw = ({ seed, fault, megabytes }: Step): void => {
    most = Math.max(most, megabytes);
    if (fault !== undefined) {
      faults++;
      console.log(`seed ${seed}: ${fault.kind}: ${fault.text}\n  saved in ${save(seed)}`);
    } else if (seed % 10_000 === 0) console.log(`seed ${seed}, ${seconds(start)} s, ${faults} faults`);
  };
  for (let next = first; next <= last;) next = (await tryFrom(next, last, saw)) + 1;
  console.log(
    `${last - first + 1} cases from seed ${first}: ${faults} faults; ${seconds(start)} s, at most ${most} MB`,
  );
  return faults;
}

function seconds(start: number): string {
  return ((Date.now() - start) / 1000).toFixed(0);
}

/** Starts a process that tries the cases, until it is through or a case ends it. @returns the last case that was tried */
function tryFrom(first: number, last: number, saw: (step: Step) => void): Promise<number> {
  const args = ['--trying', '--seed', String(first), '--count', String(last - first + 1)];
  const execArgv = [...process.execArgv, `--max-old-space-size=${megabytesAllowed}`];
  writeCurrent(first);
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv });
  return new Promise((resolve) => {
    let seen = first;
    let hangs = false;
    const timer = setInterval(() => {
      const current = readCurrent();
      if (current === seen) hangs = child.kill('SIGKILL');
      seen = current;
    }, patience * 1000);
    child.on('message', saw);
    child.on('exit', (code, signal) => {
      clearInterval(timer);
      if (code === 0) return resolve(last);
      const text = hangs ? `given up after ${patience} s` : `the process ended: ${signal ?? code}, perhaps of memory`;
      saw({ seed: readCurrent(), fault: { kind: hangs ? 'hang' : 'throw', text }, megabytes: 0 });
      resolve(readCurrent());
    });
  });
}

/** In the trying process. */
async function tryRange(first: number, last: number): Promise<void> {
  const tell = promisify((step: Step, done: (error: Error | null) => void) => process.send?.(step, done));
  for (let seed = first; seed <= last; seed++) {
    writeCurrent(seed);
    const fault = tryCase(caseOf(seed));
    const told = fault !== undefined || seed % 1000 === 0 || seed === last;
    if (told)
      await tell({ seed, ...(fault && { fault }), megabytes: Math.round(process.resourceUsage().maxRSS / 1024) });
  }
  process.disconnect();
}

/** The case under way is kept in a file, where it is found whole however and whenever its process ends. */
function writeCurrent(seed: number): void {
  writeFileSync(`${current}.new`, String(seed));
  renameSync(`${current}.new`, current);
}

function readCurrent(): number {
  return Number(readFileSync(current, 'utf8'));
}

/** Writes the files of a case that are its own. @returns the folder */
function save(seed: number): string {
  const own = join(folder, String(seed));
  mkdirSync(own, { recursive: true });
  const { files, mangled, root } = caseOf(seed);
  for (const [path, content] of files) {
    if (path === mangled || path === root) writeFileSync(join(own, basename(path)), content);
  }
  return own;
}
