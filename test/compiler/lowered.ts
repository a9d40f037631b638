import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseExpression } from '../../grammar/parse.js';
import { createSource } from '../../grammar/source.js';
import { bindModel, lower, openProgram, ownModels, settingOf } from '../../compiler/program/program.js';
import type { Network } from '../../compiler/ir/ir.js';

const specs = resolve(import.meta.dirname, '../../specs');

/** Reads files of this clone; `unet:` refers to `specs/`. */
export const host = {
  readFile: (path: string) => (existsSync(path) ? readFileSync(path) : undefined),
  resolve: (from: string, to: string) =>
    to.startsWith('unet:') ? resolve(specs, to.slice('unet:'.length)) : resolve(dirname(from), to),
};

/**
 * The networks of all models a file under `specs/` declares itself, with knobs set as `--set` would; throws with what
 * is wrong.
 */
export function lowerSpec(file: string, knobs: Readonly<Record<string, string>> = {}): readonly Network[] {
  const program = openProgram(host, resolve(specs, file));
  if (program === undefined) throw new Error(`${file} cannot be read`);
  const settings = Object.entries(knobs).map(([name, text]) =>
    settingOf(name, parseExpression(createSource(`--set ${name}`, text)).expression),
  );
  return ownModels(program).map((declaration) => {
    const model = bindModel(program, declaration, settings);
    const lowered = model === undefined ? undefined : lower(program, model);
    if (lowered?.network !== undefined) return lowered.network;
    const faults = [...program.diagnostics, ...(lowered?.diagnostics ?? [])].map(({ message }) => message);
    throw new Error(`${file}: ${faults.join('; ')}`);
  });
}
