import { UserError } from '../errors/user-error.js';
import { unfinishedState } from '../run/run-cautions.js';
import type { Run } from '../run/run-folder.js';

/**
 * Rejects a run whose training is not finished, because its weights are not those that its protocol selects.
 * @throws UserError UNET6070
 */
export function requireFinished(run: Pick<Run, 'directory' | 'info'>): void {
  const state = unfinishedState(run);
  if (state === undefined) return;
  throw new UserError(
    'UNET6070',
    `The run \`${run.directory}\` is not finished: its training ${state}.`,
    'Finish the training with `unet train ... --resume`.',
  );
}
