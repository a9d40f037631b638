import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { renderDiagnostics } from '../../grammar/diagnostics/render.js';
import { format } from '../../grammar/print.js';
import { readSource } from '../../grammar/read.js';
import { createSource } from '../../grammar/source.js';
import { checkProgram } from '../../compiler/check/check.js';
import { bindModel, lower, openProgram, ownModels, type Program } from '../../compiler/program/program.js';
import { verify } from '../../compiler/ir/verify.js';
import { hostOf } from '../compiler/check/check-text.js';
import type { FuzzCase } from './case.js';

/** Seconds of processor time that one case may take; a machine under load takes longer by the clock. */
export const secondsAllowed = 1;

/** What is wrong with how a case was handled; undefined where nothing is. */
export type Fault = { readonly kind: 'throw' | 'hang' | 'wrong'; readonly text: string };

/** How a case was handled, and the seconds of processor time that took: the fewer where it was tried twice. */
export interface Tried {
  readonly fault: Fault | undefined;
  readonly seconds: number;
}

/**
 * Checks, renders, formats and, where nothing is wrong, lowers a program: none of it may throw or take long, places are
 * inside their files, the formatted text is its own formatted text, and a network without faults is sound.
 */
export function tryCase(tried: FuzzCase): Tried {
  const first = timed(tried);
  if (first.fault !== undefined || first.seconds < secondsAllowed) return first;
  // Collection of others' rubbish may fall into a case: a hang hangs again.
  const seconds = Math.min(first.seconds, timed(tried).seconds);
  if (seconds < secondsAllowed) return { fault: undefined, seconds };
  return { fault: { kind: 'hang', text: `${seconds.toFixed(1)} s of processor time` }, seconds };
}

function timed(tried: FuzzCase): Tried {
  const before = process.cpuUsage();
  let fault: Fault | undefined;
  try {
    const wrong = wrongIn(tried);
    if (wrong !== undefined) fault = { kind: 'wrong', text: wrong };
  } catch (error) {
    fault = { kind: 'throw', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  const { user, system } = process.cpuUsage(before);
  return { fault, seconds: (user + system) / 1e6 };
}

function wrongIn({ root, files, mangled }: FuzzCase): string | undefined {
  const program = openProgram(hostOf(files), root);
  if (program === undefined) return 'the root is not read';
  const diagnostics = checkProgram(program);
  renderDiagnostics(diagnostics, { colours: false });
  const outside = diagnostics.find((each) => !isInside(each));
  if (outside !== undefined) return `${outside.code} is outside its text`;
  const unsound = diagnostics.some(isError) ? undefined : unsoundModel(program);
  return unsound ?? unstableFormat(files.get(mangled) ?? '');
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}

function isInside({ span, labels }: Diagnostic): boolean {
  return [span, ...labels.map((label) => label.span)].every(
    ({ source, start, end }) => 0 <= start && start <= end && end <= source.text.length,
  );
}

function unsoundModel(program: Program): string | undefined {
  for (const declaration of ownModels(program)) {
    const model = bindModel(program, declaration);
    const network = model === undefined ? undefined : lower(program, model).network;
    if (network === undefined) return `\`${declaration.name.name}\` has no fault and no network`;
    const [fault] = verify(network);
    if (fault !== undefined) return `\`${declaration.name.name}\` is unsound: ${fault}`;
  }
  return undefined;
}

/** The formatter leaves what it cannot read, and what it has written. */
function unstableFormat(content: string | Uint8Array): string | undefined {
  const read = readSource('spec.unet', typeof content === 'string' ? new TextEncoder().encode(content) : content);
  const { text, diagnostics } = format(read.source);
  if (read.diagnostics.some(isError) || diagnostics.some(isError)) return undefined;
  const again = format(createSource('spec.unet', text));
  return again.text === text && !again.diagnostics.some(isError)
    ? undefined
    : 'formatting twice changes the text again';
}
