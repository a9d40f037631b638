import { readdir } from 'node:fs/promises';
import { UserError } from '../../runtime/errors.js';
import { lockRun, type RunLock } from '../../runtime/run/lock.js';
import {
  isStudy,
  makeFolder,
  openStudy,
  protocolText,
  writeStudy,
  type StudyFolder,
} from '../../runtime/study/study-folder.js';
import { differences } from '../../runtime/study/differences.js';
import type { StudyPlan } from './plan-study.js';

/**
 * The folder of a planned study: made, or opened where it holds this very study, with rows that are new added to it.
 * @returns the study, and its lock, which the caller releases
 * @throws UserError UNET6115 where it holds a study of another protocol, another network under a row's name, or something
 * else; UNET6057 where another process runs it, UNET6058 for want of space or permission
 */
export async function makeStudy(directory: string, plan: StudyPlan): Promise<{ study: StudyFolder; lock: RunLock }> {
  await refuseOtherFolder(directory);
  await makeFolder(directory);
  const lock = await lockRun(directory, 'study');
  try {
    if (await isStudy(directory)) {
      const known = await openStudy(directory);
      refuseOtherProtocol(directory, known, plan);
      refuseOtherRows(directory, known, plan);
    }
    return { study: await writeStudy(directory, plan.record, plan.protocol, plan.rows), lock };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What a study may have without its `study.json`, which comes last when it is made. */
const parts = new Set(['run.lock', 'protocol.json', 'variants', 'runs']);

/** A study is made in a folder of its own: a data set, say, is not to be mixed with it. */
async function refuseOtherFolder(directory: string): Promise<void> {
  if (await isStudy(directory)) return;
  const names = await readdir(directory).catch(() => []);
  const other = names.find((name) => !parts.has(name) && !name.endsWith('.tmp'));
  if (other === undefined) return;
  throw new UserError(
    'UNET6115',
    `\`${directory}\` holds something else than a study: \`${other}\`.`,
    'Give a new or an empty folder with --out.',
  );
}

function refuse(directory: string, what: string): never {
  throw new UserError(
    'UNET6115',
    `\`${directory}\` holds a study that differs from this one: ${what}.`,
    'Put it back as it was, or give another folder with --out. New variants, and nothing else, may be added to a study.',
  );
}

function refuseOtherProtocol(directory: string, { record, protocol }: StudyFolder, plan: StudyPlan): void {
  if (protocolText(protocol) !== protocolText(plan.protocol)) {
    const found = differences(protocol, plan.protocol);
    const shown = found.slice(0, 5).map(({ place, before, after }) => `${place} was ${before} and is ${after}`);
    const more = found.length > 5 ? `, and ${found.length - 5} more` : '';
    refuse(directory, shown.join('; ') + more);
  }
  if (record.base !== plan.record.base) refuse(directory, `its base is \`${record.base}\``);
}

/** Every row of the folder is still in the study, as it was. */
function refuseOtherRows(directory: string, { record }: StudyFolder, { rows }: StudyPlan): void {
  for (const before of record.rows) {
    const now = rows.find(({ row }) => row.name === before.name);
    if (now === undefined) refuse(directory, `its row \`${before.name}\` is not in the spec any more`);
    if (now.row.graph !== before.graph || now.row.folder !== before.folder)
      refuse(directory, `\`${before.name}\` is another network now`);
  }
}
