import type { ElementNode, ModelNode, ProtocolNode, VariantNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { replacement } from '../../grammar/diagnostics/suggest.js';
import type { Network } from '../ir/ir.js';
import { checkPatch } from '../ir/patch.js';
import { spatialAxes } from '../ir/receptive-field.js';
import { lowerProtocol } from '../protocol/lower-protocol.js';
import type { Lowering } from './lowering.js';
import { withoutDuplicates, ownModels, ownStudies, type Program } from '../program/program.js';

/**
 * UNET3016: the patch of a protocol should be legal. Reported for protocols in the same file as models with the same
 * number of axes, if none of these models can run on the patch. An imported protocol may be intended for other
 * networks, and a model that a study declares unmatched need not follow it.
 */
export function checkPatches(lowering: Lowering): readonly Diagnostic[] {
  const { program } = lowering;
  const statements = program.files.get(program.root)?.node.statements ?? [];
  const unmatched = unmatchedModels(program);
  const models = withoutDuplicates(ownModels(program)).filter((model) => !unmatched.has(model));
  const networks = models.flatMap((model) => lowering.of(model)?.lowered.network ?? []);
  return statements.flatMap((each) => (each.kind === 'Protocol' ? checkProtocol(each, networks) : []));
}

function unmatchedModels(program: Program): ReadonlySet<ModelNode | VariantNode> {
  const entrants = ownStudies(program).flatMap(({ entries }) => entries.flatMap(({ values }) => values));
  const names = entrants.flatMap(({ value, unmatched }) =>
    unmatched !== undefined && value.kind === 'Name' ? value : [],
  );
  const symbols = names.map((name) => program.symbols.get(name));
  return new Set(symbols.flatMap((symbol) => (symbol?.kind === 'model' ? symbol.declaration : [])));
}

function checkProtocol(node: ProtocolNode, networks: readonly Network[]): readonly Diagnostic[] {
  const { protocol } = lowerProtocol(node);
  if (protocol === undefined) return [];
  const { size } = protocol.patch;
  const fitting = networks.filter((network) => spatialAxes(network).length === size.length);
  const [first] = fitting;
  if (first === undefined || fitting.some((network) => checkPatch(network, size).length === 0)) return [];
  const written = patchItems(node);
  return checkPatch(first, size).flatMap((fault) => {
    if (fault.kind !== 'size') return [];
    const item = written[spatialAxes(first).indexOf(fault.axis)];
    const near = [fault.below, fault.above].filter((each) => each !== undefined);
    if (item === undefined || near.length === 0) return [];
    const parts = { model: first.name, axis: fault.axis, size: fault.size, nearest: near.join(' and ') };
    const notes =
      fault.reason === undefined ? [] : [`${fault.reason.charAt(0).toUpperCase()}${fault.reason.slice(1)}.`];
    const fixes = near.map((each) => replacement(item.span, String(each)));
    return [report('UNET3016', parts, item.span, { notes, fixes })];
  });
}

/** The sizes in `patch: random([64, 64, 64])` as written. */
function patchItems(node: ProtocolNode): readonly ElementNode[] {
  const value = node.entries.find(({ name }) => name.name === 'patch')?.value;
  const list = value?.kind === 'Call' ? value.arguments[0]?.value : undefined;
  return list?.kind === 'List' ? list.items : [];
}
