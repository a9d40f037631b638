/**
 * Mangles specs and looks at how they are handled: `npm run fuzz -- --count N --seed S`. Case k of seed S is the first
 * of seed S + k, so that any one can be run again by itself. A case that throws, takes over a second of processor time,
 * wants over 1 GB or comes out wrong is saved below `.unet-test/fuzz` and told with its seed; the exit code is then 1.
 * A run that is stopped (SIGINT, SIGTERM) says what it has done. `--programs N` instead generates well-formed programs,
 * runs their generated code and compares it with what the compiler says of them (`try-program.ts`).
 */
import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { caseOf } from './case.js';
import {
  processorSeconds,
  progressFile,
  readProgress,
  removeProgress,
  writeProgress,
  type Progress,
} from './progress.js';
import { tryCase, type Fault } from './try-case.js';

/** What the trying process tells: a case it has tried, and what was wrong with it. */
interface Step {
  readonly seed: number;
  readonly fault?: Fault;
}

const megabytesAllowed = 1024;
/** Seconds of processor time after which a case is given up, and of the clock after which it is looked at. */
const patience = 20;
const glance = 5;

const stopSignals = ['SIGINT', 'SIGTERM'] as const;
const folder = join('.unet-test', 'fuzz');
mkdirSync(folder, { recursive: true });

const usage = 'Usage: npm run fuzz -- [--count N | --programs N] [--seed S], all whole numbers';
const { count, seed, trying, programs } = options();
if (programs !== undefined) process.exitCode = await fuzzPrograms(seed, programs);
else if (trying) await tryRange(seed, seed + count - 1);
else process.exitCode = await fuzz(seed, seed + count - 1);

