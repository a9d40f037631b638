import type { UserError } from '../../errors/user-error.js';
import type { Dataset, LayoutName } from '../types.js';

/** A path that may hold a data set. */
export interface DataPlace {
  /** Absolute path of the folder, or of a CSV of paths. */
  readonly path: string;
  readonly isFile: boolean;
  /** The names in the folder, sorted; empty for a file. */
  readonly entries: readonly string[];
}

/** What a layout finds in a folder. */
export type Listing = Omit<Dataset, 'layout' | 'alsoMatches'>;

/** Receives an entry that had to be omitted, or throws it. */
export type OnProblem = (problem: UserError) => void;

/** An adapter from one way to store data sets to `Dataset`. Image files are not opened. */
export interface Layout {
  readonly name: LayoutName;
  /** The name of the layout in messages. */
  readonly title: string;
  /** What a folder in this layout contains, as a noun phrase. */
  readonly signs: string;
  /** Whether a path looks like this layout. */
  matches(place: DataPlace): Promise<boolean>;
  /** @throws UserError for a description that cannot be used; entries that cannot go to `onProblem` */
  open(place: DataPlace, onProblem: OnProblem): Promise<Listing>;
}
