import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { lower, bindModel, openProgram, ownModels } from '../../compiler/program/program.js';
import type { Network } from '../../compiler/ir/ir.js';

const host = {
  readFile: (path: string) => (existsSync(path) ? readFileSync(path) : undefined),
  resolve: (from: string, to: string) => resolve(dirname(from), to),
};

/** The networks of all models a file under `specs/` declares itself; throws with what is wrong. */
export function lowerSpec(file: string): readonly Network[] {
  const program = openProgram(host, resolve(import.meta.dirname, '../../specs', file));
  if (program === undefined) throw new Error(`${file} cannot be read`);
  return ownModels(program).map((declaration) => {
    const model = bindModel(program, declaration);
    const lowered = model === undefined ? undefined : lower(program, model);
    if (lowered?.network !== undefined) return lowered.network;
    const faults = [...program.diagnostics, ...(lowered?.diagnostics ?? [])].map(({ message }) => message);
    throw new Error(`${file}: ${faults.join('; ')}`);
  });
}
