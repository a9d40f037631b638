import { emitDiagram } from '../../compiler/emit/diagram/diagram.js';
import { buildDiff, type DiffSide } from '../../compiler/emit/diff/diff.js';
import { changeTable } from '../../compiler/emit/diff/parts.js';
import type { Network } from '../../compiler/ir/ir.js';
import { UserError } from '../../runtime/errors/user-error.js';
import type { Architecture } from '../../runtime/study/report/architecture.js';
import { readRow, type StudyFolder } from '../../runtime/study/study-folder.js';
import type { StudyRow } from '../../runtime/study/study-record.js';
import { networkOf } from '../run-network.js';

/** A row with its network, compiled from the spec in the study's folder. */
interface DrawnRow {
  readonly row: StudyRow;
  readonly network: Network;
}

/**
 * Draws the network of every row of a study; in variants, the differences from the base are marked and listed. A network
 * that this version compiles differently from the one that was trained is not drawn.
 */
export async function drawArchitectures(study: StudyFolder): Promise<readonly Architecture[]> {
  const { rows, base: baseName } = study.record;
  const base = await openRow(
    study,
    rows.find(({ name }) => name === baseName)!,
  );
  const drawn: Architecture[] = [];
  for (const row of rows) {
    const own = row.name === baseName ? base : await openRow(study, row);
    const drawing = 'problem' in own ? own : await drawRow(own, 'problem' in base ? undefined : base);
    drawn.push({ variant: row.name, drawing });
  }
  return drawn;
}

async function openRow(study: StudyFolder, row: StudyRow): Promise<DrawnRow | { readonly problem: string }> {
  const version = study.protocol.versions['unet-lang'] ?? 'unknown';
  const { model, graph } = row;
  try {
    const { spec } = await readRow(study, row);
    return { row, network: networkOf({ spec, model, graph, directory: study.directory, version }) };
  } catch (error) {
    if (error instanceof UserError) return { problem: error.message };
    throw error;
  }
}

async function drawRow({ row, network }: DrawnRow, base: DrawnRow | undefined): Promise<Architecture['drawing']> {
  const named = { ...network, name: row.name };
  const { patch } = row;
  if (row.kind !== 'variant' || base === undefined) return { svg: await emitDiagram(named, { patch, theme: 'auto' }) };
  const before = { ...base.network, name: base.row.name };
  const side = (of: Network, at: readonly number[]): DiffSide => ({
    network: of,
    protocol: undefined,
    patch: at,
    source: of.name,
  });
  const diff = buildDiff(side(before, base.row.patch), side(named, patch));
  const changes = changeTable(diff.changes).rows.map(([change = '', module = '', what = '', params = '']) => {
    return { change, module, what, params };
  });
  return { svg: await emitDiagram(named, { patch, base: before, theme: 'auto' }), changes };
}
