/**
 * Decides which uses of a block share a generated function. Uses share one unless they differ in something that the
 * code cannot decide while it builds the network because it depends on the patch: the names of axes, or whether a
 * resize has an effect.
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
  /** The facts that its code depends on, by expression. */
  readonly facts: Map<Expression, string>;
  /** Images whose sizes it needs, by their ids: it takes them after its tensors. */
  readonly images: Set<string>;
}

export class BlockFunctions {
  readonly all: BlockFunction[] = [];
  /** Names of blocks that are passed as values and never applied. */
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
    const all = ['skip', 'up', 'below', 'bottleneck'];
    return all.slice(0, Math.max(2, ...all.map((name, index) => (names.includes(name) ? index + 1 : 0))));
  }

  /** The function that implements all of these uses; only a name for a layer that is never applied. */
  functionFor(
    block: BlockNode,
    uses: readonly BlockUse[],
  ): { readonly name: string; readonly images: Iterable<string> } {
    const functions = new Set(uses.map((use) => this.functionOf(use)));
    const [only] = functions;
    if (functions.size > 1) throw new Unstructured(`one layer that needs several functions: ${block.name.name}`);
    if (only !== undefined) return only;
    const name = this.names.nameFor(block.name.name);
    this.unapplied.add(name);
    return { name, images: [] };
  }

  /**
   * Functions in the order in which their blocks are declared, file by file, so that all variants have the same order.
   */
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
      images: new Set<string>(),
    };
    if (fitting === undefined) this.all.push(found);
    found.uses.push(use);
    for (const [node, fact] of facts) found.facts.set(node, fact);
    for (const image of this.imagesOf(use)) found.images.add(image);
    this.byUse.set(use, found);
    return found;
  }

  /** The images that a use's own splits and the blocks in it need. */
  private imagesOf(use: BlockUse): readonly string[] {
    return [...use.values].flatMap(([node, value]) => {
      if (value.kind === 'tensor') {
        const op = this.ops.get(value.op);
        const isOwn = op?.kind === 'split' && op.span === node.span;
        return isOwn ? op.operands.slice(1).map((image) => image.op) : [];
      }
      if (value.kind !== 'layer' || value.recipe.kind !== 'block') return [];
      const inner = this.evaluation.applications.usesOf(value.recipe);
      return inner.flatMap((each) => [...this.functionOf(each).images]);
    });
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

/** The facts that the code of an operation depends on besides numbers: the names of axes, formulas of sizes. */
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
