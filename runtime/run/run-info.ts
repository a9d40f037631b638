import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { cautionSchema } from '../data/cautions/caution.js';
import { trainedIdentifiersSchema, trainingDataSchema } from '../data/training-data.js';
import { textDigest } from '../data/file-digest.js';
import { UserError } from '../errors/user-error.js';
import { checkJson, parseJson, type ProblemError } from '../files/read-json.js';

/** Files of a run whose SHA-256 `run.json` contains. */
export const sealedFiles = ['spec.unet', 'model.ts', 'protocol.json', 'split.json'] as const;
export type SealedFile = (typeof sealedFiles)[number];

/** Version of the run folder's format, stored in `run.json`. */
export const runFormat = 3;

const infoSchema = z.strictObject({
  format: z.literal(runFormat),
  /** `diverged`: the training stopped because its loss or gradient was not finite. */
  status: z.enum(['created', 'imported', 'running', 'interrupted', 'diverged', 'done']),
  model: z.string(),
  /** The spec's path as the user gave it; informational only. */
  spec: z.string(),
  knobs: z.array(z.strictObject({ name: z.string(), value: z.string(), changed: z.boolean() })),
  /** SHA-256 of the network's graph, which the sealed spec must compile to. */
  graph: z.string(),
  seed: z.int(),
  fold: z.int().nonnegative().nullable(),
  /** Spatial sizes of a training patch. */
  patch: z.array(z.int().positive()).nullable(),
  engine: z.string(),
  /** The data that the network was trained on; null for an imported run whose weights do not record it. */
  data: trainingDataSchema.nullable(),
  /** The sources of identifiers, and which of their values are trained. */
  identifiers: trainedIdentifiersSchema,
  /** Reasons why the run's results may mislead, found before and during training or on import. */
  cautions: z.array(cautionSchema),
  versions: z.strictObject({ node: z.string(), tfjs: z.string(), 'unet-lang': z.string() }),
  checksums: z.record(z.enum(sealedFiles), z.string()),
});

/** `run.json` as it is written: with a checksum of all other fields. */
const sealedInfoSchema = infoSchema.extend({ checksum: z.string() });

/** The contents of `run.json`. */
export type RunInfo = z.infer<typeof infoSchema>;
export type RunStatus = RunInfo['status'];

/** The version in the package.json of this installation, above the sources or above `dist`. */
function ownVersion(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      const parsed = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as Record<string, unknown>;
      if (parsed['name'] === 'unet-lang' && typeof parsed['version'] === 'string') return parsed['version'];
    } catch {
      // No package.json here: continue with the parent folder.
    }
    const parent = path.dirname(directory);
    if (parent === directory) return 'unknown';
    directory = parent;
  }
}

/** The version of TensorFlow.js, from its package.json: loading the library takes longer than reading a run. */
function tfjsVersion(): string {
  return (createRequire(import.meta.url)('@tensorflow/tfjs/package.json') as { version: string }).version;
}

/** The versions a run was made with. */
export function currentVersions(): RunInfo['versions'] {
  return { node: process.versions.node, tfjs: tfjsVersion(), 'unet-lang': ownVersion() };
}

/** SHA-256 of the compact JSON of everything in `run.json` except the checksum, in the order of the schema. */
function infoChecksum(info: RunInfo): string {
  return textDigest(JSON.stringify(infoSchema.parse(info)));
}

/** The content of the file `run.json`. */
export function sealInfo(info: RunInfo): z.infer<typeof sealedInfoSchema> {
  return { ...info, checksum: infoChecksum(info) };
}

/**
 * Parses a `run.json`.
 * @throws UserError UNET6060 for another format version, UNET6056 if it does not match its checksum, UNET6055 for
 * anything else
 */
export function parseRunInfo(text: string, file: string): RunInfo {
  const errorOf: ProblemError = ({ fault, help }) =>
    new UserError(
      'UNET6055',
      `\`${file}\` ${fault}.`,
      help ?? 'Use a folder that `unet train` or `unet import` wrote, or restore the file.',
    );
  const json = parseJson(text, errorOf);
  const version = z.object({ format: z.int() }).safeParse(json);
  if (version.success && version.data.format !== runFormat) {
    throw new UserError(
      'UNET6060',
      `\`${file}\` has format ${version.data.format}, but this version of unet-lang reads format ${runFormat}.`,
      'Use the version of unet-lang that wrote the run (see `versions` in the file).',
    );
  }
  const { checksum, ...info } = checkJson(sealedInfoSchema, json, errorOf);
  if (checksum === infoChecksum(info)) return info;
  throw new UserError(
    'UNET6056',
    `\`${file}\` was changed or damaged: it does not match its checksum.`,
    'Restore the file from a copy, or start the run again in another folder.',
  );
}
