/** Probes an engine in a child process, so that a crash of a native library is reported like any other failure. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineProbe, OnProgress, ProbeRequest } from './probe.js';
import type { ProbeMessage } from './probe-process.js';

/** The compiled file in `dist`, or the source, which tsx (a development dependency) runs. */
const fromSource = import.meta.url.endsWith('.ts');
const entry = fileURLToPath(new URL(`./probe-process.${fromSource ? 'ts' : 'js'}`, import.meta.url));

/** The number of characters kept from the end of standard error, for a process that reports nothing else. */
const keptCharacters = 4000;

export interface ProbeOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** Environment variables in addition to those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * Probes an engine in a child process. If the process crashes, `failure` of the result describes what it was doing and
 * how it ended.
 */
export function probeInChild(
  request: ProbeRequest,
  { onProgress, signal, variables }: ProbeOptions = {},
): Promise<EngineProbe> {
  return new Promise((resolve, reject) => {
    const child = fork(entry, [], {
      execArgv: fromSource ? ['--import', 'tsx'] : [],
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
    });
    let doing = 'starting it';
    let errors = '';
    let answer: EngineProbe | undefined;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-keptCharacters);
    });
    child.on('message', (message: ProbeMessage) => {
      if (message.kind === 'done') answer = message.probe;
      else {
        doing = message.what;
        onProgress?.(message.what, message.done, message.of);
      }
    });
    child.once('error', reject);
    child.once('close', (code, ended) => {
      if (answer !== undefined) return resolve(answer);
      const failure = `${howItEnded(code, ended, errors)} while ${doing}`;
      resolve({
        name: request.name,
        available: true,
        detail: 'its process ended',
        standIn: false,
        capabilities: [],
        failure,
      });
    });
    child.send(request);
  });
}

/** `killed by SIGSEGV`, with the last line it printed. */
function howItEnded(code: number | null, ended: NodeJS.Signals | null, errors: string): string {
  if (/heap out of memory/.test(errors)) return 'ran out of memory';
  const last = errors.trim().split('\n').at(-1)?.trim() ?? '';
  const said = last === '' ? '' : ` (${last})`;
  if (ended === 'SIGKILL') return `killed, probably by the system because memory ran out${said},`;
  return ended === null ? `ended with exit code ${code}${said}` : `killed by ${ended}${said}`;
}
