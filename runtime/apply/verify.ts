import type { ModelDescription } from '../../contract/model-description.js';
import { printable } from '../../text/printable.js';
import { UserError } from '../errors/user-error.js';
import { asFloat32 } from '../files/safetensors.js';
import type { HostTensor } from '../files/tensor-types.js';
import type { TrainableNetwork } from '../network/trainable-network.js';
import { forward, outputNames } from './forward.js';
import { readInputs } from './read-inputs.js';

/** An output compared with the one that a source network computed. */
export interface VerifiedOutput {
  readonly output: string;
  /** The largest difference, relative to the largest value if that is above 1. */
  readonly difference: number;
}

/** The largest acceptable difference: float32 rounding in two implementations of a network stays below it. */
export const verifyTolerance = 1e-4;

/** Pairs of outputs, under the names of `forward`, with the tensors of a recorded case that contain them. */
export type OutputPairs = ReadonlyMap<string, string>;

/** Which of a file's tensors contain what: pairs of a name here and a name there. */
type Pair = readonly [own: string, recorded: string];

/** The name here of a recorded input, if it has a general one. */
function inputName(name: string, { inputs }: ModelDescription): string {
  const kind = { input: 'image', identifier: 'identifier' }[name];
  const [found, ...others] = inputs.filter((input) => input.kind === kind);
  return found === undefined || others.length > 0 ? name : found.name;
}

/** The name here of a recorded output, if it is numbered: the first is `logits`, the others are auxiliary. */
function outputName(name: string): string {
  if (name === 'output' || name === 'output_0') return 'logits';
  const [, auxiliary] = /^output_([1-9]\d*)$/.exec(name) ?? [];
  return auxiliary === undefined ? name : `auxiliary/${auxiliary}`;
}

/** Pairs every tensor of a case with what it contains: inputs by name, outputs by `given` alone if it has any. */
function pairsOf(names: readonly string[], given: OutputPairs, description: ModelDescription): readonly Pair[] {
  const chosen = [...given.values()];
  const others = names.filter((name) => !chosen.includes(name));
  const named = others.map((name): Pair => [inputName(name, description), name]);
  return given.size > 0 ? [...given, ...named] : named.map(([own, name]) => [outputName(own), name]);
}

/** Requires each pair to name a tensor of the file and something that the network has, and no two to name the same. */
function checkPairs(pairs: readonly Pair[], outputs: readonly string[], { file, names, description }: CaseNames): void {
  const known = [...outputs, ...description.inputs.map(({ name }) => name), 'target'];
  for (const [index, [own, recorded]] of pairs.entries()) {
    const earlier = pairs.slice(0, index).find(([other, name]) => other === own || name === recorded);
    if (earlier !== undefined) {
      const [what, both] = earlier[0] === own ? [own, [earlier[1], recorded]] : [recorded, [earlier[0], own]];
      throw new UserError(
        'UNET6172',
        `\`${printable(what)}\` is paired with both \`${printable(both[0]!)}\` and \`${printable(both[1]!)}\` in \`${printable(file)}\`.`,
        'Keep one of them, or pair each output with its tensor, such as `--verify-output logits=output_3`.',
      );
    }
    if (!names.includes(recorded)) {
      throw new UserError(
        'UNET6172',
        `\`${printable(file)}\` does not contain a tensor \`${printable(recorded)}\`.`,
        `It contains ${listed(names)}.`,
      );
    }
    if (!known.includes(own)) {
      throw new UserError(
        'UNET6172',
        `\`${printable(own)}\`${own === recorded ? '' : ` (\`${printable(recorded)}\`)`} in \`${printable(file)}\` is neither an input nor an output of \`${description.name}\`.`,
        `Remove the tensor, or pair it with an output by \`--verify-output OUTPUT=${printable(recorded)}\`. The outputs are ${listed(outputs)}.`,
      );
    }
  }
}

/** A recorded case, for messages. */
interface CaseNames {
  readonly file: string;
  readonly names: readonly string[];
  readonly description: ModelDescription;
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${printable(name)}\``).join(', ');

/**
 * Compares the outputs of a network with those that another implementation gave for the same inputs.
 * @param tensors the inputs under the names of the spec (or `input`, `identifier`), and outputs under the names of
 * `forward` (or `output`, `output_0`, `output_1`, ..., the first being `logits` and the others auxiliary)
 * @param file with the tensors, for messages
 * @param given outputs and the tensors that contain them, if the names are others; then these alone are outputs
 * @throws UserError UNET6061 for inputs that do not fit, UNET6172 if there is no output, two tensors for one, a tensor
 * that is neither input nor output, or an output that differs
 */
export async function verifyCase(
  network: TrainableNetwork,
  tensors: ReadonlyMap<string, HostTensor>,
  file: string,
  given: OutputPairs = new Map(),
): Promise<readonly VerifiedOutput[]> {
  const { description } = network;
  const names = [...tensors.keys()];
  const outputs = outputNames(description);
  const pairs = pairsOf(names, given, description);
  checkPairs(pairs, outputs, { file, names, description });
  const renamed = new Map(pairs.map(([own, name]) => [own, tensors.get(name)!]));
  const expected = outputs.filter((name) => renamed.has(name));
  if (expected.length === 0) {
    throw new UserError(
      'UNET6172',
      `\`${file}\` contains no output to compare with.`,
      `Add the output of the source network as \`logits\`. \`${description.name}\` computes ${listed(outputs)}.`,
    );
  }
  const computed = await forward(network, readInputs(description, renamed));
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
