import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineFlags } from '../engine.js';
import { packageRoot } from '../package-root.js';
import type { ResultFlags } from '../result.js';
import { compileStudy, type CompiledStudy } from '../study/open-study-spec.js';
import { makePhantoms } from './data.js';
import { runStudy } from './study.js';

/** Flags of the command. */
export interface QuickstartFlags extends EngineFlags, ResultFlags {
  readonly output: string;
  readonly steps?: number;
  readonly seed: number;
  readonly jobs?: number;
}

const phantoms = { cases: 12, size: [48, 48, 48] };

/**
 * Runs a complete example: generates phantom data, then runs a study of a narrow DALight-3D with and without two of its
 * components, trained, scored and compared. Running it again resumes where it stopped.
 */
export async function quickstart(flags: QuickstartFlags): Promise<void> {
  const { engine, threads, jobs, seed, json } = flags;
  const data = join(flags.output, 'data');
  const spec = fileURLToPath(new URL('specs/studies/quickstart.unet', packageRoot));
  if (!existsSync(join(data, 'dataset.json'))) await makePhantoms(data, { ...phantoms, seed });
  await runStudy(spec, withSteps(compileStudy(spec, undefined), flags.steps), {
    data,
    output: join(flags.output, 'study'),
    executor: 'local',
    slurmOption: [],
    engine,
    json,
    ...(threads === undefined ? {} : { threads }),
    ...(jobs === undefined ? {} : { jobs }),
  });
}

/** Returns the study with another number of training steps. */
function withSteps(compiled: CompiledStudy, steps: number | undefined): CompiledStudy {
  if (steps === undefined) return compiled;
  const { study } = compiled;
  const protocol = { ...study.protocol, length: { kind: 'steps' as const, steps } };
  return { ...compiled, study: { ...study, protocol } };
}
