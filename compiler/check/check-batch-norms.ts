import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import type { Span } from '../../grammar/source.js';
import type { Protocol } from '../../contract/protocol.js';
import { fewBatchValues, fewValuesHelp, fewValuesParts, type FewValues } from '../ir/batch-statistics.js';
import type { Network } from '../ir/ir.js';
import { checkPatch } from '../ir/patch.js';
import { lowerProtocol } from '../protocol/lower-protocol.js';
import { ownModels, ownStudies, withoutDuplicates } from '../program/program.js';
import type { Lowering } from './lowering.js';

interface Trained {
  readonly name: string;
  readonly network: Network;
  readonly patch: readonly number[];
  readonly span: Span;
}

/**
 * UNET4007: the statistics of a batch norm should be computed from enough values. Reported once for each study, and for
 * each protocol of the root file that no study uses, for the model with the fewest.
 */
export function checkBatchNorms(lowering: Lowering): readonly Diagnostic[] {
  const { program } = lowering;
  const studies = withoutDuplicates(ownStudies(program)).flatMap((node) => lowering.study(node).value ?? []);
  const used = new Set(studies.map(({ protocol }) => protocol.name));
  const networks = withoutDuplicates(ownModels(program)).flatMap((node) => lowering.of(node)?.lowered.network ?? []);
  const statements = program.files.get(program.root)?.node.statements ?? [];
  return [
    ...studies.flatMap(({ protocol, models }) => worst(models, protocol)),
    ...statements.flatMap((node) => {
      if (node.kind !== 'Protocol' || used.has(node.name.name)) return [];
      const { protocol } = lowerProtocol(node);
      if (protocol === undefined) return [];
      const patch = protocol.patch.size;
      const span = node.entries.find(({ name }) => name.name === 'batch')?.span ?? node.name.span;
      const fitting = networks.filter((network) => checkPatch(network, patch).length === 0);
      return worst(
        fitting.map((network) => ({ name: network.name, network, patch, span })),
        protocol,
      );
    }),
  ];
}

function worst(models: readonly Trained[], { batch }: Pick<Protocol, 'batch'>): readonly Diagnostic[] {
  let found: { readonly model: Trained; readonly few: FewValues } | undefined;
  for (const model of models) {
    const few = fewBatchValues(model.network, model.patch, batch);
    if (few !== undefined && (found === undefined || few.values < found.few.values)) found = { model, few };
  }
  if (found === undefined) return [];
  const { model, few } = found;
  return [report('UNET4007', fewValuesParts(model.name, few, batch), model.span, { help: fewValuesHelp })];
}
