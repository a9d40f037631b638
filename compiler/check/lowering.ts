import type { ModelNode, StudyNode, VariantNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { checkBlock } from '../evaluate/check-block.js';
import { Trace } from '../evaluate/trace.js';
import { lowerStudy, type LoweredStudy } from '../study/lower-study.js';
import { bindModel, createEvaluation, lower, type Lowered, type Program } from '../program/program.js';

/** The models and studies of a program, each lowered once when first requested, and its blocks, each checked alone. */
export class Lowering {
  private readonly known = new Map<ModelNode | VariantNode, Lowered | undefined>();
  private readonly knownStudies = new Map<StudyNode, LoweredStudy>();
  private checkedBlocks: { diagnostics: readonly Diagnostic[]; trace: Trace } | undefined;

  constructor(readonly program: Program) {}

  /** Undefined if the base of a variant does not exist. */
  of(declaration: ModelNode | VariantNode): Lowered | undefined {
    if (this.known.has(declaration)) return this.known.get(declaration);
    const model = bindModel(this.program, declaration);
    const result = model === undefined ? undefined : { model, lowered: lower(this.program, model) };
    this.known.set(declaration, result);
    return result;
  }

  study(node: StudyNode): LoweredStudy {
    const known = this.knownStudies.get(node) ?? lowerStudy(this, node);
    this.knownStudies.set(node, known);
    return known;
  }

  /**
   * Every block of the program, checked independently of its uses, each with limits of its own: the number of blocks is
   * not limited.
   */
  get blocks(): { readonly diagnostics: readonly Diagnostic[]; readonly trace: Trace } {
    if (this.checkedBlocks !== undefined) return this.checkedBlocks;
    const diagnostics: Diagnostic[] = [];
    const trace = new Trace([]);
    for (const file of this.program.files.values()) {
      for (const statement of file.node.statements) {
        if (statement.kind !== 'Block') continue;
        const evaluation = createEvaluation(this.program);
        checkBlock(evaluation, statement);
        diagnostics.push(...evaluation.diagnostics);
        trace.observations.push(...evaluation.trace.observations);
        for (const [call, recipe] of evaluation.trace.called) trace.called.set(call, recipe);
      }
    }
    this.checkedBlocks = { diagnostics, trace };
    return this.checkedBlocks;
  }
}
