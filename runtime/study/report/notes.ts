import type { ReportRow } from './report.js';

/** How many of its notes a table has below it: none, those that readers need most, or all. */
export type NotesChoice = 'none' | 'short' | 'full';

/** A note or caution about rows of the table, as a footnote: rows with the same note share its letter. */
export interface RowNote {
  /** `a` to `z`, then `aa` and on. */
  readonly mark: string;
  readonly text: string;
  /** Whether it casts doubt on the rows' values, rather than describing their networks. */
  readonly isCaution: boolean;
  /** Names of the rows concerned, in the table's order. */
  readonly variants: readonly string[];
}

/** 0 as `a`, 25 as `z`, 26 as `aa`. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}

/** The footnotes of a table: the cautions in the order of its rows, then the other notes. */
export function rowNotes(rows: readonly ReportRow[]): readonly RowNote[] {
  const found = new Map<string, Omit<RowNote, 'mark'>>();
  const collect = (variant: string, texts: readonly string[], isCaution: boolean): void => {
    for (const text of new Set(texts)) {
      const key = `${isCaution} ${text}`;
      found.set(key, { text, isCaution, variants: [...(found.get(key)?.variants ?? []), variant] });
    }
  };
  for (const { variant, cautions } of rows) collect(variant, cautions, true);
  for (const { variant, notes } of rows) collect(variant, notes, false);
  return [...found.values()].map((note, index) => ({ mark: letters(index), ...note }));
}

/** The footnotes that a row refers to. */
export function notesOfRow(notes: readonly RowNote[], { variant }: Pick<ReportRow, 'variant'>): readonly RowNote[] {
  return notes.filter(({ variants }) => variants.includes(variant));
}
