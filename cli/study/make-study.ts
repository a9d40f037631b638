import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../runtime/errors/user-error.js';
import { makeFolder, removeEmptyFolders } from '../../runtime/files/make-folder.js';
import { isLockFile, lockRun, type RunLock } from '../../runtime/run/lock.js';
import { isStudy, openStudy, protocolText, writeStudy, type StudyFolder } from '../../runtime/study/study-folder.js';
import { refuseOwnedFolder } from '../../runtime/files/output.js';
import { differences } from '../../runtime/study/differences.js';
import type { StudyPlan } from './plan-study.js';

/**
 * The folder of a planned study: created, or opened if it contains the same study, with new rows added to it.
 * @returns the study, and its lock, which the caller releases
 * @throws UserError UNET6115 if it contains a study with another protocol, another network under a row's name, or
 * something else; UNET6057 if another process runs it, UNET6058 for lack of space or permission
 */
export async function makeStudy(directory: string, plan: StudyPlan): Promise<{ study: StudyFolder; lock: RunLock }> {
  await refuseOtherFolder(directory);
  const created = await makeFolder(directory);
  let lock: RunLock | undefined;
  let known = true;
  try {
    lock = await lockRun(directory, 'study');
    known = await isStudy(directory);
    if (known) {
      const before = await openStudy(directory);
      refuseOtherProtocol(directory, before, plan);
      refuseOtherRows(directory, before, plan);
    }
    return { study: await writeStudy(directory, plan.record, plan.protocol, plan.rows), lock };
  } catch (error) {
    if (!known) await removeUnfinished(directory);
    lock?.release();
    await removeEmptyFolders(created);
    throw error;
  }
}

/** Removes what was written of a study whose creation failed. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of ['protocol.json', 'variants'])
    await rm(path.join(directory, name), { recursive: true, force: true });
}

/**
 * Files that a study may have without its `study.json`, which is written last: its lock proves that its creation was
 * interrupted.
 */
const parts = new Set(['run.lock', 'protocol.json', 'variants']);

/** A study needs a folder of its own, so that nobody else's files can be lost. */
async function refuseOtherFolder(directory: string): Promise<void> {
  await refuseOwnedFolder(directory);
  if (await isStudy(directory)) return;
  const names = (await readdir(directory).catch(() => [])).filter((name) => !name.endsWith('.tmp'));
  const cutShort = await isLockFile(directory);
  // Jobs manage their own folders below `runs`.
  const other = names.find((name) => name !== 'runs' && !(cutShort && parts.has(name)));
  if (other === undefined) return;
  throw new UserError(
    'UNET6115',
    `\`${directory}\` contains files that do not belong to a study: \`${other}\`.`,
    'Choose a new or empty folder with -o.',
  );
}

function refuse(directory: string, what: string): never {
  throw new UserError(
    'UNET6115',
    `\`${directory}\` contains a study that differs from this one: ${what}.`,
    'Undo the change, or choose another folder with -o. Only new variants may be added to an existing study.',
  );
}

function refuseOtherProtocol(directory: string, { record, protocol }: StudyFolder, plan: StudyPlan): void {
  if (protocolText(protocol) !== protocolText(plan.protocol)) {
    const found = differences(protocol, plan.protocol);
    const shown = found.slice(0, 5).map(({ place, before, after }) => `${place} was ${before} and is now ${after}`);
    const more = found.length > 5 ? `, and ${found.length - 5} more` : '';
    refuse(directory, shown.join('; ') + more);
  }
  if (record.base !== plan.record.base) refuse(directory, `its base is \`${record.base}\``);
}

/** Requires that every row in the folder is still part of the study, unchanged. */
function refuseOtherRows(directory: string, { record }: StudyFolder, { rows }: StudyPlan): void {
  for (const before of record.rows) {
    const now = rows.find(({ row }) => row.name === before.name);
    if (now === undefined) refuse(directory, `its row \`${before.name}\` is no longer in the spec`);
    if (now.row.graph !== before.graph || now.row.folder !== before.folder)
      refuse(directory, `\`${before.name}\` is now a different network`);
  }
}
