import { UserError } from '../../runtime/errors.js';
import {
  isStudy,
  openStudy,
  protocolText,
  rowChecksums,
  writeStudy,
  type StudyFolder,
} from '../../runtime/study/study-folder.js';
import { differences } from '../../runtime/study/differences.js';
import type { StudyPlan } from './plan-study.js';

/**
 * The folder of a planned study: made, or opened where it holds this very study, with rows that are new added to it.
 * @throws UserError UNET6115 where it holds a study of another protocol, or another network under a row's name
 */
export async function makeStudy(directory: string, plan: StudyPlan): Promise<StudyFolder> {
  if (!(await isStudy(directory))) return writeStudy(directory, plan.record, plan.protocol, plan.rows);
  const known = await openStudy(directory);
  refuseOtherProtocol(directory, known, plan);
  refuseOtherRows(directory, known, plan);
  return writeStudy(directory, plan.record, plan.protocol, plan.rows);
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
    const same = rowChecksums(now.texts)['model.js'] === before.checksums['model.js'];
    if (!same || now.row.folder !== before.folder) refuse(directory, `\`${before.name}\` is another network now`);
  }
}
