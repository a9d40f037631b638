/** The content of a diff as text and tables, for every output format. */
import { formatCount } from '../../../text/count.js';
import { formatDifference, formatField, printable } from '../printable.js';
import { memoryUnit, type Unit } from '../../../text/units.js';
import type { TextTable } from '../../../text/text-table.js';
import type { Change } from './compare.js';
import type { DiffClass, FieldFigure, FigureChange, NetworkDiff, SideSummary, Totals } from './diff.js';
import type { SettingChange } from './setting-changes.js';

export const classNames: Readonly<Record<DiffClass, string>> = {
  same: 'same network',
  architecture: 'architecture only',
  protocol: 'changes the protocol',
};

/** One sentence on what the class means for a comparison. */
export const classMeanings: Readonly<Record<DiffClass, string>> = {
  same: 'Both compute the same function with the same parameters.',
  architecture: 'Both train on the same data under the same conditions; only the network differs.',
  protocol: 'The training data, the training procedure or the task differ, so the scores cannot be compared directly.',
};

export const signs: Readonly<Record<Change['kind'], string>> = {
  added: '+',
  removed: '−',
  replaced: '±',
  changed: '~',
};

export function modelNames({ sides }: NetworkDiff): string {
  return `${printable(sides.before.model)} → ${printable(sides.after.model)}`;
}

export function sources({ sides }: NetworkDiff): string {
  return `${printable(sides.before.source)} → ${printable(sides.after.source)}`;
}

/** Every table that has rows, in order. */
export function tablesOf(diff: NetworkDiff): readonly TextTable[] {
  return [
    settingTable('protocol', 'setting', diff.protocol),
    settingTable('knobs', 'knob', diff.knobs),
    changeTable(diff.changes),
    totalTable(diff),
    stageTable(diff),
  ].filter(({ rows }) => rows.length > 0);
}

function settingTable(title: string, what: string, changes: readonly SettingChange[]): TextTable {
  const rows = changes.map(({ name, before, after }) => [name, before ?? '–', after ?? '–'].map(printable));
  return { title, head: [what, 'before', 'after'], rows, firstNumber: 3 };
}

export function changeTable(changes: readonly Change[]): TextTable {
  const rows = groupByModule(changes).map((alike) => [
    `${signs[alike[0].kind]} ${alike[0].kind}`,
    printable(alike[0].id) +
      alike
        .slice(1)
        .map((each) => `, ${printable(nameOf(each))}`)
        .join(''),
    changeText(alike[0]),
    formatDifference(alike.reduce((sum, { params }) => sum + params, 0)),
  ]);
  return { title: 'modules', head: ['change', 'module', 'what', 'parameters'], rows, firstNumber: 3 };
}

/** Changes that are the same for several parts of one module, together: `decoder.fuse1, fuse0`. */
function groupByModule(changes: readonly Change[]): readonly (readonly [Change, ...Change[]])[] {
  const groups = new Map<string, [Change, ...Change[]]>();
  for (const change of changes) {
    const { kind, id, module, before, after } = change;
    const key = JSON.stringify(module === '' ? [kind, id] : [kind, module, before, after]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return [...groups.values()];
}

/** The id of a changed part within its module. */
function nameOf({ id, module }: Change): string {
  return id.slice(module.length + 1);
}

/** Describes a change; what both sides begin with is written once. */
export function changeText({ before, after }: Pick<Change, 'before' | 'after'>): string {
  if (before === null || after === null) return after ?? before ?? '';
  const [left, right] = [before.split(', '), after.split(', ')];
  const differs = left.findIndex((part, index) => part !== right[index]);
  const shared = Math.min(differs, right.length - 1);
  if (shared < 1) return `${before} ⟶ ${after}`;
  const rest = [left, right].map((parts) => parts.slice(shared).join(', '));
  return `${left.slice(0, shared).join(', ')}: ${rest.join(' ⟶ ')}`;
}

function totalTable(diff: NetworkDiff): TextTable {
  const { before, after } = diff.sides;
  const memory = memoryOf(diff);
  const [left, right] = [patchText(before), patchText(after)];
  return {
    title: left === right ? `totals at ${left}` : `totals at ${left} before, ${right} after`,
    head: ['', 'before', 'after', 'change'],
    rows: [
      figureRow('parameters', diff.params, wholeNumbers),
      figureRow('MACs', diff.macs, wholeNumbers),
      figureRow(`activation ${memory.name}`, diff.activationBytes, memory),
      ['receptive field', ...fieldCells(diff.receptiveField), ''],
    ],
    firstNumber: 1,
  };
}

function patchText({ patch }: SideSummary): string {
  return patch.map(({ axis, size }) => `${printable(axis)} = ${size}`).join(', ');
}

const wholeNumbers: Unit = { name: '', size: 1, format: formatCount };

function figureRow(name: string, { before, after, delta }: FigureChange, unit: Unit): readonly string[] {
  const share = before === 0 || delta === 0 ? '' : ` (${signed((100 * delta) / before)} %)`;
  const change = unit.size === 1 ? formatDifference(delta) : signed(delta / unit.size);
  return [name, unit.format(before), unit.format(after), `${change}${share}`];
}

/** A difference with its sign and one decimal; with one significant digit if the decimal would be 0. */
function signed(difference: number): string {
  if (difference === 0) return '0';
  const size = Math.abs(difference);
  const digits = size < 0.05 ? { maximumSignificantDigits: 1 } : { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return `${difference > 0 ? '+' : '−'}${size.toLocaleString('en-US', digits)}`;
}

/** The unit of memory of both networks, as in their reports. */
function memoryOf({ activationBytes: { before, after } }: NetworkDiff): Unit {
  return memoryUnit(Math.max(before, after));
}

function stageTable(diff: NetworkDiff): TextTable {
  const memory = memoryOf(diff);
  const rows = diff.stages.map((stage) => [
    printable(stage.id),
    formatDifference(stage.params.delta),
    formatDifference(stage.macs.delta),
    signed(stage.activationBytes.delta / memory.size),
    fieldChange(stage.receptiveField),
  ]);
  const head = ['stage', 'parameters', 'MACs', `activation ${memory.name}`, 'receptive field'];
  return { title: 'change by stage', head, rows, firstNumber: 1 };
}

function fieldChange(field: Totals['receptiveField']): string {
  const [before, after] = fieldCells(field);
  return before === after ? (after ?? '') : `${before} ⟶ ${after}`;
}

function fieldCells({ before, after }: Totals['receptiveField']): readonly string[] {
  return [fieldText(before), fieldText(after)];
}

function fieldText(field: FieldFigure | null): string {
  return field === null ? '–' : formatField({ receptiveField: field.size, global: field.global });
}
