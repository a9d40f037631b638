import * as tf from '@tensorflow/tfjs';
import { generateProgram } from './generate-program.js';
import { chooser } from './random.js';
import { tryProgram } from './try-program.js';

/** A program whose generated code differs from what the compiler says of it, or that could not be tried. */
export interface ProgramFault {
  readonly seed: number;
  readonly text: string;
  readonly faults: readonly string[];
}

/** What a run of generated programs came to. */
export interface ProgramFigures {
  readonly programs: number;
  /** How many programs show each construct. */
  readonly constructs: ReadonlyMap<string, number>;
  readonly found: readonly ProgramFault[];
}

/** Generates the programs of `count` seeds from `first` on and tries each on tfjs's own backend. */
export async function tryPrograms(
  first: number,
  count: number,
  tell: (fault: ProgramFault) => void = () => undefined,
): Promise<ProgramFigures> {
  await tf.setBackend('cpu');
  const constructs = new Map<string, number>();
  const found: ProgramFault[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const program = generateProgram(chooser(seed));
    for (const each of program.constructs) constructs.set(each, (constructs.get(each) ?? 0) + 1);
    const faults = await tryProgram(program.text).catch((error: unknown) => [
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    ]);
    if (faults.length === 0) continue;
    const fault = { seed, text: program.text, faults };
    found.push(fault);
    tell(fault);
  }
  return { programs: count, constructs, found };
}
