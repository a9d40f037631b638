import { UserError } from '../errors.js';
import type { Run } from '../run/run-folder.js';

const states: Readonly<Record<Exclude<Run['info']['status'], 'done' | 'imported'>, string>> = {
  created: 'has not begun',
  running: 'is under way, or was killed',
  interrupted: 'was interrupted',
  diverged: 'diverged',
};

/**
 * Refuses a run whose training has not come to its end: its weights are those of no protocol.
 * @throws UserError UNET6070
 */
export function requireFinished({ directory, info: { status } }: Pick<Run, 'directory' | 'info'>): void {
  if (status === 'done' || status === 'imported') return;
  throw new UserError(
    'UNET6070',
    `The run \`${directory}\` is not finished: its training ${states[status]}.`,
    'Bring it to its end with `unet train ... --resume`.',
  );
}
