import path from 'node:path';
import { readDigest } from '../data/file-digest.js';
import { UserError } from '../errors/user-error.js';
import { readChecksums } from './checksums.js';
import type { RunEvidence } from './evidence.js';
import { jobPaths } from './jobs.js';

/** Files of a finished run from which a report is computed. */
const figures = ['scores.json', 'outcome.json', 'metrics.jsonl'];

/**
 * Refuses to build a table from files that the jobs did not write.
 * @throws UserError UNET6116 for the first file of a finished run that does not match its checksums
 */
export async function refuseChanged(directory: string, runs: readonly RunEvidence[]): Promise<void> {
  for (const run of runs) {
    const { folder } = jobPaths(directory, run);
    const checksums = (await readChecksums(folder)) ?? {};
    const pictures = Object.values(run.overlays).map((file) => path.posix.relative(run.run, file));
    const sealed = Object.keys(checksums).filter((file) => file.startsWith('overlays/'));
    for (const file of new Set([...figures, ...sealed, ...pictures])) {
      const now = await readDigest(path.join(folder, file)).catch(() => undefined);
      if (now !== undefined && now === checksums[file]) continue;
      throw new UserError(
        'UNET6116',
        `\`${path.join(folder, file)}\` ${now === undefined ? 'is missing' : 'was changed'} since its job wrote it.`,
        'Restore it, or remove the run folder and run the study again to repeat the job.',
      );
    }
  }
}
