/** Access to files: the command line uses the disk, tests and editors use their own maps. */
export interface Host {
  /** The bytes of a file, or undefined if it cannot be read. */
  readFile(path: string): Uint8Array | undefined;
  /**
   * The path that `use "to"` in the file `from` refers to; different spellings of one file must return the same path.
   */
  resolve(from: string, to: string): string;
  /** The names of the files in the same folder, if files can be listed: candidates for suggestions. */
  namesBeside?(path: string): readonly string[];
}
