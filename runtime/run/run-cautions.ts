import { type Caution, refusal, warning } from '../data/cautions/caution.js';
import { CODE_ASSUMED } from './assumptions.js';
import type { RunStatus } from './run-info.js';
import type { Run } from './run-folder.js';

const unfinished: Readonly<Record<Exclude<RunStatus, 'done' | 'imported'>, string>> = {
  created: 'has not started',
  running: 'is in progress or was killed',
  interrupted: 'was interrupted',
  diverged: 'diverged',
};

/** Describes the state of an unfinished training, as the end of a sentence; undefined for a finished run. */
export function unfinishedState({ info: { status } }: Pick<Run, 'info'>): string | undefined {
  return status === 'done' || status === 'imported' ? undefined : unfinished[status];
}

/** Cautions that the run itself gives when its network is applied: an unfinished training, assumptions. */
export function runCautions(run: Pick<Run, 'directory' | 'info'>, use: 'evaluate' | 'predict'): Caution[] {
  const assumed = run.info.cautions.filter(({ code }) => code === CODE_ASSUMED);
  const state = unfinishedState(run);
  if (state === undefined) return assumed;
  const message = `The run \`${run.directory}\` is not finished: its training ${state}.`;
  const help =
    run.info.status === 'diverged'
      ? 'Train again with a lower learning rate.'
      : 'Finish the training with `unet train ... --resume`.';
  const caution =
    use === 'evaluate'
      ? refusal('unfinished', 'UNET6085', message, help, [])
      : warning('UNET6085', `${message} The mask comes from a network whose training was not finished.`, help);
  return [caution, ...assumed];
}
