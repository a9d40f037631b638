/**
 * Checks a study's row before training: changes without an effect, identifiers without information, and unused parts
 * and parameters. `runtime/study/gradient-lint.ts` finds by computation what cannot be found in the text.
 */
import { styleDiagnostics } from '../../grammar/diagnostics/style.js';
import { fewBatchValues, fewValuesParts } from '../ir/batch-statistics.js';
import { weightsOf, type Network, type Op, type Weight } from '../ir/ir.js';
import { sameGraph } from '../ir/same-graph.js';
import { parameterCount } from '../ir/tensor.js';
import type { Protocol } from '../../contract/protocol.js';
import { counted } from '../../text/count.js';

export interface LintedRow {
  readonly name: string;
  readonly network: Network;
  /** Operations in its text that no output needs (`LoweredModel.unreached`). */
  readonly unreached: readonly Op[];
  /** Sizes of its training patch. */
  readonly patch: readonly number[];
}

/** The values of an identifier input over a data set's cases, if they come from a column. */
export interface IdentifierColumn {
  readonly input: string;
  /** The number of distinct values, without empty cells. */
  readonly distinct: number;
  readonly cases: number;
  /** The number of cases whose cell is not empty. */
  readonly given: number;
  /** The distinct values of the training cases of each fold, without empty cells. */
  readonly trained: readonly { readonly fold: number; readonly distinct: number }[];
}

export interface LintContext {
  /** All rows of the study, the linted one too; the first is the base. */
  readonly rows: readonly LintedRow[];
  readonly identify: Protocol['identify'];
  readonly batch: number;
  /** Columns of the data set; without a data set, every case is assumed to have its identifiers. */
  readonly columns?: readonly IdentifierColumn[];
}

export interface LintFinding {
  readonly kind: 'same-graph' | 'identifier' | 'no-gradient' | 'fallback' | 'unreached' | 'batch-norm';
  /** One sentence or two. */
  readonly text: string;
  /** `refuse`: the row is not what its name claims, and must not be trained; `note`: the table mentions it. */
  readonly severity: 'refuse' | 'note';
  /** Ids of the inputs, operations or weights concerned. */
  readonly ids: readonly string[];
  /** The number of parameters concerned. */
  readonly params: number;
}

/** Returns all findings for a row, refusals first. */
export function lintRow(row: LintedRow, context: LintContext): readonly LintFinding[] {
  const found = [
    ...lintGraph(row, context),
    ...lintUnreached(row, context),
    ...lintIdentifiers(row, context),
    ...lintConditional(row, context),
    ...lintBatchNorm(row, context),
  ];
  return [
    ...found.filter(({ severity }) => severity === 'refuse'),
    ...found.filter(({ severity }) => severity === 'note'),
  ];
}

function finding(kind: LintFinding['kind'], severity: LintFinding['severity'], text: string): LintFinding {
  return { kind, severity, text, ids: [], params: 0 };
}

/** A variant must differ from the base and from all other variants. */
function lintGraph(row: LintedRow, { rows }: LintContext): readonly LintFinding[] {
  const same = rows.find(({ name, network }) => name === row.name || sameGraph(network, row.network));
  if (same === undefined || same.name === row.name) return [];
  const role = same === rows[0] ? 'the base' : 'the row';
  return [
    finding(
      'same-graph',
      'refuse',
      `\`${row.name}\` is the same network as ${role} \`${same.name}\`: its change has no effect.`,
    ),
  ];
}

/** A batch norm that is trained on few values (UNET4007). */
function lintBatchNorm({ name, network, patch }: LintedRow, { batch }: LintContext): readonly LintFinding[] {
  const few = fewBatchValues(network, patch, batch);
  if (few === undefined) return [];
  const text = styleDiagnostics.UNET4007.message(fewValuesParts(name, few, batch));
  const severity = few.values === 1 ? 'refuse' : 'note';
  return [{ ...finding('batch-norm', severity, text), ids: [few.op.id] }];
}

/**
 * Reports unreached operations, one finding per connected part; a part that another row reaches is switched by knobs on
 * purpose.
 */
function lintUnreached({ network, unreached }: LintedRow, { rows }: LintContext): readonly LintFinding[] {
  const reached = new Set(rows.flatMap((row) => row.network.ops.map(placeOf)));
  return branchesOf(unreached).flatMap((branch) => {
    if (branch.some((op) => reached.has(placeOf(op)))) return [];
    const weights = branch.flatMap((op) => op.weights);
    const params = parameterCount(weights);
    const last = branch.at(-1)!;
    const size = `${counted(branch.length, 'operation')}, ${counted(params, 'parameter')}`;
    const text = `No output of \`${network.name}\` depends on \`${last.id}\` (${size}), so it is not part of the network.`;
    return [
      { kind: 'unreached', severity: params > 0 ? 'refuse' : 'note', text, ids: branch.map(({ id }) => id), params },
    ];
  });
}

/** The same in all variants of a model, and different for other models. */
function placeOf({ id, span }: Op): string {
  return `${span.source.path} ${span.start} ${id}`;
}

/** Connected components of operations, each in the given order. */
function branchesOf(ops: readonly Op[]): readonly (readonly Op[])[] {
  const branchOf = new Map<string, Op[]>();
  for (const op of ops) {
    const joined = new Set(op.operands.flatMap(({ op: id }) => branchOf.get(id) ?? []));
    const branch = [...joined, op];
    for (const each of branch) branchOf.set(each.id, branch);
  }
  return [...new Set(branchOf.values())];
}

