/** Generates the body of `build` for a network without source text: one statement per operation, in execution order. */
import { resultsOf, type Network, type Op, type Weight } from '../ir/ir.js';
import { initialOf, ones, ruleFor, zeros, type Initial, type InitialRules } from '../../contract/initial.js';
import { formatSizes } from '../ir/format-sizes.js';
import { commentText } from './comment-text.js';
import { callCode, literal, statement, type Code, type Setting } from './code.js';
import { completeCall, opCall } from './op-call.js';
import { VariableNames } from './variable-names.js';

interface Context {
  readonly network: Network;
  /** The variable of each operation's output. */
  readonly variables: ReadonlyMap<string, string>;
  /** The variable of each layer whose weights are reused. */
  readonly layers: ReadonlyMap<string, string>;
}

export function straightLine(network: Network): readonly string[] {
  const names = new VariableNames();
  const variables = new Map(network.ops.map(({ id }) => [id, names.nameFor(id)]));
  const shared = new Set(network.ops.flatMap(({ sharedWith }) => (sharedWith === undefined ? [] : [sharedWith])));
  const layers = new Map([...shared].map((id) => [id, names.nameFor(`${id}.layer`)]));
  const context: Context = { network, variables, layers };
  const body = stagesOf(network.ops).flatMap((ops, index) => [
    ...(index === 0 ? [] : ['']),
    stageComment(ops),
    ...ops.flatMap((op) => opStatements(op, context)),
  ]);
  return [...body, '', statement('return ', finishCode(network, variables), ';', 1)];
}

/** `return unet.finish(...)`, with the variables of the outputs. */
export function finishCode(network: Network, variables: ReadonlyMap<string, string>): Code {
  const inputs = network.inputs.map(({ name }) => variables.get(name));
  const outputs = resultsOf(network).map((id) => variables.get(id));
  const settings: Setting[] = [
    ['description', 'description'],
    ['inputs', `[${inputs.join(', ')}]`],
    ['outputs', `[${outputs.join(', ')}]`],
    ['seed', 'options.seed'],
  ];
  return callCode({ name: 'finish', positional: [], settings, on: undefined });
}

/** `const scan = unet.imageInput(description, "scan");` */
export function inputStatement(variable: string, { kind, name }: Network['inputs'][number]): string {
  return `const ${variable} = unet.${kind === 'image' ? 'imageInput' : 'identifierInput'}(description, ${literal(name)});`;
}

/** Consecutive operations of the same stage. */
function stagesOf(ops: readonly Op[]): readonly (readonly Op[])[] {
  const stages: Op[][] = [];
  for (const op of ops) {
    const last = stages.at(-1);
    if (last !== undefined && last[0]?.stage === op.stage) last.push(op);
    else stages.push([op]);
  }
  return stages;
}

/** Begins with a word of ours, so that no stage's name makes a directive such as `@ts-ignore`. */
function stageComment(ops: readonly Op[]): string {
  const last = ops.at(-1);
  if (last === undefined || ops.every(({ kind }) => kind === 'input')) return '// Inputs';
  return commentText(`// Stage ${last.stage}: ${formatSizes(last.shape)}`);
}

function opStatements(op: Op, context: Context): readonly string[] {
  const { network, variables, layers } = context;
  const variable = variables.get(op.id) ?? '';
  const on = op.operands.map(({ op: from }) => variables.get(from) ?? '');
  if (op.kind === 'input') {
    const input = network.inputs.find(({ name }) => name === op.id);
    if (input === undefined) throw new Error(`${op.id} is not an input of the network`);
    return [inputStatement(variable, input)];
  }
  const again = layers.get(op.sharedWith ?? '');
  if (again !== undefined) return [`const ${variable} = ${again}(${[literal(op.id), ...on].join(', ')});`];
  const call = opCall(op);
  const settings = [...(call.settings ?? []), ...weightSettings(op, network.initial)];
  const own = layers.get(op.id);
  if (own === undefined) {
    const complete = completeCall({ ...call, settings }, literal(op.id), op.kind === 'param' ? undefined : on);
    return [statement(`const ${variable} = `, callCode(complete), ';', 1)];
  }
  // A reused layer is assigned to a variable, and its parameter is named after the operand.
  const operands = on.map((_, index) => `x${index === 0 ? '' : index + 1}`);
  const body = callCode(completeCall({ ...call, settings }, 'at', op.kind === 'param' ? undefined : operands));
  return [
    statement(`const ${own} = unet.shared((${['at', ...operands].join(', ')}) => `, body, ');', 1),
    `const ${variable} = ${own}(${[literal(op.id), ...on].join(', ')});`,
  ];
}

/** Initial values that no rule provides, and whether the weights are frozen. */
function weightSettings({ kind, weights }: Op, rules: InitialRules): readonly Setting[] {
  if (weights.length === 0) return [];
  const own = weights.filter(({ statistic }) => statistic !== true);
  const isFrozen = own.length > 0 && own.every(({ trainable }) => !trainable);
  const frozen = isFrozen ? [['trainable', 'false'] as const] : [];
  const isUsual = weights.every((weight) => {
    const expected = usual(kind, weight, weights, rules);
    return expected !== undefined && literal({ ...weight.initial }) === literal({ ...expected });
  });
  if (isUsual) return frozen;
  const initial = Object.fromEntries(weights.map(({ name, initial: each }) => [name, { ...each }]));
  return [['initial', literal(initial)], ...frozen];
}

/** The runtime's default initial values of a weight. */
function usual(kind: Op['kind'], weight: Weight, weights: readonly Weight[], rules: InitialRules): Initial | undefined {
  switch (kind) {
    case 'conv':
    case 'depthwise_conv':
    case 'transposed_conv':
    case 'linear':
      return initialOf(ruleFor(kind, rules), weight.name, weights[0]?.shape ?? []);
    case 'group_norm':
    case 'instance_norm':
    case 'layer_norm':
      return weight.name === 'weight' ? ones : zeros;
    case 'batch_norm':
      return weight.name === 'weight' || weight.name === 'running_var' ? ones : zeros;
    default:
      return undefined;
  }
}
