/** The rows of a report's tree that a table shows, in the order the network runs. */
import { printable } from '../printable.js';
import type { ModuleReport, OpReport, PartReport, Report } from './report.js';

/** A module or an operation as a row of a table. */
export interface ModuleRow {
  /** The number of rows that it is inside of. */
  readonly depth: number;
  /** `level2: light`: the name in the module around it, and its block or the kind of the operation. */
  readonly text: string;
  readonly part: PartReport;
}

type Entry = ModuleReport | OpReport;

/**
 * Returns the model, its stages, and `depth` levels of modules inside each stage. What has neither parameters nor
 * multiply-accumulates is left out inside a stage. So is a single row inside a module, which would repeat the module's
 * figures. A module whose only part is a module shares a row with it.
 */
export function moduleRows(report: Report, depth: number): readonly ModuleRow[] {
  const stages = new Set(report.stages.map(({ id }) => id));
  const ops = new Map(report.ops.map((op) => [op.id, op]));
  const entriesOf = ({ parts }: ModuleReport): readonly Entry[] =>
    parts.map((part) => (typeof part === 'string' ? ops.get(part) : part)).filter((entry) => entry !== undefined);
  const hasCosts = ({ params, macs }: Entry): boolean => params > 0 || macs > 0;

  /** The levels that are left inside a stage; undefined around stages. */
  const visit = (entry: Entry, row: number, levels: number | undefined): readonly ModuleRow[] => {
    if ('kind' in entry) return [{ depth: row, text: labelled(entry.name, entry.computes), part: entry }];
    const left = levels ?? (stages.has(entry.id) ? depth : undefined);
    const { text, inner } = joined(entry, stages);
    return [{ depth: row, text, part: entry }, ...inside(inner, row + 1, left)];
  };
  const inside = (module: ModuleReport, row: number, levels: number | undefined): readonly ModuleRow[] => {
    if (levels === undefined) {
      const entries = entriesOf(module).filter(
        (entry) => !('kind' in entry) || hasCosts(entry) || stages.has(entry.id),
      );
      return entries.flatMap((entry) => visit(entry, row, undefined));
    }
    const entries = levels === 0 ? [] : entriesOf(module).filter(hasCosts);
    const rows = entries.flatMap((entry) => visit(entry, row, levels - 1));
    return rows.length < 2 ? [] : rows;
  };
  const { tree } = report;
  return [{ depth: 0, text: printable(report.model), part: tree }, ...inside(tree, 1, undefined)];
}

/** A module with those that are the only part of the one around them: `attention: low_rank_attention`. */
function joined(
  module: ModuleReport,
  stages: ReadonlySet<string>,
): { readonly text: string; readonly inner: ModuleReport } {
  const names = [module.name];
  let inner = module;
  for (let only = onlyModule(inner); only !== undefined && !stages.has(only.id); only = onlyModule(inner)) {
    if (only.name !== only.block?.name) names.push(only.name);
    inner = only;
  }
  return { text: labelled(names.join('.'), inner.block?.name), inner };
}

/** The only part of a module that is not a block, if that is a module. */
function onlyModule({ parts: [only, ...more], block }: ModuleReport): ModuleReport | undefined {
  return more.length === 0 && block === null && typeof only === 'object' ? only : undefined;
}

function labelled(name: string, what: string | undefined): string {
  return what === undefined || name === what ? printable(name) : `${printable(name)}: ${printable(what)}`;
}
