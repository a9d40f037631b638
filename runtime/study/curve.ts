import { readTextFile } from '../files/read-file.js';
import type { MetricsLine } from '../training/events.js';

/** The lines of a run's `metrics.jsonl`; none where it has not finished an epoch yet. */
export async function readCurve(file: string): Promise<readonly MetricsLine[]> {
  const text = await readTextFile(file).catch(() => '');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as MetricsLine);
}