type Identifier = Extract<Network['inputs'][number], { kind: 'identifier' }>;

/** Reports identifiers that the network reads but that have no source, or a source without information. */
function lintIdentifiers({ network }: LintedRow, context: LintContext): readonly LintFinding[] {
  const read = new Set(network.ops.flatMap((op) => op.operands.map((operand) => operand.op)));
  const inputs = network.inputs.filter(
    (input): input is Identifier => input.kind === 'identifier' && read.has(input.name),
  );
  return inputs.flatMap((input) => {
    const ids = [input.name];
    const params = parameterCount(
      weightsOf(network).filter(({ usedWhen }) => usedWhen?.input === input.name && usedWhen.given),
    );
    return informationOf(input, context).map((each) => ({ kind: 'identifier', ids, params, ...each }) as const);
  });
}

/**
 * The problems that the protocol and the data show for an identifier. A source that was set to `none` explicitly is
 * only noted.
 */
function informationOf(
  input: Identifier,
  { identify, columns }: LintContext,
): readonly Pick<LintFinding, 'severity' | 'text'>[] {
  const name = `The identifier \`${input.name}\``;
  const source = identify.find((each) => each.input === input.name)?.source;
  if (source === undefined) {
    return [{ severity: 'note', text: `${name} has no source in the protocol, so it has no value for any case.` }];
  }
  if (source.kind === 'hash_case') {
    return [
      {
        severity: 'note',
        text: `${name} is a hash of the case name: it carries no information and is meaningless for a new case.`,
      },
    ];
  }
  const column = columns?.find((each) => each.input === input.name);
  if (column === undefined) return [];
  const from = `${name} comes from the column \`${source.name}\``;
  if (column.given === 0) return [{ severity: 'refuse', text: `${from}, but no case has a value in it.` }];
  if (column.distinct === 1) {
    return [
      {
        severity: 'refuse',
        text: `${from}, which has the same value for all cases and therefore carries no information.`,
      },
    ];
  }
  if (column.distinct === column.given) {
    const text = `${from}, which has a different value for each of the ${column.given} cases: it carries no more information than the case name.`;
    return [{ severity: 'refuse', text }];
  }
  const untrained = untrainedRows(input.count, column);
  if (untrained === undefined) return [];
  const text = `${from}, which has ${counted(column.distinct, 'value')}: of the ${counted(input.count, 'row')} in its tables, ${untrained}.`;
  return [{ severity: 'note', text }];
}

/** `3 are never trained`, or by fold if folds differ; undefined if every row is trained. */
function untrainedRows(count: number, { trained }: IdentifierColumn): string | undefined {
  const are = (rows: number): string => `${rows} ${rows === 1 ? 'is' : 'are'}`;
  const rests = trained.map(({ fold, distinct }) => ({ fold, rest: Math.max(0, count - distinct) }));
  const first = rests[0]?.rest ?? 0;
  if (rests.every(({ rest }) => rest === first)) return first === 0 ? undefined : `${are(first)} never trained`;
  return rests
    .filter(({ rest }) => rest > 0)
    .map(({ fold, rest }) => `${are(rest)} not trained in fold ${fold}`)
    .join(', ');
}

/** Reports weights for identifiers that no case has, and fallback weights for an identifier that every case has. */
function lintConditional({ network }: LintedRow, context: LintContext): readonly LintFinding[] {
  const idle = weightsOf(network).filter((weight) => weight.trainable && isIdle(weight, context));
  const reasons = new Map<string, Weight[]>();
  for (const weight of idle) {
    const { input, given } = weight.usedWhen!;
    const reason = given ? `no case has \`${input}\`` : `every case has \`${input}\``;
    reasons.set(reason, [...(reasons.get(reason) ?? []), weight]);
  }
  return [...reasons].flatMap(([reason, weights]) => [
    ...describeIdle(
      weights.filter(({ fallback }) => fallback),
      'fallback',
      reason,
    ),
    ...describeIdle(
      weights.filter(({ fallback }) => !fallback),
      'no-gradient',
      reason,
    ),
  ]);
}

function isIdle({ usedWhen }: Weight, { identify, columns }: LintContext): boolean {
  if (usedWhen === undefined) return false;
  const hasSource = identify.some(({ input }) => input === usedWhen.input);
  const column = columns?.find(({ input }) => input === usedWhen.input);
  if (usedWhen.given) return !hasSource || column?.given === 0;
  return hasSource && (column === undefined || column.given === column.cases);
}

function describeIdle(
  weights: readonly Weight[],
  kind: 'fallback' | 'no-gradient',
  reason: string,
): readonly LintFinding[] {
  if (weights.length === 0) return [];
  const params = parameterCount(weights);
  const declared = kind === 'fallback' ? ' (declared `fallback`)' : '';
  const text = `No gradient reaches ${counted(params, 'parameter')} in ${listIds(weights)}: ${reason}${declared}.`;
  const ids = weights.map(({ id }) => id);
  return [{ kind, severity: kind === 'fallback' ? 'note' : 'refuse', text, ids, params }];
}

/** The first ids and the number of remaining ones. */
function listIds(weights: readonly Weight[]): string {
  const [first] = weights;
  return weights.length === 1 ? `\`${first?.id}\`` : `\`${first?.id}\` and ${weights.length - 1} more`;
}
