import { UserError } from '../errors/user-error.js';
import { isPresent } from '../files/file-error.js';
import { readMetrics } from '../training/metrics-log.js';
import { type Run } from './run-folder.js';
import { runPaths } from '../training/run-paths.js';

/**
 * Refuses to resume a run whose last checkpoint is lost, because it would restart from the first step. A run that was
 * killed before its first checkpoint has none; it may already have the metrics of one epoch, which are written earlier.
 * @throws UserError UNET6067
 */
export async function requireCheckpoint({ directory, info }: Run): Promise<void> {
  const { last, best, metrics } = runPaths(directory);
  if (isPresent(last)) return;
  const epochs = isPresent(metrics) ? (await readMetrics(metrics)).length : 0;
  if (info.status !== 'done' && info.status !== 'imported' && !isPresent(best) && epochs < 2) return;
  throw new UserError(
    'UNET6067',
    `The run \`${directory}\` cannot be resumed: its checkpoint \`${last}\` is missing.`,
    `Restore the file${isPresent(best) ? ` (\`${best}\` is an earlier checkpoint of the run)` : ''}, or start the run again in another folder.`,
  );
}
