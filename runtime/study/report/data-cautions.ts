import type { StudyEvidence, StudyJob } from '../evidence.js';
import { spreadCautions, type SpreadCaution } from '../spread-cautions.js';
import { counted } from '../../../text/count.js';
import { NOTHING_LEARNED, runsWithoutLearning, type TableRow } from './table.js';

/** Cautions about the data of the study's finished jobs. */
export function dataCautions({ runs }: StudyEvidence): readonly SpreadCaution[] {
  return spreadCautions(runs.map(({ variant, fold, outcome }) => ({ variant, fold, cautions: outcome.cautions })));
}

function divergedText(diverged: readonly StudyJob[], all: number): string {
  const places = diverged.map(({ seed, fold }) => `seed ${seed}, fold ${fold}`).join('; ');
  return `${diverged.length} of ${counted(all, 'job')} diverged (${places}): the loss or the gradients were not finite, so these jobs have no scores.`;
}

/** Runs that learned nothing are named, so that they can be looked at. */
function withoutLearning(row: TableRow): string[] {
  const stuck = runsWithoutLearning(row);
  if (stuck.length === 0) return [];
  const places = stuck.map(({ evidence: { seed, fold } }) => `seed ${seed}, fold ${fold}`).join('; ');
  const all = row.runs.length;
  const meaning =
    stuck.length === all
      ? 'The training collapsed or was too short, so a comparison says nothing about the architecture.'
      : 'The mean mixes failed trainings with successful ones, so a difference may reflect the failures rather than the architecture.';
  return [
    `${stuck.length === all ? 'All runs' : `${stuck.length} of ${counted(all, 'run')}`} learned nothing (mean Dice below ${NOTHING_LEARNED}: ${places}). ${meaning}`,
  ];
}

/** Doubts about the values of a row that do not concern the whole study. */
export function rowCautions(each: TableRow, { diverged }: StudyEvidence, found: readonly SpreadCaution[]): string[] {
  const { row, jobs } = each;
  const own = diverged.filter(({ variant }) => variant === row.name);
  return [
    ...(own.length === 0 ? [] : [divergedText(own, jobs.length)]),
    ...withoutLearning(each),
    ...found.filter(({ isGeneral, variants }) => !isGeneral && variants.includes(row.name)).map(({ text }) => text),
  ];
}
