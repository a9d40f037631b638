import type { StudyEvidence, StudyJob } from '../evidence.js';
import { spreadCautions, type SpreadCaution } from '../spread-cautions.js';
import { counted } from '../../../text/count.js';
import type { TableRow } from './table.js';

/** Cautions about the data of the study's finished jobs. */
export function dataCautions({ runs }: StudyEvidence): readonly SpreadCaution[] {
  return spreadCautions(runs.map(({ variant, fold, outcome }) => ({ variant, fold, cautions: outcome.cautions })));
}

function divergedText(diverged: readonly StudyJob[], all: number): string {
  const places = diverged.map(({ seed, fold }) => `seed ${seed}, fold ${fold}`).join('; ');
  return `${diverged.length} of ${counted(all, 'job')} diverged (${places}): the loss or the gradients were not finite, so these jobs have no scores.`;
}

/** Doubts about the values of a row that do not concern the whole study. */
export function rowCautions(
  { row, jobs }: TableRow,
  { diverged }: StudyEvidence,
  found: readonly SpreadCaution[],
): string[] {
  const own = diverged.filter(({ variant }) => variant === row.name);
  return [
    ...(own.length === 0 ? [] : [divergedText(own, jobs.length)]),
    ...found.filter(({ isGeneral, variants }) => !isGeneral && variants.includes(row.name)).map(({ text }) => text),
  ];
}
