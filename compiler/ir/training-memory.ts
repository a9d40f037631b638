/**
 * How much memory a training takes at a patch: weights, moments, and a walk through a step, forward in the network's order,
 * then backward, with every tensor's life followed. What an engine takes besides is a rule measured on it (`ruleOf`);
 * `npm run bench -- memory` measures how well the whole fits.
 */
import { engineFacts, type EngineName } from '../../contract/engines.js';
import { evaluate } from '../shape/size.js';
import { resultsOf, weightsOf, type Network, type Op, type OpBase, type OpKind } from './ir.js';
import { gradientNeeds, trainedOps } from './kept-for-training.js';
import type { TensorSizes } from './ops/operation.js';
import { definitionOf } from './ops/operations.js';
import { parameterCount, product, valueCount } from './tensor.js';

/** Bytes for a batch of `cases`, in addition to the memory that the process uses before it builds the network. */
export interface TrainingMemory {
  readonly weights: number;
  /** Both moments of AdamW. */
  readonly moments: number;
  /** The peak sum of live tensors and their gradients during the step. */
  readonly activations: number;
  /**
   * Additional memory of the engine: gradients of weights, new values before they replace the old, arenas and tables.
   */
  readonly workspace: number;
  readonly total: number;
}

interface EngineRule {
  /** Whether a tensor is freed after its last use, or kept until the step ends, as tfjs keeps those of a gradient. */
  readonly frees: boolean;
  readonly fixed: number;
  /** Factor of the size of the weights. */
  readonly weights: number;
  /**
   * Factor of the size of live tensors: arena fragmentation; intermediate results of kernels composed of several
   * operations.
   */
  readonly activations: number;
}

const MIB = 2 ** 20;

/** Fitted to peak resident memory of trainings of DALight-3D and the four baselines, onnx at 32^3 and 64^3, wasm at 32^3. */
const recorded: EngineRule = { frees: true, fixed: 52 * MIB, weights: 8.5, activations: 0.22 };
const kernelByKernel: EngineRule = { frees: false, fixed: 40 * MIB, weights: 2, activations: 1.7 };

/** Of the engines that run a step kernel by kernel, only wasm could be measured. */
function ruleOf(engine: EngineName): EngineRule {
  return engineFacts(engine).recordsSteps ? recorded : kernelByKernel;
}

const BYTES = 4;

/** Estimates the memory that training needs at a patch; `patch` specifies the size of each free axis. */
export function trainingMemory(
  network: Network,
  patch: ReadonlyMap<string, number>,
  engine: EngineName,
  cases = 1,
): TrainingMemory {
  const rule = ruleOf(engine);
  const all = weightsOf(network);
  const weights = BYTES * valueCount(all);
  const moments = 2 * BYTES * parameterCount(all);
  const activations = peakOf(network, patch, rule, cases);
  const workspace = Math.round(rule.fixed + rule.weights * weights + rule.activations * activations);
  return { weights, moments, activations, workspace, total: weights + moments + activations + workspace };
}

/** Tracks the live memory. */
class Ledger {
  private live = 0;
  peak = 0;

  take(bytes: number): void {
    this.live += bytes;
    this.peak = Math.max(this.peak, this.live);
  }

  free(bytes: number): void {
    this.live -= bytes;
  }

  /** Temporary memory, in addition to what is live. */
  pass(bytes: number): void {
    this.take(bytes);
    this.free(bytes);
  }
}

interface Step {
  readonly network: Network;
  readonly sizes: ReadonlyMap<string, number>;
  /** Operations whose outputs get a gradient. */
  readonly trained: ReadonlySet<string>;
  /** Index of the operation whose backward pass is the last to need an output; absent if none does. */
  readonly lastNeed: ReadonlyMap<string, number>;
  /** Index of the last operation that reads an output in the forward pass. */
  readonly lastRead: ReadonlyMap<string, number>;
  readonly ledger: Ledger;
}

