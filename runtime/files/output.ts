/**
 * Decides whether a command may write to the path it was given (docs/formats.md, "What is overwritten"). Nothing is
 * written here.
 */
import { constants, type BigIntStats } from 'node:fs';
import { access, lstat, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors/user-error.js';
import { asWriteError } from './atomic-file.js';
import { isOurs, type MarkedFormat } from './marker.js';
import { ownerOf, type Owner } from './owner.js';

/** A file that a command is about to write. */
export interface Output {
  readonly path: string;
  readonly format: MarkedFormat;
}

export interface OutputRule {
  /** Files that the command reads; those that do not exist are ignored. */
  readonly inputs: readonly string[];
  /** Whether files without our mark may be replaced. */
  readonly force?: boolean | undefined;
  /** Whether the command creates missing folders. */
  readonly createsFolders?: boolean;
}

/** The target of a path after following all links, even if its last parts do not exist yet. */
async function realPlace(place: string): Promise<string> {
  const absolute = path.resolve(place);
  const parent = path.dirname(absolute);
  return realpath(absolute).catch(async () =>
    parent === absolute ? absolute : path.join(await realPlace(parent), path.basename(absolute)),
  );
}

async function statOf(place: string): Promise<BigIntStats | undefined> {
  return stat(place, { bigint: true }).catch(() => undefined);
}

/** Whether the file system usually ignores letter case (`Mask` and `mask`). */
const ignoresCase = ['darwin', 'win32'].includes(process.platform);

function samePlace(a: string, b: string): boolean {
  return ignoresCase ? a.toLowerCase() === b.toLowerCase() : a === b;
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  if (samePlace(await realPlace(a), await realPlace(b))) return true;
  const [first, second] = [await statOf(a), await statOf(b)];
  return first !== undefined && first.ino !== 0n && first.ino === second?.ino && first.dev === second.dev;
}

async function refuseInputs(target: string, inputs: readonly string[]): Promise<void> {
  for (const input of inputs) {
    if (!(await isSameFile(target, input))) continue;
    const where = path.resolve(input) === path.resolve(target) ? '' : `, which is \`${input}\``;
    throw new UserError(
      'UNET6150',
      `The command reads \`${target}\`${where}, so it cannot write its result there.`,
      'Choose another path for the result.',
    );
  }
}

async function refuseSameFile(targets: readonly string[]): Promise<void> {
  for (const [index, target] of targets.entries()) {
    for (const other of targets.slice(0, index)) {
      if (!(await isSameFile(target, other))) continue;
      throw new UserError(
        'UNET6153',
        `The command would write two results to the same file: \`${other}\` and \`${target}\`.`,
        'Choose a different path for each result.',
      );
    }
  }
}

/**
 * Rejects a path inside a data set, run or study.
 * @param target as the user gave it, for the message
 * @throws UserError UNET6151
 */
export async function refuseOwned(
  target: string,
  place: string,
  kinds: readonly Owner['kind'][] = ['data set', 'run', 'study'],
): Promise<void> {
  const owner = await ownerOf(await realPlace(place));
  if (owner === undefined || !kinds.includes(owner.kind)) return;
  const is = (await realPlace(target)) === owner.directory ? 'is' : 'lies inside';
  throw new UserError(
    'UNET6151',
    `\`${target}\` ${is} the ${owner.kind} \`${owner.directory}\`, where no other files may be written.`,
    `Choose a path outside the ${owner.kind}.`,
  );
}

/**
 * Rejects a new folder (a run, a study, a data set) inside a data set, run or study. The command itself decides what
 * the folder may contain.
 * @throws UserError UNET6151
 */
export async function refuseOwnedFolder(folder: string): Promise<void> {
  await refuseOwned(folder, path.dirname(await realPlace(folder)));
}

async function refuseKind(target: string, format: MarkedFormat): Promise<void> {
  const found = await stat(target).catch(() => undefined);
  const wanted = format === 'tfjs' ? found?.isDirectory() : found?.isFile();
  if (wanted === true) return;
  const link = found === undefined && (await lstat(target).catch(() => undefined)) !== undefined;
  if (found === undefined && !link) return;
  const what = link ? 'a link to a file that does not exist' : found?.isDirectory() ? 'a folder' : 'not a regular file';
  const help = format === 'tfjs' ? 'Choose another folder.' : 'Choose the name of a file.';
  throw new UserError('UNET6154', `\`${target}\` is ${format === 'tfjs' ? 'not a folder' : what}.`, help);
}

async function refuseForeign({ path: target, format }: Output, force: boolean): Promise<void> {
  if (force || (await statOf(target)) === undefined || (await isOurs(target, format))) return;
  const why =
    format === 'unmarked' ? 'already exists' : 'already exists, and unet did not write it or it was changed since';
  throw new UserError('UNET6152', `\`${target}\` ${why}.`, 'Choose another path, or overwrite it with `--force`.');
}

/** Detects a missing or write-protected folder before hours of work rather than after them. */
async function requireParent(target: string): Promise<void> {
  const parent = path.dirname(await realPlace(target));
  try {
    if (!(await stat(parent)).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    await access(parent, constants.W_OK);
  } catch (error) {
    throw asWriteError(error, target);
  }
}

/**
 * Decides whether a command may write its results, before it does any work.
 * @returns the path to write for each; links are followed, so that a link stays a link
 * @throws UserError UNET6150 (the command reads the file), UNET6151 (it is inside a data set, run or study), UNET6152
 * (it exists without our mark, and `force` is not set), UNET6153 (two results have the same file), UNET6154 (not a
 * regular file), UNET6058 (the folder does not exist or is not writable)
 */
export async function prepareOutputs(outputs: readonly Output[], rule: OutputRule): Promise<readonly string[]> {
  const { inputs, force = false, createsFolders = false } = rule;
  await refuseSameFile(outputs.map((output) => output.path));
  for (const output of outputs) {
    const target = output.path;
    await refuseInputs(target, inputs);
    await refuseOwned(target, output.format === 'tfjs' ? target : path.dirname(await realPlace(target)));
    await refuseKind(target, output.format);
    if (!createsFolders) await requireParent(target);
    await refuseForeign(output, force);
  }
  return Promise.all(outputs.map((output) => realPlace(output.path)));
}
