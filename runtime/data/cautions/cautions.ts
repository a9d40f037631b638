import type { Caution } from './caution.js';
import { geometryCautions } from './geometry-cautions.js';
import { fileCautions } from './file-cautions.js';
import { identifierCautions } from './identifier-cautions.js';
import { originCautions } from './origin-cautions.js';
import { overlapCautions } from './overlap-cautions.js';
import type { CautionSubject } from './subject.js';
import { voxelCautions } from './voxel-cautions.js';

export { warning, withAllowances, type Allowance, type Caution } from './caution.js';
export type { CautionSubject } from './subject.js';
export { voxelCautions } from './voxel-cautions.js';

/**
 * All cautions that follow from headers, digests and tables: reasons why the results of a network, trained on one set
 * of data and applied to another, may mislead.
 * @throws UserError for a label file that cannot be read
 */
export async function headerCautions(subject: CautionSubject): Promise<Caution[]> {
  return [
    ...(await overlapCautions(subject)),
    ...originCautions(subject),
    ...fileCautions(subject),
    ...geometryCautions(subject),
    ...identifierCautions(subject),
  ];
}

/** The same, plus cautions from the voxels of cases that have been decoded before (`readCaseFacts` finds them). */
export async function allCautions(subject: CautionSubject): Promise<Caution[]> {
  return [...(await headerCautions(subject)), ...voxelCautions(subject)];
}
