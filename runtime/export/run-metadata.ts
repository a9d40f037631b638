import { z } from 'zod';
import { cautionSchema, type Caution } from '../data/cautions/caution.js';
import { imageDataset } from '../data/image-dataset.js';
import { matchInputs } from '../data/match.js';
import {
  trainedIdentifiersSchema,
  trainingDataSchema,
  type TrainedIdentifiers,
  type TrainingData,
} from '../data/training-data.js';
import type { ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import type { Protocol } from '../../contract/protocol.js';
import { parseProtocol } from '../protocol/protocol-schema.js';
import { assumedData } from '../run/assumptions.js';
import type { Run } from '../run/run-folder.js';

/** Version of the metadata format, under `unet_format`. */
const metadataFormat = '2';

/** Metadata about the run in exported weights. */
export interface RunMetadata {
  readonly protocol: Protocol;
  readonly data: TrainingData | null;
  readonly identifiers: TrainedIdentifiers;
  readonly cautions: readonly Caution[];
}

/** For each image input, the channels of a file to use, in order; for each output, the label value of each class. */
function mappingOf({ info }: Run, description: ModelDescription): object {
  const { images, values } = matchInputs(imageDataset(['.'], info.data ?? assumedData(description)), description);
  const outputs = description.outputs.filter(({ kind }) => kind === 'classes');
  return {
    images: Object.fromEntries(images.map(({ input, channels }) => [input, channels])),
    values: Object.fromEntries(outputs.map(({ name, labels }) => [name, labels.map((_, index) => values[index])])),
  };
}

/**
 * Metadata that the network itself does not contain, as strings: how it was trained, on which data, how image files and
 * masks map to its channels and classes, and its source. `docs/formats.md` describes the keys. Paths are omitted.
 */
export function runMetadata(run: Run, description: ModelDescription): Record<string, string> {
  const { info, protocol, files } = run;
  return {
    unet_format: metadataFormat,
    protocol: JSON.stringify(protocol),
    data: JSON.stringify(info.data && { ...info.data, directory: null }),
    identifiers: JSON.stringify(info.identifiers),
    mapping: JSON.stringify(mappingOf(run, description)),
    cautions: JSON.stringify(info.cautions),
    spec: files['spec.unet'],
    spec_sha256: info.checksums['spec.unet'],
  };
}

function parsePart<T>(schema: z.ZodType<T>, metadata: Readonly<Record<string, string>>, key: string, file: string): T {
  try {
    return schema.parse(JSON.parse(metadata[key] ?? ''));
  } catch {
    throw new UserError(
      'UNET6086',
      `The metadata of \`${file}\` is damaged: \`${key}\` is missing or invalid.`,
      'Export the weights again.',
    );
  }
}

/**
 * Reads metadata written by `runMetadata`.
 * @param file named in messages
 * @returns undefined for other metadata
 * @throws UserError UNET6086 for metadata of another version, or damaged
 */
export function readRunMetadata(metadata: Readonly<Record<string, string>>, file: string): RunMetadata | undefined {
  const version = metadata['unet_format'];
  if (version === undefined && metadata['spec_sha256'] === undefined) return undefined;
  if (version !== metadataFormat) {
    throw new UserError(
      'UNET6086',
      `\`${file}\` was exported with metadata of format ${version ?? '1'}, but this version of unet-lang reads format ${metadataFormat}.`,
      'Export the weights again with this version.',
    );
  }
  return {
    protocol: parseProtocol(parsePart(z.unknown(), metadata, 'protocol', file), file),
    data: parsePart(trainingDataSchema.nullable(), metadata, 'data', file),
    identifiers: parsePart(trainedIdentifiersSchema, metadata, 'identifiers', file),
    cautions: parsePart(z.array(cautionSchema), metadata, 'cautions', file),
  };
}
