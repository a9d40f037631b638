import { type Caution, warning } from '../data/cautions/caution.js';
import { identifierInputs } from '../data/identify.js';
import { listNames } from '../data/names.js';
import type { TrainingData } from '../data/training-data.js';
import type { ModelDescription } from '../../contract/model-description.js';
import type { Protocol } from '../../contract/protocol.js';

/** The code of cautions about weights without metadata on how they were trained. */
export const CODE_ASSUMED = 'UNET6047';

/** Names and values of a data set, as needed to match a network to it. */
export type NamedData = Pick<TrainingData, 'name' | 'channels' | 'labels'>;

/**
 * The data that a network is assumed to be trained on if that is unknown: its own channels and labels in its own order.
 */
export function assumedData({
  name,
  inputs,
  outputs,
}: Pick<ModelDescription, 'name' | 'inputs' | 'outputs'>): NamedData {
  const channels = [...new Set(inputs.flatMap((input) => (input.kind === 'image' ? input.channels : [])))];
  const [first] = outputs;
  if (first?.kind === 'classes') {
    return { name, channels, labels: first.labels.map((label, value) => ({ name: label.name, value })) };
  }
  const values = new Set([0, ...outputs.flatMap(({ labels }) => labels.flatMap((label) => label.values))]);
  const labels = [...values].sort((a, b) => a - b).map((value) => ({ name: `value ${value}`, value }));
  return { name, channels, labels };
}

/** The assumptions about weights without metadata, each as a clause; null for what is known. */
export interface Assumptions {
  readonly normalize: string | null;
  readonly patch: string | null;
  readonly window: string | null;
  readonly channels: string | null;
  readonly labels: string | null;
  readonly identifiers: string | null;
  readonly training: string | null;
}

function normalizeText(normalize: Protocol['normalize']): string {
  if ('length' in normalize) {
    return `[${normalize.map(({ channel, word }) => `${channel}: ${normalizeText(word)}`).join(', ')}]`;
  }
  if (normalize.kind === 'percentiles') return `percentiles(${normalize.from} .. ${normalize.to})`;
  return normalize.kind === 'zscore' ? `zscore(${normalize.over})` : normalize.kind;
}

/**
 * The assumptions about weights that do not record how they were trained.
 * @param known whether the user named their protocol and their data set, and the identifiers whose values are named
 */
export function assumptionsOf(
  description: ModelDescription,
  { normalize, patch, validate, optimizer }: Protocol,
  known: { readonly protocol: boolean; readonly data: boolean; readonly identifiers: readonly string[] },
): Assumptions {
  const { channels } = assumedData(description);
  const all = identifierInputs(description).map(({ name }) => name);
  const identifiers = all.filter((name) => !known.identifiers.includes(name));
  const classes = description.outputs.some(({ kind }) => kind === 'classes');
  const { overlap, blend } = validate;
  const protocol = (text: string): string | null => (known.protocol ? null : text);
  const data = (text: string): string | null => (known.data ? null : text);
  return {
    normalize: protocol(`images are normalised with ${normalizeText(normalize)}`),
    patch: protocol(`the patch is ${patch.size.join(' x ')}`),
    window: protocol(`windows overlap by ${overlap} and are blended with ${blend} weights`),
    channels: data(`image files contain the channels ${listNames(channels)} in this order`),
    labels: data(classes ? 'label values are the class indices' : 'label values are those of the regions'),
    identifiers:
      identifiers.length === 0 || (known.protocol && known.data)
        ? null
        : `the values of ${listNames(identifiers)} have no names`,
    training: protocol(
      `loss and optimizer are those of the DALight-3D release (${optimizer.kind}, learning rate ${optimizer.lr})`,
    ),
  };
}

/** The caution about the assumptions for the weights in a file; none if there are none. */
export function assumptionCaution(file: string, assumptions: Assumptions): Caution[] {
  const clauses = Object.values(assumptions).filter((clause): clause is string => clause !== null);
  if (clauses.length === 0) return [];
  return [
    warning(
      CODE_ASSUMED,
      `\`${file}\` does not contain how its weights were trained. Assumed: ${clauses.join('; ')}.`,
      'If any of this is wrong, masks and scores are wrong too. Give the protocol and data set of the weights with `--protocol` and `--data` when importing them.',
    ),
  ];
}
