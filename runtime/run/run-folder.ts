import { runPaths } from '../training/run-paths.js';
import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Caution } from '../data/cautions/cautions.js';
import { textDigest } from '../data/file-digest.js';
import type { Split } from '../data/types.js';
import { UserError } from '../errors/user-error.js';
import { isPresent, readIfPresent } from '../files/file-error.js';
import { createFolders, makeFolder, removeEmptyFolders } from '../files/make-folder.js';
import type { Protocol } from '../../contract/protocol.js';
import { parseProtocol } from '../protocol/protocol-schema.js';
import { readJson } from '../files/read-json.js';
import { asWriteError, writeFileAtomic } from '../files/atomic-file.js';
import { isLockFile, lockRun, type RunLock } from './lock.js';
import {
  currentVersions,
  parseRunInfo,
  runFormat,
  sealInfo,
  sealedFiles,
  type RunInfo,
  type RunStatus,
  type SealedFile,
} from './run-info.js';

/** A run folder, with its files verified and read. */
export interface Run {
  /** Absolute. */
  readonly directory: string;
  readonly info: RunInfo;
  /** The contents of the sealed files. */
  readonly files: Readonly<Record<SealedFile, string>>;
  readonly protocol: Protocol;
  readonly split: Split;
  /**
   * Whether the split's `validation` contains a study's test cases: they are scored during training, but nothing is
   * selected by them.
   */
  readonly watchesTest?: boolean;
}

/** The contents of a new run; strings are written as they are. */
export interface RunContents {
  readonly info: Omit<RunInfo, 'format' | 'status' | 'versions' | 'checksums'>;
  /** The resolved spec: all declarations it uses, in one source text. */
  readonly spec: string;
  /** The generated module as TypeScript, for people to read. It is never executed. */
  readonly moduleTs: string;
  readonly protocol: Protocol;
  readonly split: Split;
}

const splitSchema = z.strictObject({ train: z.array(z.string()), validation: z.array(z.string()) });

/**
 * The checkpoint that the protocol selects: the last one, or the best by validation.
 * @throws UserError UNET6064 if the run has none yet
 */
export function selectedCheckpoint(run: Run): string {
  const { last, best } = runPaths(run.directory);
  if (run.protocol.select.kind === 'best' && isPresent(best)) return best;
  if (isPresent(last)) return last;
  throw new UserError(
    'UNET6064',
    `The run \`${run.directory}\` has no checkpoint yet.`,
    'Train it first (`unet train ... --resume`), or import weights into a run.',
  );
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function writeInfo(directory: string, info: RunInfo): Promise<void> {
  await writeFileAtomic(path.join(directory, 'run.json'), asJson(sealInfo(info)));
}

/**
 * Whether nothing would be lost: the folder is missing, empty, or contains only what an interrupted `createRun` wrote,
 * as its lock proves. A study's job already has its log there.
 */
async function isFree(directory: string): Promise<boolean> {
  const entries = await readdir(directory).catch(() => []);
  const others = entries.filter((entry) => entry !== 'log.txt' && !entry.endsWith('.tmp'));
  if (others.length === 0) return true;
  const ours = new Set<string>([...sealedFiles, 'checkpoints', 'run.lock']);
  return others.every((entry) => ours.has(entry)) && (await isLockFile(directory));
}

async function createRunFolder(directory: string): Promise<readonly string[]> {
  try {
    return await createFolders(directory);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOTDIR')) {
      throw notFree(directory);
    }
    throw asWriteError(error, directory);
  }
}

function notFree(directory: string): UserError {
  return new UserError(
    'UNET6054',
    `\`${directory}\` already exists and is not empty.`,
    'Choose a new or empty folder, or resume an existing run with `unet train --resume`.',
  );
}

/**
 * Creates a run folder, `run.json` last, so that a folder with one is complete.
 * @returns the run, and its lock, which the caller releases
 * @throws UserError UNET6054 for a folder that is not empty, UNET6057 if another process is creating it, UNET6058 for
 * lack of space or permission
 */
