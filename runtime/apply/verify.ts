import type { ModelDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { asFloat32 } from '../files/safetensors.js';
import type { HostTensor } from '../files/tensor-types.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { forward } from './forward.js';
import { readInputs } from './read-inputs.js';

/** An output compared with the one that a source network computed. */
export interface VerifiedOutput {
  readonly output: string;
  /** The largest difference, relative to the largest value if that is above 1. */
  readonly difference: number;
}

/** The largest acceptable difference: float32 rounding in two implementations of a network stays below it. */
const verifyTolerance = 1e-4;

/** Names of recorded cases, and what they are called here. */
function ownName(name: string, { inputs }: ModelDescription): string {
  const sole = (kind: 'image' | 'identifier'): string | undefined => {
    const found = inputs.filter((input) => input.kind === kind);
    return found.length === 1 ? found[0]!.name : undefined;
  };
  if (name === 'input') return sole('image') ?? name;
  if (name === 'identifier') return sole('identifier') ?? name;
  if (name === 'output' || name === 'output_0') return 'logits';
  const [, auxiliary] = /^output_([1-9]\d*)$/.exec(name) ?? [];
  return auxiliary === undefined ? name : `auxiliary/${auxiliary}`;
}

/**
 * Compares the outputs of a network with those that another implementation gave for the same inputs.
 * @param tensors the inputs under the names of the spec (or `input`, `identifier`), and outputs under the names of
 * `forward` (or `output`, `output_0`, `output_1`, ...)
 * @param file with the tensors, for messages
 * @throws UserError UNET6061 for inputs that do not fit, UNET6172 if there is no output, or one differs
 */
export async function verifyCase(
  network: TrainableNetwork,
  tensors: ReadonlyMap<string, HostTensor>,
  file: string,
): Promise<readonly VerifiedOutput[]> {
  const { description } = network;
  const renamed = new Map([...tensors].map(([name, tensor]) => [ownName(name, description), tensor]));
  const computed = await forward(network, readInputs(description, renamed));
  const expected = [...computed.keys()].filter((name) => renamed.has(name));
  if (expected.length === 0) {
    throw new UserError(
      'UNET6172',
      `\`${file}\` contains no output to compare with.`,
      `Add the output of the source network as \`logits\`. \`${description.name}\` computes ${[...computed.keys()].map((name) => `\`${name}\``).join(', ')}.`,
    );
  }
  const verified = expected.map((output) => ({
    output,
    difference: compare(renamed.get(output)!, computed.get(output)!, { output, file }),
  }));
  const wrong = verified.filter(({ difference }) => !(difference <= verifyTolerance));
  if (wrong.length === 0) return verified;
  const list = wrong.map(({ output, difference }) => `\`${output}\` by ${difference.toPrecision(3)}`).join(', ');
  throw new UserError(
    'UNET6172',
    `With the imported weights, \`${description.name}\` does not compute the outputs in \`${file}\`: they differ, ${list} (at most ${verifyTolerance} is accepted).`,
    'Check the map (weights of the same shape could be swapped), the settings of the spec (activations, epsilon, order of channels), and that the case was computed in evaluation mode, before softmax.',
  );
}

/** The largest difference, relative to the largest expected value if that is above 1. */
function compare(
  expected: HostTensor,
  computed: HostTensor,
  { output, file }: { readonly output: string; readonly file: string },
): number {
  if (expected.shape.join() !== computed.shape.join()) {
    throw new UserError(
      'UNET6172',
      `\`${output}\` in \`${file}\` has the shape [${expected.shape.join(', ')}], but the network computes [${computed.shape.join(', ')}].`,
      'Use the case of the network that the weights are from, and check the knobs of the spec.',
    );
  }
  const [theirs, ours] = [asFloat32(expected), asFloat32(computed)];
  let difference = 0;
  let largest = 1;
  for (let index = 0; index < theirs.length; index++) {
    const each = Math.abs(theirs[index]! - ours[index]!);
    if (!Number.isFinite(each)) return NaN;
    difference = Math.max(difference, each);
    largest = Math.max(largest, Math.abs(theirs[index]!));
  }
  return difference / largest;
}
