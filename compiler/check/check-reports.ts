import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { ownModels, withoutDuplicates } from '../program/program.js';
import { checkUnions } from '../protocol/report-words.js';
import type { Lowering } from './lowering.js';

/**
 * UNET3057: a union in a protocol's `report` should be one that a network can form. Reported for protocols in the same
 * file as models, if none of these models can form it; studies check their own networks.
 * @param found diagnostics so far, which are not repeated
 */
export function checkReports(lowering: Lowering, found: readonly Diagnostic[]): readonly Diagnostic[] {
  const { program } = lowering;
  const statements = program.files.get(program.root)?.node.statements ?? [];
  const networks = withoutDuplicates(ownModels(program)).flatMap((model) => lowering.of(model)?.lowered.network ?? []);
  return statements.flatMap((statement) => {
    if (statement.kind !== 'Protocol') return [];
    const byNetwork = networks.map((network) => checkUnions(statement, [network]));
    const [first = [], ...others] = byNetwork;
    const isKnown = ({ span }: Diagnostic): boolean =>
      found.some((each) => each.code === 'UNET3057' && each.span.start === span.start);
    return first.filter(
      (each) => !isKnown(each) && others.every((own) => own.some(({ span }) => span.start === each.span.start)),
    );
  });
}
