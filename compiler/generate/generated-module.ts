import { textOf } from '../lower/model-text.js';
import { countParameters } from '../ir/cost.js';
import { weightsOf, type Network } from '../ir/ir.js';
import { formatCount } from '../../text/count.js';
import { commentText } from './comment-text.js';
import { blockFunction } from './block-function.js';
import { BlockFunctions } from './block-functions.js';
import { buildFunctionBody } from './build-function.js';
import type { GeneratedFunction, GeneratedModule } from './module.js';
import { describeNetwork } from './description.js';
import { printLiteral } from './literal.js';
import type { GeneratedStatement } from './statements.js';
import { straightLine } from './straight-line.js';
import { VariableNames } from './variable-names.js';
import { type LayerType, type ModuleContext } from './writer.js';
import { Unstructured } from './unstructured.js';

/**
 * Returns the generated module of a network. It exports `build(options)`, whose layers have the operations' ids, and `description` (the
 * network's inputs and outputs). Names and comments of the spec enter as string literals and neutralised comments alone.
 *
 * The code has the structure of the source text that the network was lowered from: knobs are constants, a block is a
 * function, a level is a call. A network without source text, or with a structure that functions cannot express, is
 * written operation by operation.
 * @param runtime the module specifier of the runtime import
 */
export function generatedModule(network: Network, runtime = 'unet-lang/runtime'): GeneratedModule {
  const { body, functions, types } = structured(network) ?? { body: straightLine(network), functions: [], types: [] };
  return {
    header: header(network),
    imports: [
      { name: 'unet', from: runtime, typeOnly: false },
      { name: 'tf', from: '@tensorflow/tfjs', typeOnly: true },
    ],
    types,
    functions: [
      {
        name: 'build',
        isExported: true,
        parameters: [{ name: 'options', type: 'unet.BuildOptions', initializer: '{}' }],
        returnType: 'tf.LayersModel',
        doc: 'The network with fresh weights; axes are written channels first, without the batch.',
        statements: body,
      },
      ...functions,
    ],
    constants: [
      {
        name: 'description',
        type: 'unet.ModelDescription',
        initializer: printLiteral(describeNetwork(network)),
        doc: 'The data that the network takes and the labels that it predicts.',
      },
    ],
  };
}

interface Structured {
  readonly body: readonly GeneratedStatement[];
  readonly functions: readonly GeneratedFunction[];
  readonly types: GeneratedModule['types'];
}

function structured(network: Network): Structured | undefined {
  const text = textOf(network);
  if (text === undefined) return undefined;
  const { evaluation } = text;
  const ops = new Map(evaluation.ops.map((op) => [op.id, op]));
  const functions = new BlockFunctions(evaluation, ops, new VariableNames());
  const context: ModuleContext = {
    evaluation,
    ops,
    functions,
    types: new Set(),
    fusionTensors: functions.fusionTensors,
  };
  try {
    const body = buildFunctionBody(network, text, context);
    const written = functions.inTextOrder().map((each) => blockFunction(context, each));
    return withoutUnused(body, written, context);
  } catch (error) {
    if (error instanceof Unstructured) return undefined;
    throw error;
  }
}

/** Removes functions that are never called. */
function withoutUnused(
  body: readonly GeneratedStatement[],
  written: readonly GeneratedFunction[],
  { functions, types, fusionTensors }: ModuleContext,
): Structured {
  const called = new Set<GeneratedFunction>();
  const visit = (text: string): void => {
    for (const each of written) {
      if (called.has(each) || !mentions(text, each.name)) continue;
      called.add(each);
      visit(textOfFunction(each));
    }
    for (const name of functions.unapplied)
      if (mentions(text, name)) throw new Unstructured(`${name} is never applied`);
  };
  visit(body.map(textOfStatement).join('\n'));
  const kept = written.filter((each) => called.has(each));
  const texts = [...body.map(textOfStatement), ...kept.map(textOfFunction)].join('\n');
  const usedTypes = layerTypes(fusionTensors).filter(({ name }) => types.has(name) && mentions(texts, name));
  return {
    body,
    functions: kept,
    types: kept.length + usedTypes.length === 0 ? [] : [tensorType, ...usedTypes],
  };
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(text);
}

function textOfStatement(each: GeneratedStatement): string {
  return typeof each === 'string' ? each : `${each.type} ${each.initializer}`;
}

function textOfFunction({ parameters, statements }: GeneratedFunction): string {
  const list = parameters.map(({ type, initializer }) => `${type} ${initializer ?? ''}`);
  return [...list, ...statements.map(textOfStatement)].join('\n');
}

const tensorType = { name: 'Tensor', type: 'tf.SymbolicTensor' };

function layerTypes(fusionTensors: readonly string[]): readonly { readonly name: LayerType; readonly type: string }[] {
  const type = (tensors: readonly string[], ...others: readonly string[]): string =>
    `(${['at: string', ...tensors.map((name) => `${name}: Tensor`), ...others].join(', ')}) => Tensor`;
  return [
    { name: 'Layer', type: type(['x']) },
    { name: 'SizedLayer', type: type(['x'], 'out: number') },
    { name: 'Fusion', type: type(fusionTensors) },
    { name: 'SizedFusion', type: type(fusionTensors, 'out: number') },
  ];
}

function header(network: Network): string {
  const { name, doc, knobs } = network;
  const { total, trainable } = countParameters({ weights: weightsOf(network) });
  const isOwnText = textOf(network) === undefined;
  const lines = [
    `${name}: ${formatCount(total)} parameters${trainable === total ? '' : `, ${formatCount(trainable)} trainable`}.`,
    ...(doc === undefined ? [] : ['', ...doc.split(/\r\n|\r|\n/)]),
    ...(knobs.length === 0 || !isOwnText
      ? []
      : ['', 'Knobs:', ...knobs.map((knob) => `  ${knob.name} = ${knob.value}`)]),
    '',
    'Generated by unet: change the spec and compile it again.',
  ];
  return docComment(lines);
}

/** Formats lines as a doc comment; nothing in them can close it. */
export function docComment(lines: readonly string[]): string {
  return ['/**', ...lines.map((line) => ` * ${commentText(line)}`.trimEnd()), ' */'].join('\n');
}
