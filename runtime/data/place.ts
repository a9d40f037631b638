import { UserError } from '../errors/user-error.js';
import { isMissing, readReason, systemCode } from '../files/file-error.js';

export { systemCode };

/** A data file, and its case if it belongs to one: named in every data error. */
export interface Place {
  readonly file: string;
  readonly caseId?: string;
}

/** The subject of a message: ``Case `BRATS_001`: `imagesTr/BRATS_001.nii.gz` `` or the file alone. */
export function at(place: Place): string {
  return place.caseId === undefined ? `\`${place.file}\`` : `Case \`${place.caseId}\`: \`${place.file}\``;
}

/** A `UserError` whose message starts with the place, followed by `fault` ("is truncated"). */
export function errorAt(place: Place, code: string, fault: string, help?: string): UserError {
  return new UserError(code, `${at(place)} ${fault}.`, help);
}

/** The user error for a file that could not be opened or read. */
export function cannotRead(place: Place, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const code = systemCode(error);
  if (isMissing(error)) {
    return errorAt(place, 'UNET6003', 'is missing', 'Restore the file, or remove the case from the data set.');
  }
  if (code === 'EISDIR') return errorAt(place, 'UNET6003', 'is a folder, not a file');
  return errorAt(place, 'UNET6003', `cannot be read: ${readReason(error)}`, 'Check the permissions and the disk.');
}

/** The user error for a file that could not be written: full disk, permissions, a missing folder. */
export function cannotWrite(file: string, error: unknown): UserError {
  const isFull = systemCode(error) === 'ENOSPC';
  const refusal = isMissing(error) ? 'its folder does not exist' : readReason(error);
  const reason = isFull ? 'the disk is full' : refusal;
  return new UserError(
    'UNET6020',
    `\`${file}\` cannot be written: ${reason}.`,
    isFull ? 'Free some space, or write to another disk.' : 'Check the folder and its permissions.',
  );
}
