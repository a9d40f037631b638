import path from 'node:path';
import { z } from 'zod';
import { textDigest } from '../data/file-digest.js';
import type { ReportProtocol } from '../../contract/protocol.js';
import { UserError } from '../errors/user-error.js';
import { readIfPresent } from '../files/file-error.js';
import { makeFolder } from '../files/make-folder.js';
import { checkJson, parseJson, type ProblemError } from '../files/read-json.js';
import { writeFileAtomic } from '../files/atomic-file.js';
import { DEFAULT_REPORT } from '../metrics/measures.js';
import {
  PROTOCOL_FORMAT,
  STUDY_FORMAT,
  studyProtocolSchema,
  studyRecordSchema,
  type StudyProtocol,
  type StudyRecord,
  type StudyRow,
} from './study-record.js';

/** A study's folder with its contents, read and compared with its checksums. */
export interface StudyFolder {
  /** Absolute. */
  readonly directory: string;
  readonly record: StudyRecord;
  readonly protocol: StudyProtocol;
}

/** The source files of a row's runs. */
export interface RowTexts {
  readonly spec: string;
  readonly moduleTs: string;
}

/** A row with its source files, for a new study. */
export interface NewRow {
  readonly row: Omit<StudyRow, 'checksums'>;
  readonly texts: RowTexts;
}

const rowFiles = { spec: 'spec.unet', moduleTs: 'model.ts' } as const;

/** The paths in a study's folder. */
export function studyPaths(directory: string) {
  return {
    record: path.join(directory, 'study.json'),
    protocol: path.join(directory, 'protocol.json'),
    variants: path.join(directory, 'variants'),
    runs: path.join(directory, 'runs'),
    reportJson: path.join(directory, 'report.json'),
    reportHtml: path.join(directory, 'report.html'),
  };
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** `study.json`: a record and the SHA-256 of its JSON, which reveals manual changes. */
const sealedRecordSchema = studyRecordSchema.extend({ checksum: z.string() });

function recordChecksum(record: StudyRecord): string {
  return textDigest(asJson(studyRecordSchema.parse(record)));
}

/** The content of `protocol.json`, whose SHA-256 is the digest of a study's protocol; without the reported measures. */
export function protocolText(protocol: StudyProtocol): string {
  return asJson(studyProtocolSchema.parse(withReport(protocol, DEFAULT_REPORT)));
}

function withReport(protocol: StudyProtocol, report: ReportProtocol): StudyProtocol {
  return { ...protocol, protocol: { ...protocol.protocol, report } };
}

function rowChecksums(texts: RowTexts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(rowFiles).map(([key, file]) => [file, textDigest(texts[key as keyof RowTexts])]),
  );
}

/**
 * Writes a study's folder, or adds rows to a study with the same protocol; `study.json` last, so that a folder with one
 * is complete.
 * @throws UserError UNET6058 for lack of space or permission
 */
export async function writeStudy(
  directory: string,
  record: Omit<StudyRecord, 'rows' | 'digest' | 'format'>,
  protocol: StudyProtocol,
  rows: readonly NewRow[],
): Promise<StudyFolder> {
  const absolute = path.resolve(directory);
  const paths = studyPaths(absolute);
  const text = protocolText(protocol);
  for (const { row, texts } of rows) await writeRow(path.join(paths.variants, row.folder), texts);
  await writeFileAtomic(paths.protocol, text);
  const whole: StudyRecord = {
    format: STUDY_FORMAT,
    ...record,
    digest: textDigest(text),
    rows: rows.map(({ row, texts }) => ({ ...row, checksums: rowChecksums(texts) })),
  };
  await writeFileAtomic(paths.record, asJson(sealedRecordSchema.parse({ ...whole, checksum: recordChecksum(whole) })));
  // As every later run reads it: with fields in the order of the file.
  return openStudy(absolute);
}

async function writeRow(folder: string, texts: RowTexts): Promise<void> {
  await makeFolder(folder);
  for (const [key, file] of Object.entries(rowFiles)) {
    await writeFileAtomic(path.join(folder, file), texts[key as keyof RowTexts]);
  }
}

/** Whether a folder holds a study. */
export async function isStudy(directory: string): Promise<boolean> {
  return (await readIfPresent(studyPaths(directory).record)) !== undefined;
}

/**
 * Opens a study.
 * @throws UserError UNET6110 (not a study), UNET6111 (a file was changed), UNET6142 (another format)
 */
export async function openStudy(directory: string): Promise<StudyFolder> {
  const absolute = path.resolve(directory);
  const paths = studyPaths(absolute);
  const text = await readIfPresent(paths.record);
  if (text === undefined) {
    throw new UserError(
      'UNET6110',
      `\`${directory}\` is not a study: it has no \`study.json\`.`,
      'Use a folder that `unet study run` or `unet ablate` wrote.',
    );
  }
  const { checksum, ...record } = parse(sealedRecordSchema, STUDY_FORMAT, text, paths.record);
  if (checksum !== recordChecksum(record)) throw changed(paths.record);
  const protocolJson = await readSealed(paths.protocol, record.digest);
  return {
    directory: absolute,
    record,
    protocol: withReport(parse(studyProtocolSchema, PROTOCOL_FORMAT, protocolJson, paths.protocol), record.report),
  };
}

/**
 * The source files of a row.
 * @throws UserError UNET6111 if one was changed
 */
export async function readRow({ directory }: StudyFolder, row: StudyRow): Promise<RowTexts> {
  const folder = path.join(studyPaths(directory).variants, row.folder);
  const read = (file: string): Promise<string> => readSealed(path.join(folder, file), row.checksums[file]);
  return {
    spec: await read(rowFiles.spec),
    moduleTs: await read(rowFiles.moduleTs),
  };
}

/** An existing row by its name. */
export function rowNamed({ record }: Pick<StudyFolder, 'record'>, name: string): StudyRow {
  const row = record.rows.find((each) => each.name === name);
  if (row === undefined) throw new RangeError(`no row ${name}`);
  return row;
}

async function readSealed(file: string, checksum: string | undefined): Promise<string> {
  const text = await readIfPresent(file);
  if (text !== undefined && textDigest(text) === checksum) return text;
  throw changed(file, text === undefined);
}

function changed(file: string, missing = false): UserError {
  return new UserError(
    'UNET6111',
    `\`${file}\` ${missing ? 'is missing' : 'was changed'} since the study was created.`,
    'Restore it, or run the changed study in another folder.',
  );
}

function parse<T>(schema: z.ZodType<T>, format: number, text: string, file: string): T {
  const errorOf: ProblemError = ({ fault, help }) =>
    new UserError('UNET6111', `\`${file}\` ${fault}.`, help ?? 'Restore it, or run the study in another folder.');
  const json = parseJson(text, errorOf);
  refuseOtherFormat(json, format, file);
  return checkJson(schema, json, errorOf);
}

/** @throws UserError UNET6142 for a file written by another version of unet */
function refuseOtherFormat(json: unknown, format: number, file: string): void {
  const found = z.object({ format: z.int() }).safeParse(json).data?.format;
  if (found === undefined || found === format) return;
  throw new UserError(
    'UNET6142',
    `\`${file}\` has format ${found}, but this version of unet reads format ${format}.`,
    'Use the version of unet that wrote the study, or run the study again in another folder.',
  );
}
