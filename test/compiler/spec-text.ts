import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { parseExpression } from '../../grammar/parse.js';
import { createSource, positionAt } from '../../grammar/source.js';
import type { Network, Op } from '../../compiler/ir/ir.js';
import { checkProgram } from '../../compiler/check/check.js';
import type { Host } from '../../compiler/program/host.js';
import { bindModel, lower, openProgram, ownModels, settingOf, type Program } from '../../compiler/program/program.js';

/** The folder of the specs: what a text's `use "lib/..."` is looked for in. */
export const specs = resolve(import.meta.dirname, '../../specs');

/** Opens `text` as if it were a file in `specs/`; `others` are further files there, by path, that exist in memory only. */
export function openText(text: string, others: Readonly<Record<string, string>> = {}): Program {
  const root = join(specs, 'in-memory.unet');
  const texts = new Map([
    [root, text],
    ...Object.entries(others).map(([path, each]) => [join(specs, path), each] as const),
  ]);
  const host: Host = {
    readFile: (path) => {
      const inMemory = texts.get(path);
      if (inMemory !== undefined) return new TextEncoder().encode(inMemory);
      return existsSync(path) ? readFileSync(path) : undefined;
    },
    resolve: (from, to) => resolve(dirname(from), to),
  };
  const program = openProgram(host, root);
  if (program === undefined) throw new Error('the text cannot be opened');
  return program;
}

/** Each diagnostic as `line:column CODE message`, in the order they are reported. */
export function checkText(text: string, others: Readonly<Record<string, string>> = {}): readonly string[] {
  return checkProgram(openText(text, others)).map(describeDiagnostic);
}

export function describeDiagnostic({ code, message, span }: Diagnostic): string {
  const { line, column } = positionAt(span.source, span.start);
  return `${line}:${column} ${code} ${message}`;
}

/** The network of the last model a text declares, its knobs set as `--set` would; throws with all that is wrong. */
export function lowerText(
  text: string,
  knobs: Readonly<Record<string, string>> = {},
  others: Readonly<Record<string, string>> = {},
): Network {
  const program = openText(text, others);
  const settings = Object.entries(knobs).map(([name, value]) =>
    settingOf(name, parseExpression(createSource(`--set ${name}`, value)).expression),
  );
  const declaration = ownModels(program).at(-1);
  const model = declaration === undefined ? undefined : bindModel(program, declaration, settings);
  const lowered = model === undefined ? undefined : lower(program, model);
  const faults = [...program.diagnostics, ...(lowered?.diagnostics ?? [])].filter(
    ({ severity }) => severity === 'error',
  );
  if (lowered?.network === undefined || faults.length > 0) throw new Error(faults.map(describeDiagnostic).join('\n'));
  return lowered.network;
}

/** UNETR works at one size only: the same network for an image of 1 or 2 patches of 16 x 16 x 16 instead of 216. */
export function smallUnetr(knobs: Readonly<Record<string, string>>, patches: 1 | 2 = 2): Network {
  const text = readFileSync(join(specs, 'unetr.unet'), 'utf8');
  const small = text.replace('[D = 96, H = 96, W = 96]', `[D = ${16 * patches}, H = 16, W = 16]`);
  if (small === text) throw new Error('unetr.unet has another size');
  return lowerText(small, knobs);
}

/** The operation called `id`. */
export function opOf(network: Network, id: string): Op {
  const op = network.ops.find((each) => each.id === id);
  if (op === undefined) throw new Error(`${network.name} has no operation \`${id}\``);
  return op;
}

/** A model of one input and the blocks before it, whose body is the lines given: for tests of one construct. */
export function tinyModel(body: string, before = ''): string {
  return `${before}
model Tiny {
  input scan: image(T1w, T2w)[D, H, W]
  output mask: classes(background, tumour)
  ${body}
}
`;
}
