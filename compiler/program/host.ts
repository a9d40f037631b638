/** How the compiler reaches files: the command line gives the disk, tests and editors give maps of their own. */
export interface Host {
  /** The bytes of a file, or undefined where there is none that can be read. */
  readFile(path: string): Uint8Array | undefined;
  /** The path that `use "to"` in the file `from` means; two spellings of one file must give one path. */
  resolve(from: string, to: string): string;
  /** The names of the files in the folder that a path lies in, where files can be listed: what it may have been meant to be. */
  namesBeside?(path: string): readonly string[];
}