export async function createRun(directory: string, contents: RunContents): Promise<{ run: Run; lock: RunLock }> {
  const absolute = path.resolve(directory);
  if (!(await isFree(absolute))) throw notFree(directory);
  const created = await createRunFolder(absolute);
  let lock: RunLock | undefined;
  try {
    lock = await lockRun(absolute);
    await makeFolder(runPaths(absolute).checkpoints);
    const files = {
      'spec.unet': contents.spec,
      'model.ts': contents.moduleTs,
      'protocol.json': asJson(contents.protocol),
      'split.json': asJson(contents.split),
    };
    for (const name of sealedFiles) await writeFileAtomic(path.join(absolute, name), files[name]);
    const checksums = Object.fromEntries(
      sealedFiles.map((name) => [name, textDigest(files[name])]),
    ) as RunInfo['checksums'];
    const info: RunInfo = {
      format: runFormat,
      status: 'created',
      ...contents.info,
      versions: currentVersions(),
      checksums,
    };
    await writeInfo(absolute, info);
    return { run: { directory: absolute, info, files, protocol: contents.protocol, split: contents.split }, lock };
  } catch (error) {
    if (lock !== undefined) await removeUnfinished(absolute);
    lock?.release();
    await removeEmptyFolders(created);
    throw error;
  }
}

/** Removes what `createRun` wrote before it failed. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const name of sealedFiles) await rm(path.join(directory, name), { force: true });
  await rmdir(runPaths(directory).checkpoints).catch(() => undefined);
}

async function readInfo(directory: string): Promise<RunInfo> {
  const file = path.join(directory, 'run.json');
  const text = await readIfPresent(file);
  if (text !== undefined) return parseRunInfo(text, file);
  throw new UserError(
    'UNET6055',
    `\`${directory}\` is not a run: it has no \`run.json\`.`,
    'Use a folder that `unet train` or `unet import` wrote.',
  );
}

async function readSealed(directory: string, name: SealedFile, checksum: string): Promise<string> {
  const file = path.join(directory, name);
  const text = await readIfPresent(file);
  if (text !== undefined && textDigest(text) === checksum) return text;
  throw new UserError(
    'UNET6056',
    `\`${file}\` ${text === undefined ? 'is missing' : 'was changed'} since the run was created.`,
    'Restore it, or start a new run with the changed spec or protocol.',
  );
}

function parseSplit(text: string, file: string): Split {
  return readJson(splitSchema, text, ({ fault, help }) => {
    return new UserError('UNET6055', `\`${file}\` ${fault}.`, help ?? 'Restore the file from a copy.');
  });
}

/**
 * Opens a run for reading; every sealed file is read and compared with its checksum.
 * @throws UserError UNET6055 (not a run), UNET6060 (another format), UNET6056 (a file was changed)
 */
export async function openRun(directory: string): Promise<Run> {
  const absolute = path.resolve(directory);
  const info = await readInfo(absolute);
  const entries: [SealedFile, string][] = [];
  for (const name of sealedFiles) entries.push([name, await readSealed(absolute, name, info.checksums[name])]);
  const files = Object.fromEntries(entries) as Record<SealedFile, string>;
  const protocol = parseProtocol(files['protocol.json'], path.join(absolute, 'protocol.json'));
  return {
    directory: absolute,
    info,
    files,
    protocol,
    split: parseSplit(files['split.json'], path.join(absolute, 'split.json')),
  };
}

async function changeInfo(run: Run, changes: Partial<Pick<RunInfo, 'status' | 'cautions'>>): Promise<Run> {
  const info = { ...run.info, ...changes };
  await writeInfo(run.directory, info);
  return { ...run, info };
}

/** Writes a run's new status; the caller holds its lock. */
export async function setStatus(run: Run, status: RunStatus): Promise<Run> {
  return changeInfo(run, { status });
}

/** Adds cautions to a run, each once; the caller holds its lock. */
export async function addCautions(run: Run, cautions: readonly Caution[]): Promise<Run> {
  const known = run.info.cautions;
  const added = cautions.filter((caution) => !known.some((each) => isDeepStrictEqual(each, caution)));
  return added.length === 0 ? run : changeInfo(run, { cautions: [...known, ...added] });
}
