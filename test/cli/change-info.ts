import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sealInfo, type RunInfo } from '../../runtime/run/run-info.js';

/** Changes the `run.json` of a run and its checksum with it, as someone does who wants it to be taken for the run's own. */
export function changeInfo(run: string, change: (info: RunInfo) => Partial<RunInfo>): void {
  const file = path.join(run, 'run.json');
  const { checksum, ...info } = JSON.parse(readFileSync(file, 'utf8')) as RunInfo & { checksum: string };
  const sealed = sealInfo({ ...info, ...change(info) });
  if (sealed.checksum === checksum) throw new Error('nothing was changed');
  writeFileSync(file, JSON.stringify(sealed));
}
