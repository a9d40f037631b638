import type { Host } from '../compiler/program/host.js';
import { diskHost, onePath } from './disk-host.js';

/** The operand that stands for standard input. */
export const standardInput = '-';

let bytes: Promise<Uint8Array> | undefined;

/** Reads standard input to its end; a second call returns the same. */
export function readStandardInput(): Promise<Uint8Array> {
  return (bytes ??= readAll());
}

async function readAll(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** A spec that is read from standard input: its path in messages, and the host that gives its bytes for it. */
export interface GivenSpec {
  readonly path: string;
  readonly host: Host;
}

/** @param at the path of the spec, from which its imports are resolved; by default, a file of the working directory */
export async function givenSpec(at = '<stdin>'): Promise<GivenSpec> {
  const given = await readStandardInput();
  const path = onePath(at);
  return { path, host: { ...diskHost, readFile: (each) => (each === path ? given : diskHost.readFile(each)) } };
}
