/** The report: what every operation, module and stage of a network costs at a patch, as plain data. */
import { costs, countParameters, type OpCost } from '../../ir/cost.js';
import { weightsOf, type ModuleBlock, type Network } from '../../ir/ir.js';
import { moduleTree, type Part } from '../../ir/modules.js';
import { operationName } from '../../ir/ops/operations.js';
import { checkPatch, patchValues, type PatchProblem } from '../../ir/patch.js';
import { spatialAxes } from '../../ir/receptive-field.js';
import { engineNames, type EngineName } from '../../../contract/engines.js';
import { trainingMemory, type TrainingMemory } from '../../ir/training-memory.js';
import { formatSizes } from '../printable.js';

/** What operations, stages and the whole have in common. All numbers are for batch 1 at the report's patch. */
export interface Figures {
  /** Multiplications with an addition of convolutions, linear layers and einsum products. */
  readonly macs: number;
  /** Float32 bytes a training step keeps from forward to backward. */
  readonly activationBytes: number;
  /** Voxels of the images per spatial axis that one element sees through local operations. */
  readonly receptiveField: readonly number[];
  /** Whether something (a pooled gate, attention, a global mean) sees everything. */
  readonly global: boolean;
}

export interface PartReport extends Figures {
  readonly id: string;
  /** Sizes at the patch, channels first. */
  readonly output: readonly number[];
  /** The same with symbols: `24 x D x ceil(H / 2)`. */
  readonly shape: string;
  readonly params: number;
  readonly trainable: number;
}

export interface OpReport extends PartReport {
  /** Its id within its module: `norm2`. */
  readonly name: string;
  readonly kind: string;
  /** What it computes: its kind, or the function if the kind stands for several: `gelu`. */
  readonly computes: string;
  readonly stage: string;
  /** The id of the module that it is part of. */
  readonly module: string;
}

/** The output and receptive field are those of the last tensor that is not a scalar; the other figures are sums. */
export interface StageReport extends PartReport {
  /** The number of its operations. */
  readonly ops: number;
}

/** A module with its subtotals, which count everything in it. */
export interface ModuleReport extends StageReport {
  /** Its id within the module around it; empty for the model. */
  readonly name: string;
  /** The block that it is a use of; null for a part that is not a block. */
  readonly block: ModuleBlock | null;
  /** The modules in it, and the ids of the operations that are directly part of it, in the order they run. */
  readonly parts: readonly (ModuleReport | string)[];
}

export interface Report extends Figures {
  readonly model: string;
  /** `statistics` is the number of values of running statistics, which are not parameters. */
  readonly params: { readonly total: number; readonly trainable: number; readonly statistics: number };
  /** Names of the spatial axes, in the order of `patch` and of every receptive field. */
  readonly axes: readonly string[];
  readonly patch: readonly number[];
  readonly knobs: Network['knobs'];
  /** What training takes on each engine, in bytes: an estimate. */
  readonly trainingMemory: Readonly<Record<EngineName, TrainingMemory>>;
  /** In order of their first operation; each sum of `params` (and `macs`) over stages or ops is the total. */
  readonly stages: readonly StageReport[];
  /** The model's module, with all others in it. Its receptive field is that of the outputs. */
  readonly tree: ModuleReport;
  readonly ops: readonly OpReport[];
}

export type ReportResult =
  { readonly ok: true; readonly report: Report } | { readonly ok: false; readonly faults: readonly PatchProblem[] };

/** The report at `patch` (sizes in the order of the images' axes), or why there is none. */
export function buildReport(network: Network, patch: readonly number[]): ReportResult {
  const faults = checkPatch(network, patch);
  if (faults.length > 0) return { ok: false, faults };
  const sizes = patchValues(network, patch);
  const all = costs(network, sizes);
  const ends = new Set(network.outputs.map(({ op }) => op));
  const results = all.filter(({ op }) => ends.has(op.id));
  const ops = all.map(reportOp);
  const field = {
    receptiveField: patch.map((_, axis) =>
      Math.max(...results.map(({ receptiveField }) => receptiveField.size[axis] ?? 0)),
    ),
    global: results.some(({ receptiveField }) => receptiveField.global),
  };
  const report: Report = {
    model: network.name,
    params: countParameters({ weights: weightsOf(network) }),
    macs: sum(ops, 'macs'),
    activationBytes: sum(ops, 'activationBytes'),
    ...field,
    axes: spatialAxes(network),
    patch,
    knobs: network.knobs.map(({ name, value, changed }) => ({ name, value, changed })),
    trainingMemory: memoryByEngine(network, sizes),
    stages: stagesOf(ops),
    tree: { ...treeOf(network, ops), ...field },
    ops,
  };
  return { ok: true, report };
}

function memoryByEngine(network: Network, sizes: ReadonlyMap<string, number>): Report['trainingMemory'] {
  const entries = engineNames.map((engine) => [engine, trainingMemory(network, sizes, engine)] as const);
  return Object.fromEntries(entries) as Record<EngineName, TrainingMemory>;
}

function reportOp({ op, output, params, macs, activationBytes, receptiveField }: OpCost): OpReport {
  return {
    id: op.id,
    name: op.module === '' ? op.id : op.id.slice(op.module.length + 1),
    kind: op.kind,
    computes: operationName(op.kind, op.attributes),
    stage: op.stage,
    module: op.module,
    output,
    shape: formatSizes(op.shape),
    params: params.total,
    trainable: params.trainable,
    macs,
    activationBytes,
    receptiveField: receptiveField.size,
    global: receptiveField.global,
  };
}

function stagesOf(ops: readonly OpReport[]): readonly StageReport[] {
  const stages = new Map<string, OpReport[]>();
  for (const op of ops) stages.set(op.stage, [...(stages.get(op.stage) ?? []), op]);
  return [...stages].map(([id, members]) => together(id, members));
}

/** The tree of modules with their subtotals. */
function treeOf(network: Network, ops: readonly OpReport[]): ModuleReport {
  const reports = new Map(ops.map((op) => [op.id, op]));
  const visit = (part: Part): { readonly entry: ModuleReport | string; readonly members: readonly OpReport[] } => {
    const own = reports.get(part.id);
    if (part.kind === 'op') return { entry: part.id, members: own === undefined ? [] : [own] };
    const { id, name, block } = part;
    const parts = part.parts.map(visit);
    const members = parts.flatMap((each) => each.members);
    const entry = { ...together(id, members), name, block: block ?? null, parts: parts.map((each) => each.entry) };
    return { entry, members };
  };
  return visit(moduleTree(network, network.ops)).entry as ModuleReport;
}

/** Several operations as one part. */
function together(id: string, members: readonly OpReport[]): StageReport {
  const last = members.findLast(({ output }) => output.length > 0) ?? members.at(-1);
  return {
    id,
    output: last?.output ?? [],
    shape: last?.shape ?? '',
    params: sum(members, 'params'),
    trainable: sum(members, 'trainable'),
    macs: sum(members, 'macs'),
    activationBytes: sum(members, 'activationBytes'),
    receptiveField: last?.receptiveField ?? [],
    global: last?.global ?? false,
    ops: members.length,
  };
}

function sum(ops: readonly OpReport[], figure: 'params' | 'trainable' | 'macs' | 'activationBytes'): number {
  return ops.reduce((total, op) => total + op[figure], 0);
}
