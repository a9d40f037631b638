import * as tf from '@tensorflow/tfjs';
import type { InputDescription, ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { toPhysical } from '../ops/layout.js';
import { counted } from '../../text/count.js';

/** The input of a model: logical images `[N, C, ...spatial]`, and one integer per case for identifiers. */
export type Feeds = Readonly<Record<string, tf.Tensor | readonly number[] | undefined>>;

/**
 * Returns a model's inputs in its order and the current layout. An omitted identifier is none (-1) for all cases. The
 * caller disposes of the tensors.
 * @throws UserError UNET5001 for an identifier out of range, UNET5002 for an image that is missing or has the wrong
 * shape
 */
export function feed(description: ModelDescription, given: Feeds): tf.Tensor[] {
  const cases = caseCount(description, given);
  return description.inputs.map((input) =>
    input.kind === 'image' ? feedImage(input, given[input.name]) : feedIdentifiers(input, given[input.name], cases),
  );
}

function caseCount({ inputs }: ModelDescription, given: Feeds): number {
  for (const { kind, name } of inputs) {
    const value = given[name];
    if (kind === 'image' && value instanceof tf.Tensor) return value.shape[0];
  }
  return 1;
}

type ImageDescription = Extract<InputDescription, { kind: 'image' }>;
type IdentifierDescription = Extract<InputDescription, { kind: 'identifier' }>;

function feedImage({ name, channels, axes }: ImageDescription, value: Feeds[string]): tf.Tensor {
  const wanted = ['N', channels.length, ...axes.map((axis) => axis.size ?? axis.name)];
  const help = `Expected a tensor [${wanted.join(', ')}] with the channels ${channels.join(', ')}.`;
  if (!(value instanceof tf.Tensor)) throw new UserError('UNET5002', `The image \`${name}\` is missing.`, help);
  const fits =
    value.rank === wanted.length && wanted.every((each, i) => typeof each === 'string' || each === value.shape[i]);
  if (!fits) {
    throw new UserError('UNET5002', `The image \`${name}\` has the invalid shape [${value.shape.join(', ')}].`, help);
  }
  return toPhysical(value);
}

function feedIdentifiers({ name, count }: IdentifierDescription, value: Feeds[string], cases: number): tf.Tensor {
  const given = value instanceof tf.Tensor ? [...value.dataSync()] : (value ?? Array<number>(cases).fill(-1));
  const wrong = given.find((each) => !Number.isInteger(each) || each < -1 || each >= count);
  if (wrong !== undefined) {
    const message = `The identifier \`${name}\` is ${wrong}; the network accepts 0 to ${count - 1}.`;
    throw new UserError(
      'UNET5001',
      message,
      'Use -1 for a case without a value, or declare the identifier with more values.',
    );
  }
  if (given.length !== cases) {
    const message = `The identifier \`${name}\` has ${counted(given.length, 'value')} for ${counted(cases, 'case')}.`;
    throw new UserError('UNET5001', message, 'Give one integer per case, or -1 for a case without a value.');
  }
  return tf.tensor2d([...given], [cases, 1], 'int32');
}