/** The options, or undefined for words that are none. */
function given() {
  const options = {
    count: { type: 'string' },
    seed: { type: 'string' },
    trying: { type: 'boolean' },
    programs: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch {
    return undefined;
  }
}

function options() {
  const values = given();
  if (values?.help === true) {
    console.log(usage);
    process.exit(0);
  }
  const programs = values?.programs === undefined ? undefined : Number(values.programs);
  const count = Number(values?.count ?? 5000);
  const seed = Number(values?.seed ?? 1);
  const isCount = (value: number): boolean => Number.isInteger(value) && value > 0;
  if (values !== undefined && isCount(count) && isCount(programs ?? 1) && Number.isInteger(seed) && seed >= 0) {
    return { count, seed, trying: values.trying === true, programs };
  }
  console.error(usage);
  process.exit(2);
}

/** Tries generated programs and prints what differs and which constructs they show. @returns the exit code */
async function fuzzPrograms(first: number, programs: number): Promise<number> {
  const start = Date.now();
  // Loaded here, as TensorFlow.js and the TypeScript compiler take their time.
  const { tryPrograms } = await import('./programs.js');
  const { constructs, found } = await tryPrograms(first, programs, ({ seed, text, faults }) => {
    const path = join(folder, `program-${seed}.unet`);
    writeFileSync(path, text);
    console.log(`seed ${seed}: ${faults.join('\n  ')}\n  saved in ${path}`);
  });
  const shown = [...constructs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  console.log(`constructs: ${shown.join(', ')}`);
  console.log(
    `${programs} programs from seed ${first}: ${found.length} with differences, ${constructs.size} constructs; ${seconds(start)} s`,
  );
  return found.length === 0 ? 0 : 1;
}

/** Tries the cases from `first` to `last` in a process that can be stopped. @returns the exit code */
async function fuzz(first: number, last: number): Promise<number> {
  const start = Date.now();
  const stop = stopping();
  let faults = 0;
  let megabytes = 0;
  let slowest = { seed: first, seconds: 0 };
  let next = first;
  const saw = ({ seed, fault }: Step): void => {
    if (fault !== undefined) {
      faults++;
      console.log(`seed ${seed}: ${fault.kind}: ${fault.text}\n  saved in ${save(seed)}`);
    } else console.log(`seed ${seed}, ${seconds(start)} s, ${faults} faults`);
  };
  while (next <= last && !stop.signal.aborted) {
    const came = await tryFrom(next, last, saw, stop.signal);
    next = came.seed;
    megabytes = Math.max(megabytes, came.megabytes);
    if (came.slowest.seconds > slowest.seconds) slowest = came.slowest;
  }
  const tried = next - first;
  console.log(
    `${next > last ? '' : `stopped after ${tried} of `}${last - first + 1} cases from seed ${first}: ${faults} faults; ` +
      (tried > 0 ? `slowest ${slowest.seconds.toFixed(2)} s of processor time (seed ${slowest.seed}), ` : '') +
      `at most ${megabytes} MB; ${seconds(start)} s`,
  );
  if (next <= last) return 128 + constants.signals[stop.signal.reason as NodeJS.Signals];
  return faults === 0 ? 0 : 1;
}

/** Aborted, with the signal as its reason, when the run is to stop. */
function stopping(): AbortController {
  const stop = new AbortController();
  for (const signal of stopSignals) process.once(signal, () => stop.abort(signal));
  return stop;
}

function seconds(start: number): string {
  return ((Date.now() - start) / 1000).toFixed(0);
}

/**
 * Starts a process that tries the cases, until it is through, a case ends it or it is stopped.
 * @returns how far it came: what is left begins with its `seed`
 */
function tryFrom(first: number, last: number, saw: (step: Step) => void, stop: AbortSignal): Promise<Progress> {
  const args = ['--trying', '--seed', String(first), '--count', String(last - first + 1)];
  const execArgv = [...process.execArgv, `--max-old-space-size=${megabytesAllowed}`];
  const child = fork(fileURLToPath(import.meta.url), args, { execArgv });
  const pid = child.pid ?? 0;
  const file = progressFile(folder, pid);
  const come = (): Progress =>
    readProgress(file) ?? { seed: first, slowest: { seed: first, seconds: 0 }, megabytes: 0 };
  const kill = (): boolean => child.kill('SIGKILL');
  stop.addEventListener('abort', kill);
  return new Promise((resolve) => {
    const watch = watchForHang(pid, () => come().seed, kill);
    child.on('message', saw);
    // Not at its exit: what it has told may come after that.
    child.on('close', (code, signal) => {
      clearInterval(watch.timer);
      stop.removeEventListener('abort', kill);
      const came = come();
      removeProgress(file);
      if (code === 0 || stop.aborted) return resolve(came);
      const { seed } = came;
      const fault: Fault = watch.hangs
        ? { kind: 'hang', text: `given up after ${patience} s of processor time` }
        : { kind: 'throw', text: `the process ended: ${signal ?? code}, perhaps of memory` };
      saw({ seed, fault });
      const slowest = watch.hangs ? { seed, seconds: patience } : came.slowest;
      resolve({ ...came, seed: seed + 1, slowest });
    });
  });
}

/** Looks whether a process is at one case for too long, by its processor time or, where that is not told, by the clock. */
function watchForHang(pid: number, at: () => number, giveUp: () => boolean) {
  const spent = (): number => processorSeconds(pid) ?? performance.now() / 1000;
  let seen = { seed: at(), since: spent() };
  const look = (): void => {
    const now = { seed: at(), since: spent() };
    if (now.seed !== seen.seed) seen = now;
    else if (now.since - seen.since > patience) watch.hangs = giveUp();
  };
  const watch = { hangs: false, timer: setInterval(look, glance * 1000) };
  return watch;
}

/** In the trying process. */
async function tryRange(first: number, last: number): Promise<void> {
  const tell = promisify((step: Step, done: (error: Error | null) => void) => process.send?.(step, done));
  const file = progressFile(folder, process.pid);
  // What stops the run reaches both from a terminal, and the run stops this.
  for (const signal of stopSignals) process.on(signal, () => undefined);
  let slowest = { seed: first, seconds: 0 };
  const reach = (seed: number): void => {
    writeProgress(file, { seed, slowest, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) });
  };
  for (let seed = first; seed <= last; seed++) {
    reach(seed);
    const { fault, seconds } = tryCase(caseOf(seed));
    if (seconds > slowest.seconds) slowest = { seed, seconds };
    if (fault !== undefined || seed % 10_000 === 0) await tell({ seed, ...(fault && { fault }) });
  }
  reach(last + 1);
  process.disconnect();
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
