import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { renderTable } from '../../runtime/metrics/render.js';
import type { EngineFlags } from '../engine.js';
import { packageRoot } from '../package-root.js';
import { jsonText, type ResultFlags } from '../result.js';
import { openTrainedRun } from '../session.js';
import { makePhantoms } from './data.js';
import { evaluateRun } from './evaluate.js';
import { trainInFolder } from './train.js';

/** Its flags. */
export interface QuickstartFlags extends EngineFlags, ResultFlags {
  readonly out: string;
  readonly steps?: number;
  readonly seed: number;
}

/** What the quickstart trains: a narrow DALight-3D on small patches of small phantoms. */
const settings = ['width=8', 'neck=32', 'join=ssfb(rank: 4)'];
const phantoms = { cases: 12, size: [48, 48, 48] };

/**
 * The main job on an embedded default: phantom data, training, evaluation of the held-out cases, pictures. Run again, it
 * goes on where it stopped.
 */
export async function quickstart(flags: QuickstartFlags): Promise<void> {
  const data = join(flags.out, 'data');
  const run = join(flags.out, 'run');
  const pictures = join(flags.out, 'pictures');
  const table = join(flags.out, 'evaluation.json');
  if (!existsSync(join(data, 'dataset.json'))) await makePhantoms(data, { ...phantoms, seed: flags.seed });
  const spec = fileURLToPath(new URL('specs/dalight3d.unet', packageRoot));
  const begun = existsSync(join(run, 'run.json'));
  await trainInFolder(spec, {
    data,
    run,
    engine: flags.engine,
    ...(flags.threads === undefined ? {} : { threads: flags.threads }),
    ...(begun
      ? { set: [], resume: true }
      : {
          set: settings,
          seed: flags.seed,
          protocol: 'Quick',
          ...(flags.steps === undefined ? {} : { steps: flags.steps }),
        }),
  });
  const opened = await openTrainedRun(run, flags);
  const report = await evaluateRun(run, opened, { data, case: [], pictures });
  await writeFileAtomic(table, jsonText(report));
  if (flags.json === true) return void process.stdout.write(jsonText({ data, run, scores: table, pictures, report }));
  process.stdout.write(`\n${renderTable(report)}\n`);
  process.stdout.write(`data      ${data}\nrun       ${run}\nscores    ${table}\npictures  ${pictures}\n`);
}
