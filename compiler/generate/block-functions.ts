/**
 * Which function stands for which use of a block. Uses share one unless something differs that code cannot decide while
 * the network is built, because it depends on the patch: the names of axes, whether a resize has anything to do.
 */
import type { BlockNode, Expression } from '../../grammar/ast.js';
import type { BlockUse } from '../evaluate/block-use.js';
import type { Evaluation } from '../evaluate/evaluation.js';
import type { Value } from '../evaluate/values.js';
import type { Op } from '../ir/ir.js';
import { opCall } from './op-call.js';
import type { VariableNames } from './variable-names.js';
import { Unstructured } from './unstructured.js';

/** A function to be generated. */
export interface BlockFunction {
  readonly name: string;
  readonly block: BlockNode;
  readonly uses: BlockUse[];
  /** What its code rests on, by expression. */
  readonly facts: Map<Expression, string>;
}

export class BlockFunctions {
  readonly all: BlockFunction[] = [];
  /** Names of blocks that are passed on and never applied. */
  readonly unapplied = new Set<string>();
  private readonly byUse = new Map<BlockUse, BlockFunction>();

  constructor(
    private readonly evaluation: Evaluation,
    private readonly ops: ReadonlyMap<string, Op>,
    private readonly names: VariableNames,
  ) {
    for (const use of evaluation.applications.uses) this.functionOf(use);
  }

  /** See `ModuleContext`. */
  get fusionTensors(): readonly string[] {
    const names = this.all.flatMap(({ block }) =>
      block.members.flatMap((member) => (member.kind === 'Tensor' ? [member.name.name] : [])),
    );
    return names.includes('below') ? ['skip', 'up', 'below'] : ['skip', 'up'];
  }

  /** The name of the function that stands for all of these uses. */
  nameOf(block: BlockNode, uses: readonly BlockUse[]): string {
    const functions = new Set(uses.map((use) => this.functionOf(use)));
    const [only] = functions;
    if (functions.size > 1) throw new Unstructured(`one layer that needs several functions: ${block.name.name}`);
    if (only !== undefined) return only.name;
    const name = this.names.nameFor(block.name.name);
    this.unapplied.add(name);
    return name;
  }

  /** Functions in the order in which their blocks are declared, file by file, so that variants have one order. */
  inTextOrder(): readonly BlockFunction[] {
    const files = [...new Set(this.all.map(({ block }) => block.span.source.path))].sort();
    const fileOf = ({ block }: BlockFunction): number => files.indexOf(block.span.source.path);
    return [...this.all].sort((a, b) => fileOf(a) - fileOf(b) || a.block.span.start - b.block.span.start);
  }

  private functionOf(use: BlockUse): BlockFunction {
    const known = this.byUse.get(use);
    if (known !== undefined) return known;
    if (use.block === undefined) throw new Error('a model has no function');
    const facts = this.factsOf(use);
    const { block } = use;
    const fitting = this.all.find((each) => each.block === block && agree(each.facts, facts));
    const found = fitting ?? {
      name: this.names.nameFor(block.name.name),
      block,
      uses: [],
      facts: new Map<Expression, string>(),
    };
    if (fitting === undefined) this.all.push(found);
    found.uses.push(use);
    for (const [node, fact] of facts) found.facts.set(node, fact);
    this.byUse.set(use, found);
    return found;
  }

  private factsOf(use: BlockUse): ReadonlyMap<Expression, string> {
    const facts = new Map<Expression, string>();
    for (const [node, value] of use.values) {
      const fact = this.factOf(node, value);
      if (fact !== undefined) facts.set(node, fact);
    }
    return facts;
  }

  private factOf(node: Expression, value: Value): string | undefined {
    if (value.kind === 'tensor') {
      const op = this.ops.get(value.op);
      const isOwn = op !== undefined && op.span === node.span;
      if (isOwn) return operationFact(op);
      return node.kind === 'Call' || node.kind === 'Binary' ? 'its operand' : undefined;
    }
    if (value.kind !== 'layer') return undefined;
    const { recipe } = value;
    const { applications } = this.evaluation;
    if (recipe.kind === 'primitive') {
      return ['resize', 'pad', 'crop'].includes(recipe.primitive.name)
        ? `applied ${applications.operationsOf(recipe).length > 0}`
        : undefined;
    }
    if (recipe.kind !== 'block') return undefined;
    const functions = new Set(applications.usesOf(recipe).map((each) => this.functionOf(each).name));
    return functions.size === 0 ? undefined : [...functions].join(', ');
  }
}

/** What the code of an operation rests on besides numbers: the names of axes, formulas of sizes. */
function operationFact(op: Op): string {
  const { name, positional = [], settings = [], after = [] } = opCall(op);
  if (op.kind === 'scalar') return name;
  if (op.kind === 'split' && op.operands.length === 1) {
    return [name, ...positional, op.attributes.axis, ...op.attributes.into.map((part) => part.name)].join(' ');
  }
  if (op.kind === 'roll') return [name, ...positional, ...op.attributes.shifts.map(({ axis }) => axis)].join(' ');
  return JSON.stringify([name, positional, settings, after]);
}

function agree(left: ReadonlyMap<Expression, string>, right: ReadonlyMap<Expression, string>): boolean {
  return [...right].every(([node, fact]) => (left.get(node) ?? fact) === fact);
}
