import { UserError } from '../../runtime/errors/user-error.js';
import { isStudy, openStudy } from '../../runtime/study/study-folder.js';
import { colours } from '../colours.js';
import { lintTraining, type RowLint } from './lint-study.js';
import type { StudyPlan } from './plan-study.js';
import { tell } from '../terminal.js';

/** The findings of both kinds of checks by row. */
export function mergeLints(first: readonly RowLint[], second: readonly RowLint[]): readonly RowLint[] {
  return first.map(({ name, refusals, notes }) => {
    const more = second.find((each) => each.name === name);
    return {
      name,
      refusals: [...new Set([...refusals, ...(more?.refusals ?? [])])],
      notes: [...new Set([...notes, ...(more?.notes ?? [])])],
    };
  });
}

/** Prints the findings for a row, errors first. */
export function lintLines({ name, refusals, notes }: RowLint): string[] {
  return [
    ...refusals.map((text) => `${colours.red('rejected')} ${name}: ${text}`),
    ...notes.map((text) => `${colours.yellow('note')}     ${name}: ${text}`),
  ];
}

/**
 * Checks every network that is not yet in the study folder, before training starts.
 * @returns the plan with the notes of all rows: of new ones as found, of others as `study.json` has them
 * @throws UserError UNET6117 for a row that would be misleading
 */
export async function checkNewRows(directory: string, plan: StudyPlan): Promise<StudyPlan> {
  const before = (await isStudy(directory)) ? (await openStudy(directory)).record.rows : [];
  const notesBefore = new Map(before.map(({ name, notes }) => [name, notes]));
  const fresh = plan.rows.filter(({ row }) => !notesBefore.has(row.name));
  const found = await lintTraining(plan.compiled.study, fresh);
  const lints = mergeLints(
    plan.lints.filter(({ name }) => !notesBefore.has(name)),
    found,
  );
  for (const lint of lints) for (const line of lintLines(lint)) tell(`${line}\n`);
  const refused = lints.find(({ refusals }) => refusals.length > 0);
  if (refused !== undefined) {
    throw new UserError(
      'UNET6117',
      `\`${refused.name}\` would mislead readers of the table. ${refused.refusals[0]}`,
      'Change the spec or remove the row; nothing was trained.',
    );
  }
  const notesNow = new Map(lints.map(({ name, notes }) => [name, notes]));
  const rows = plan.rows.map(({ row, ...rest }) => ({
    ...rest,
    row: { ...row, notes: [...(notesBefore.get(row.name) ?? notesNow.get(row.name) ?? [])] },
  }));
  return { ...plan, rows };
}
