/** Whether a protocol's loss can be computed for a network. */
import type { LabelWeight, Protocol } from './protocol.js';

/** The parts of an output that a loss depends on. */
export interface LossOutput {
  readonly name: string;
  /** The names of its classes or regions. */
  readonly labels: readonly string[];
  /** How many auxiliary predictions it has. */
  readonly auxiliary: number;
}

/** What makes a loss impossible to compute, as a sentence; `entry` is the entry of the protocol at fault. */
export interface LossProblem {
  readonly entry: 'loss' | 'deep';
  readonly text: string;
  readonly help: string;
}

/** Returns the first reason why the loss of a protocol does not fit the outputs of a network; undefined if it does. */
export function lossProblem(
  { loss, deep }: Pick<Protocol, 'loss' | 'deep'>,
  outputs: readonly LossOutput[],
): LossProblem | undefined {
  return firstProblem([...loss.map(({ weights }) => weightsProblem(weights, outputs)), deepProblem(deep, outputs)]);
}

function firstProblem(problems: readonly (LossProblem | undefined)[]): LossProblem | undefined {
  return problems.find((problem) => problem !== undefined);
}

function weightsProblem(
  weights: readonly LabelWeight[] | null,
  outputs: readonly LossOutput[],
): LossProblem | undefined {
  if (weights === null) return undefined;
  const listed = weights[0]?.label === null;
  const short = listed ? outputs.find(({ labels }) => labels.length !== weights.length) : undefined;
  if (short !== undefined) {
    const has = `the output \`${short.name}\` has ${short.labels.length}: ${listText(short.labels)}`;
    return {
      entry: 'loss',
      text: `\`weights\` lists ${counted(weights.length, 'class', 'classes')}, but ${has}.`,
      help: 'List a weight for each, or name the classes: `[edema: 2]`.',
    };
  }
  const known = [...new Set(outputs.flatMap(({ labels }) => labels))];
  const stray = weights.find(({ label }) => label !== null && !known.includes(label));
  if (stray === undefined) return undefined;
  return {
    entry: 'loss',
    text: `\`weights\` names \`${stray.label}\`, which is not a class or region of the network.`,
    help: `It predicts ${listText(known)}.`,
  };
}

function deepProblem(deep: Protocol['deep'], outputs: readonly LossOutput[]): LossProblem | undefined {
  if (typeof deep === 'string') return undefined;
  const other = outputs.find(({ auxiliary }) => auxiliary + 1 !== deep.length);
  if (other === undefined) return undefined;
  const has = `the output \`${other.name}\` has ${counted(other.auxiliary + 1, 'prediction', 'predictions')}`;
  return {
    entry: 'deep',
    text: `\`deep\` lists ${counted(deep.length, 'weight', 'weights')}, but ${has}.`,
    help: 'List one weight for each prediction, the finest first, or write `halving`, `nnunet` or `equal`.',
  };
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function listText(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
