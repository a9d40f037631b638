import type { Importable } from '../../compiler/bind/importable.js';
import type { Place } from '../place.js';

/** A place where something is completed. */
export interface Site extends Place {
  /** What the file could import. */
  readonly importable: () => readonly Importable[];
}
