import type { Network } from '../compiler/ir/ir.js';
import { defaultCacheDirectory } from '../runtime/data/cache.js';
import { readCaseFacts } from '../runtime/data/case-facts.js';
import type { Caution } from '../runtime/data/cautions/cautions.js';
import { openDataset } from '../runtime/data/dataset.js';
import { identifyCases, identifierInputs } from '../runtime/data/identify.js';
import { imageDataset } from '../runtime/data/image-dataset.js';
import { didYouMean, listNames } from '../runtime/data/names.js';
import { matchInputs } from '../runtime/data/match.js';
import {
  recordIdentifiers,
  recordTrainingData,
  type TrainedIdentifiers,
  type TrainingData,
} from '../runtime/data/training-data.js';
import type { ModelDescription } from '../contract/model-description.js';
import { UserError } from '../runtime/errors/user-error.js';
import { readRunMetadata, type RunMetadata } from '../runtime/export/run-metadata.js';
import type { Protocol } from '../contract/protocol.js';
import { parseProtocol } from '../runtime/protocol/protocol-schema.js';
import { assumptionCaution, assumptionsOf, type Assumptions } from '../runtime/run/assumptions.js';
import { importedProtocol } from '../runtime/run/imported-protocol.js';
import { UsageError } from './exit.js';
import { legalPatch } from './patch.js';
import { selectProtocol } from './protocol.js';
import type { CompiledSpec } from './spec.js';

/** How imported weights were trained, according to their metadata or the user, or by assumption. */
export interface ImportedOrigin {
  readonly protocol: Protocol;
  readonly patch: number[];
  readonly data: TrainingData | null;
  readonly identifiers: TrainedIdentifiers;
  readonly cautions: readonly Caution[];
  /** Null for weights with metadata. */
  readonly assumed: Assumptions | null;
}

/** The flags of `unet import` that describe weights without metadata. */
export interface OriginFlags {
  readonly weights: string;
  readonly patch?: number[];
  readonly protocol?: string;
  readonly data?: string;
  /** For each identifier, `input=value,value,...`. */
  readonly identifier?: string[];
}

/** The weights of a file, with their network. */
export interface ImportSubject {
  readonly compiled: CompiledSpec;
  readonly description: ModelDescription;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Finds out how weights were trained: from the metadata that `unet export` writes, else from flags, else by assumption.
 * @throws UserError UNET6086 (damaged metadata), UNET6087 (trained for other channels or classes)
 */
export async function importedOrigin(subject: ImportSubject, flags: OriginFlags): Promise<ImportedOrigin> {
  const recorded = readRunMetadata(subject.metadata, flags.weights);
  if (recorded === undefined) return givenOrigin(subject, flags);
  if (flags.protocol !== undefined || flags.data !== undefined || (flags.identifier ?? []).length > 0) {
    throw new UsageError(
      `--protocol, --data and --identifier cannot be given, because \`${flags.weights}\` records how its weights were trained.`,
    );
  }
  return recordedOrigin(subject, recorded, flags);
}

function withPatch(protocol: Protocol, size: number[]): Protocol {
  return { ...protocol, patch: { ...protocol.patch, size } };
}

function recordedOrigin(
  { compiled, description }: ImportSubject,
  recorded: RunMetadata,
  flags: OriginFlags,
): ImportedOrigin {
  const { protocol, data, identifiers, cautions } = recorded;
  if (data !== null) checkMatches(data, description, flags.weights);
  const patch = legalPatch(compiled, flags.patch ?? protocol.patch.size);
  const inputs = identifierInputs(description).map(({ name }) => name);
  const known = Object.entries(identifiers).filter(([input]) => inputs.includes(input));
  return {
    protocol: withPatch(protocol, patch),
    patch,
    data,
    identifiers: Object.fromEntries(known),
    cautions,
    assumed: null,
  };
}

/** Checks that channels and classes have the same names in the spec, because weights only depend on their positions. */
function checkMatches(data: TrainingData, description: ModelDescription, weights: string): void {
  try {
    matchInputs(imageDataset([weights], data), description);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      'UNET6087',
      `The weights in \`${weights}\` were trained with different channels or classes from those of \`${description.name}\`. ${error.message}`,
      'Use the spec that the weights were trained with, which the metadata contains.',
    );
  }
}

async function givenOrigin({ compiled, description }: ImportSubject, flags: OriginFlags): Promise<ImportedOrigin> {
  const written = flags.protocol === undefined ? undefined : selectProtocol(compiled.program, flags.protocol);
  const patch = legalPatch(compiled, flags.patch ?? written?.patch.size);
  const protocol =
    written === undefined
      ? importedProtocol(patch, imageAxes(compiled.network))
      : parseProtocol(withPatch(written, patch), `protocol ${written.name}`);
  const recorded =
    flags.data === undefined ? { data: null, identifiers: {} } : await recordedData(flags.data, description, protocol);
  const { data } = recorded;
  const named = namedIdentifiers(description, flags.identifier ?? []);
  const identifiers = { ...recorded.identifiers, ...named };
  const known = { protocol: written !== undefined, data: data !== null, identifiers: Object.keys(named) };
  const assumed = assumptionsOf(description, protocol, known);
  return { protocol, patch, data, identifiers, cautions: assumptionCaution(flags.weights, assumed), assumed };
}

/**
 * The names of identifier values from the command line, in the order of their indices.
 * @param given each `input=value,value,...`
 */
function namedIdentifiers(description: ModelDescription, given: readonly string[]): TrainedIdentifiers {
  const inputs = identifierInputs(description);
  const named: TrainedIdentifiers = {};
  for (const text of given) {
    const [, name = '', list = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    const names = list.split(',').map((each) => each.trim());
    const input = inputs.find((each) => each.name === name.trim());
    if (names.includes('')) throw new UsageError(`\`--identifier ${text}\` must have the form input=value,value.`);
    if (input === undefined) {
      throw new UsageError(
        `\`${description.name}\` has no identifier \`${name.trim()}\`.`,
        didYouMean(
          name,
          inputs.map((each) => each.name),
          inputs.length === 0 ? 'It has none.' : `Its identifiers are ${listNames(inputs.map((each) => each.name))}.`,
        ),
      );
    }
    if (names.length > input.count || new Set(names).size < names.length || Object.hasOwn(named, input.name)) {
      throw new UsageError(
        `\`--identifier ${text}\` must list at most ${input.count} different values, once for each identifier.`,
      );
    }
    named[input.name] = { source: 'column', names, trained: names.map((_, index) => index) };
  }
  return named;
}

/** Describes the origin of weights trained on a data set; which of its cases were used is unknown. */
async function recordedData(
  folder: string,
  description: ModelDescription,
  protocol: Protocol,
): Promise<Pick<ImportedOrigin, 'data' | 'identifiers'>> {
  const dataset = await openDataset(folder);
  matchInputs(dataset, description);
  const ids = dataset.cases.map(({ id }) => id);
  const facts = await readCaseFacts(dataset, ids, defaultCacheDirectory());
  const data = { ...recordTrainingData(dataset, facts, []), images: { train: {}, validation: {} } };
  return { data, identifiers: recordIdentifiers(identifyCases(dataset, description, protocol.identify), ids) };
}

function imageAxes(network: Network): readonly string[] {
  const image = network.inputs.find((input) => input.kind === 'image');
  return image?.axes.map((axis) => axis.name) ?? [];
}
