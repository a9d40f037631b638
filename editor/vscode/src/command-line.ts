import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A program and its first arguments. */
export interface CommandLine {
  readonly command: string;
  readonly arguments: readonly string[];
}

/**
 * Returns the `unet` command to run: that of the setting, else the package that is installed in (or is) one of the
 * opened folders, else `unet` on the path. Editor and command line therefore always use the same version.
 */
export function findCommandLine(setting: readonly string[], folders: readonly string[]): CommandLine {
  const [command, ...rest] = setting;
  if (command !== undefined && command !== '') return { command, arguments: rest };
  for (const folder of folders) {
    for (const root of [join(folder, 'node_modules', 'unet-lang'), folder]) {
      const main = join(root, 'dist', 'cli', 'main.js');
      if (existsSync(main) && existsSync(join(root, 'specs', 'lib'))) return { command: 'node', arguments: [main] };
    }
  }
  return { command: 'unet', arguments: [] };
}

/** Runs the command and returns its output; throws its error message if it fails. */
export function runCommandLine(
  line: CommandLine,
  given: readonly string[],
  folder: string | undefined,
): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 2 ** 26 };
  return new Promise((resolve, reject) => {
    execFile(line.command, [...line.arguments, ...given], options, (error, stdout, stderr) => {
      if (error === null || stdout !== '') resolve(stdout);
      else reject(new Error(stderr.trim() === '' ? error.message : stderr.trim()));
    });
  });
}
