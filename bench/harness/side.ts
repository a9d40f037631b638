/** One side of a benchmark: a process of its own that answers each line of JSON with one. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { z } from 'zod';

/** A command by its name in `do`; what else it holds is the command's own. */
export type SideCommand = Readonly<Record<string, unknown>> & { readonly do: string };

export interface Side {
  /** One command at a time; a side that answers `{"error"}`, no JSON or not at all rejects. */
  ask<T>(command: SideCommand, reply: z.ZodType<T>): Promise<T>;
  /** Ends its input, at which the process ends. */
  close(): Promise<void>;
}

export interface SideProcess {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

function parse<T>(name: string, line: string, reply: z.ZodType<T>): T {
  const answer = readJson(name, line);
  if (typeof answer === 'object' && answer !== null && 'error' in answer) {
    throw new Error(`${name}: ${String(answer.error)}`);
  }
  return reply.parse(answer);
}

function readJson(name: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`${name} answered no JSON: ${line.slice(0, 200)}`);
  }
}

/**
 * Starts a side; what it writes to standard error is seen.
 * @param hello what its first line, written unasked, must be
 */
export async function startSide<T>(
  { name, command, arguments: args, env }: SideProcess,
  hello: z.ZodType<T>,
): Promise<Side & { readonly hello: T }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const ended = new Promise<string>((done) => {
    child.on('error', ({ message }) => {
      done(message);
    });
    child.on('exit', (code, signal) => {
      done(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`);
    });
  });
  // A process that is gone tells so by `ended`; writing to it must not end this one.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const next = await lines.next();
    if (next.done !== true) return next.value;
    throw new Error(`${name} gave no answer: ${await ended}`);
  };
  return {
    hello: parse(name, await nextLine(), hello),
    ask: async (asked, reply) => {
      child.stdin.write(`${JSON.stringify(asked)}\n`);
      return parse(name, await nextLine(), reply);
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
