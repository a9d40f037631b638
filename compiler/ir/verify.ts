/**
 * The invariants of a network, each a small function that describes violations (modelled on tinygrad's `spec.py`). They
 * hold after lowering and after every pass; a violation is a bug in the compiler, never an error in a spec.
 */
import { constantOf, evaluate, formatSize, sameSize, symbolsOf } from '../shape/size.js';
import { weightsOf, type Network, type Op, type OpBase, type OpKind, type Operand, type Shape } from './ir.js';
import { definitionOf, inferShape, weightShapes } from './ops/operations.js';
import type { WeightShape } from './tensor.js';

/** Returns all violations, one sentence each; empty for a valid network. */
export function verify(network: Network): readonly string[] {
  const byId = new Map(network.ops.map((op) => [op.id, op]));
  return [
    ...duplicates(network.ops.map(({ id }) => id)).map((id) => `two operations are called ${id}`),
    ...duplicates(weightsOf(network).map(({ id }) => id)).map((id) => `two weights are called ${id}`),
    ...order(network),
    ...moduleNesting(network),
    ...network.ops.flatMap((op) => checks.flatMap((check) => check(op, byId).map((fault) => `${op.id}: ${fault}`))),
    ...inputs(network, byId),
    ...outputs(network, byId),
    ...penalties(network, byId),
    ...sizes(network),
  ];
}

type Check = (op: Op, byId: ReadonlyMap<string, Op>) => readonly string[];

const checks: readonly Check[] = [
  operandCount,
  operandShapes,
  axesNamedOnce,
  shapeByRule,
  batchByRule,
  rulesOfKind,
  weightsByKind,
  sharing,
];

function operandCount(op: Op): readonly string[] {
  const [least, most] = definitionOf(op.kind).operands;
  const count = op.operands.length;
  return count < least || count > most ? [`${op.kind} has ${count} operands`] : [];
}

/** An operand must have the shape that its operation computed; only axis names may differ. */
function operandShapes(op: Op, byId: ReadonlyMap<string, Op>): readonly string[] {
  return op.operands.flatMap((operand) => {
    const source = byId.get(operand.op);
    if (source === undefined) return [`operand ${operand.op} does not exist`];
    const same =
      source.shape.length === operand.shape.length &&
      source.shape.every(({ size }, index) => sameSize(size, operand.shape[index]?.size ?? size));
    const faults = same ? [] : [`operand ${describe(operand.shape)} was made as ${describe(source.shape)}`];
    return source.batched === operand.batched ? faults : [...faults, `operand ${operand.op} disagrees about the batch`];
  });
}

function axesNamedOnce(op: Op): readonly string[] {
  return [op, ...op.operands].flatMap(({ shape }) =>
    duplicates(shape.map(({ name }) => name)).map((name) => `${describe(shape)} has the axis ${name} twice`),
  );
}

function shapeByRule(op: Op): readonly string[] {
  if (op.kind === 'input' || op.kind === 'param') return [];
  return attempt(() => {
    const inferred = inferShape(op.kind, op.attributes, op.operands);
    const same =
      inferred.length === op.shape.length &&
      inferred.every((axis, index) => {
        const given = op.shape[index];
        return given !== undefined && given.name === axis.name && sameSize(given.size, axis.size);
      });
    return same ? [] : [`is ${describe(op.shape)} where its rule gives ${describe(inferred)}`];
  });
}

function batchByRule(op: Op): readonly string[] {
  const expected = op.kind === 'input' || op.operands.some(({ batched }) => batched);
  return op.batched === expected ? [] : [`batched is ${op.batched}`];
}

function rulesOfKind<K extends OpKind>(op: OpBase<K>): readonly string[] {
  return attempt(() => definitionOf(op.kind).problems(op));
}

function weightsByKind(op: Op): readonly string[] {
  return attempt(() => {
    const expected = op.sharedWith === undefined ? expectedWeights(op) : [];
    const given = op.weights.map(({ name, shape }) => formatWeight({ name, shape }));
    const asked = expected.map(formatWeight);
    const faults = given.join() === asked.join() ? [] : [`has the weights ${given.join()} for ${asked.join()}`];
    const misnamed = op.weights.filter(
      (weight) => weight.id !== (op.kind === 'param' ? op.id : `${op.id}.${weight.name}`),
    );
    return [...faults, ...misnamed.map(({ id }) => `the weight ${id} is not named after its operation`)];
  });
}

function expectedWeights(op: Op): readonly WeightShape[] {
  if (op.kind !== 'param') return weightShapes(op.kind, op.attributes, op.operands);
  return [{ name: 'value', shape: op.shape.map(({ size }) => constantOf(size) ?? NaN) }];
}

function formatWeight({ name, shape }: WeightShape): string {
  return `${name}[${shape.join(' x ')}]`;
}