function peakOf(network: Network, patch: ReadonlyMap<string, number>, rule: EngineRule, cases: number): number {
  const step: Step = {
    network,
    sizes: new Map(network.ops.map((op) => [op.id, bytesOf(op, patch, cases)])),
    trained: trainedOps(network),
    lastNeed: lastNeeds(network),
    lastRead: lastReads(network),
    ledger: new Ledger(),
  };
  forward(step, rule);
  lossOf(step);
  backward(step, rule);
  return step.ledger.peak;
}

function bytesOf(op: Op, patch: ReadonlyMap<string, number>, cases: number): number {
  if (op.kind === 'param') return 0;
  return BYTES * product(op.shape.map(({ size }) => evaluate(size, patch))) * (op.batched ? cases : 1);
}

function lastReads({ ops }: Network): ReadonlyMap<string, number> {
  return new Map(ops.flatMap((op, index) => op.operands.map((operand) => [operand.op, index] as const)));
}

/** The backward pass visits operations in reverse, so the first in the network's order is the last. */
function lastNeeds(network: Network): ReadonlyMap<string, number> {
  const trained = trainedOps(network);
  const last = new Map<string, number>();
  network.ops.forEach((op, index) => {
    for (const id of gradientNeeds(op, trained)) if (!last.has(id)) last.set(id, index);
  });
  return last;
}

function sizeOf({ sizes }: Step, id: string): number {
  return sizes.get(id) ?? 0;
}

/** Whether an output must be kept after its last reader in the forward pass. */
function stays(step: Step, id: string, rule: EngineRule): boolean {
  return !rule.frees || step.lastNeed.has(id) || isLogits(step, id);
}

function isLogits({ network }: Step, id: string): boolean {
  return resultsOf(network).includes(id);
}

function forward(step: Step, rule: EngineRule): void {
  const { network, ledger, lastRead } = step;
  network.ops.forEach((op, index) => {
    ledger.take(sizeOf(step, op.id));
    ledger.pass(definitionOf(op.kind).forwardCopies(sizesOf(step, op)));
    for (const id of new Set(op.operands.map((operand) => operand.op))) {
      if (lastRead.get(id) === index && !stays(step, id, rule)) ledger.free(sizeOf(step, id));
    }
  });
}

/** Probabilities, target and a few volumes of their size. */
function lossOf(step: Step): void {
  const logits = resultsOf(step.network);
  const bytes = logits.reduce((sum, id) => sum + sizeOf(step, id), 0);
  step.ledger.pass(4 * bytes);
  step.ledger.take(bytes);
}

function backward(step: Step, rule: EngineRule): void {
  const { network, ledger, trained, lastNeed } = step;
  // The gradient of each output, from the first of its readers that gives one.
  const graded = new Set(resultsOf(network));
  for (let index = network.ops.length - 1; index >= 0; index--) {
    const op = network.ops[index]!;
    if (graded.has(op.id)) {
      ledger.pass(backwardCopies(step, op));
      for (const { op: operand } of op.operands) {
        if (!trained.has(operand)) continue;
        if (graded.has(operand)) ledger.pass(sizeOf(step, operand));
        else ledger.take(sizeOf(step, operand));
        graded.add(operand);
      }
      ledger.free(sizeOf(step, op.id));
    }
    if (!rule.frees) continue;
    for (const [id, last] of lastNeed) if (last === index) ledger.free(sizeOf(step, id));
  }
}

/** Bytes of the output and of the largest operand of an operation. */
function sizesOf(step: Step, op: Pick<Op, 'id' | 'operands'>): TensorSizes {
  const operand = op.operands.reduce((most, { op: id }) => Math.max(most, sizeOf(step, id)), 0);
  return { own: sizeOf(step, op.id), operand };
}

/** Copies that the gradients of an operation make besides the gradients of its operands. */
function backwardCopies<K extends OpKind>(step: Step, op: OpBase<K>): number {
  return definitionOf(op.kind).backwardCopies(sizesOf(step, op), op.attributes);
}
