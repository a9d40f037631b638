import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { readTextFile } from '../files/read-file.js';
import { covers } from '../metrics/measures.js';
import { recordRuns } from './journal.js';
import { jobPaths, jobsOf, jobState } from './jobs.js';
import { reportSchema } from './scores-file.js';
import type { StudyFolder } from './study-folder.js';

const scoredSchema = z.object({ report: reportSchema });

/**
 * Reopens the finished jobs that were scored without a measure or union that the study reports now. They keep their
 * weights, so the next run of the study only scores them again. For the process that holds the study's lock, after it
 * has checked that the jobs' files are unchanged.
 * @returns the number of jobs that were reopened
 */
export async function reopenJobs(study: StudyFolder): Promise<number> {
  let reopened = 0;
  for (const job of jobsOf(study.record)) {
    const { scores, checksums } = jobPaths(study.directory, job);
    if ((await jobState(study, job)).kind !== 'done') continue;
    const scored = scoredSchema.safeParse(JSON.parse(await readTextFile(scores)));
    if (scored.data === undefined || covers(scored.data.report, study.record.report)) continue;
    await rm(checksums);
    reopened++;
  }
  if (reopened > 0) await recordRuns(study);
  return reopened;
}