/** A repeated use of a shared layer must need exactly the weights of its owner. */
function sharing(op: Op, byId: ReadonlyMap<string, Op>): readonly string[] {
  if (op.sharedWith === undefined) return [];
  const owner = byId.get(op.sharedWith);
  if (owner === undefined) return [`shares the weights of ${op.sharedWith}, which does not exist`];
  if (owner.sharedWith !== undefined) return [`shares the weights of ${owner.id}, which has none of its own`];
  if (owner.kind !== op.kind || JSON.stringify(owner.attributes) !== JSON.stringify(op.attributes)) {
    return [`shares the weights of ${owner.id}, which is another operation`];
  }
  return attempt(() => {
    const asked = expectedWeights(op).map(formatWeight).join();
    const owned = expectedWeights(owner).map(formatWeight).join();
    return asked === owned ? [] : [`asks for ${asked} where ${owner.id} has ${owned}`];
  });
}

function order(network: Network): readonly string[] {
  const done = new Set<string>();
  return network.ops.flatMap(({ id, operands, sharedWith }) => {
    const needed = [...operands.map(({ op }) => op), ...(sharedWith === undefined ? [] : [sharedWith])];
    const early = needed.filter((each) => !done.has(each));
    done.add(id);
    return early.map((each) => `${id} comes before ${each}, which it uses`);
  });
}

/** Modules follow the one around them, ids begin with the id of the module, and no module is empty. */
function moduleNesting({ modules, ops }: Network): readonly string[] {
  const known = new Set<string>();
  const filled = new Set<string>();
  const faults = duplicates(modules.map(({ id }) => id)).map((id) => `two modules are called ${id}`);
  const misplaced = (what: string, module: string): string[] => [
    ...(known.has(module) ? [] : [`${what} is part of the module ${module}, which does not come before it`]),
    ...(module === '' || what.startsWith(`${module}.`) ? [] : [`the id ${what} does not begin with ${module}.`]),
  ];
  for (const { id, parent } of modules) {
    if (parent !== undefined) faults.push(...misplaced(id, parent));
    known.add(id);
  }
  for (const op of ops) {
    faults.push(...misplaced(op.id, op.module));
    filled.add(op.module);
  }
  for (const { id, parent } of [...modules].reverse()) {
    if (!filled.has(id)) faults.push(`the module ${id} is empty`);
    else if (parent !== undefined) filled.add(parent);
  }
  return faults;
}

function inputs(network: Network, byId: ReadonlyMap<string, Op>): readonly string[] {
  const declared = network.inputs.flatMap(({ kind, name }) => {
    const op = byId.get(name);
    return op?.kind === 'input' && op.attributes.input === kind ? [] : [`the input ${name} has no operation`];
  });
  const names = new Set(network.inputs.map(({ name }) => name));
  const undeclared = network.ops.filter(({ kind, id }) => kind === 'input' && !names.has(id));
  return [...declared, ...undeclared.map(({ id }) => `${id} is not an input of the network`)];
}

function outputs(network: Network, byId: ReadonlyMap<string, Op>): readonly string[] {
  if (network.outputs.length === 0) return ['the network has no output'];
  return network.outputs.flatMap(({ name, labels, op, auxiliary }) =>
    [op, ...auxiliary].flatMap((id) => {
      const source = byId.get(id);
      if (source === undefined) return [`the output ${name} is ${id}, which does not exist`];
      const channels = channelsOf(source);
      return channels === labels.length
        ? []
        : [`the output ${name} has ${labels.length} labels and ${id} ${channels} channels`];
    }),
  );
}

function penalties(network: Network, byId: ReadonlyMap<string, Op>): readonly string[] {
  const faults = duplicates(network.penalties.map(({ name }) => name)).map(
    (name) => `two penalties are called ${name}`,
  );
  const odd = network.penalties.filter(({ op }) => byId.get(op)?.batched !== true);
  return [...faults, ...odd.map(({ name, op }) => `the penalty ${name} is ${op}, which is not a tensor of a batch`)];
}

/** At the smallest legal patch every constraint must hold and every axis must have at least one element. */
function sizes(network: Network): readonly string[] {
  const patch = new Map(network.legal.map(({ axis, first }) => [axis, first]));
  const used = network.ops.flatMap(({ shape }) => shape.flatMap(({ size }) => [...symbolsOf(size)]));
  const unknown = [...new Set(used)].filter((name) => !patch.has(name));
  if (unknown.length > 0) return unknown.map((name) => `no size of the axis ${name} is legal`);
  const unmet = network.constraints.filter(({ left, right }) => evaluate(left, patch) !== evaluate(right, patch));
  const empty = network.ops.filter(({ shape }) => shape.some(({ size }) => evaluate(size, patch) < 1));
  return [
    ...unmet.map(
      ({ left, right }) => `${formatSize(left)} = ${formatSize(right)} does not hold at the smallest legal patch`,
    ),
    ...empty.map(({ id, shape }) => `${id}: ${describe(shape)} is empty at the smallest legal patch`),
  ];
}

function channelsOf(tensor: Pick<Operand, 'shape'> | undefined): number | undefined {
  const axis = tensor?.shape[0];
  return axis === undefined ? undefined : constantOf(axis.size);
}

function duplicates(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const again = names.filter((name) => {
    const known = seen.has(name);
    seen.add(name);
    return known;
  });
  return [...new Set(again)];
}

function attempt(check: () => readonly string[]): readonly string[] {
  try {
    return check();
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function describe(shape: Shape): string {
  return `[${shape.map(({ name, size }) => `${name} = ${formatSize(size)}`).join(', ')}]`;
}
