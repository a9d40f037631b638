/** A semantic diff of two networks as plain data; renderers make text, Markdown, HTML and JSON of it. */
import type { Network } from '../../ir/ir.js';
import type { Protocol } from '../../../contract/protocol.js';
import { buildReport, type Report, type StageReport } from '../report/report.js';
import { compareNetworks, type FoundChange } from './compare.js';
import { fitChanges } from './fit-changes.js';
import { protocolChanges } from './protocol-changes.js';
import { settingChanges, type SettingChange } from './setting-changes.js';
import { taskChanges } from './task-changes.js';

/** One of the two things compared. */
export interface DiffSide {
  readonly network: Network;
  /** The protocol for training it. */
  readonly protocol: Protocol | undefined;
  /** The patch at which its costs are counted; legal for the network. */
  readonly patch: readonly number[];
  /** Its source, as shown to readers. */
  readonly source: string;
}

/**
 * `same`: the same function with the same parameters, although names of steps may differ. `architecture`: another
 * network, trained and evaluated in the same way. `protocol`: the data, the training or the predicted labels differ too,
 * or only one can follow the protocol, so that scores cannot be compared directly.
 */
export type DiffClass = 'same' | 'architecture' | 'protocol';

export interface FigureChange {
  readonly before: number;
  readonly after: number;
  readonly delta: number;
}

/** Voxels per spatial axis; `global` where something sees everything. */
export interface FieldChange {
  readonly before: FieldFigure | null;
  readonly after: FieldFigure | null;
}

export interface FieldFigure {
  readonly size: readonly number[];
  readonly global: boolean;
}

export interface Totals {
  readonly params: FigureChange;
  readonly macs: FigureChange;
  readonly activationBytes: FigureChange;
  readonly receptiveField: FieldChange;
}

export interface StageChange extends Totals {
  readonly id: string;
}

export interface NetworkDiff extends Totals {
  readonly class: DiffClass;
  readonly knobs: readonly SettingChange[];
  readonly changes: readonly FoundChange[];
  /** Stages whose figures differ, in the order of the second network, then those that were removed. */
  readonly stages: readonly StageChange[];
  /** What differs in training, in the data or in what is predicted. */
  readonly protocol: readonly SettingChange[];
  readonly sides: { readonly before: SideSummary; readonly after: SideSummary };
}

export interface SideSummary {
  readonly model: string;
  readonly source: string;
  /** `D = 64`, one for each spatial axis. */
  readonly patch: readonly { readonly axis: string; readonly size: number }[];
}

/** Compares two checked networks. @throws if a patch is illegal, which is a bug of the caller */
export function buildDiff(before: DiffSide, after: DiffSide): NetworkDiff {
  const reports = [reportOf(before), reportOf(after)] as const;
  const changes = compareNetworks(before.network, after.network);
  const protocol = [
    ...taskChanges(before.network, after.network),
    ...protocolChanges(before.protocol, after.protocol),
    ...fitChanges(before, after),
  ];
  return {
    class: classOf(changes, protocol),
    knobs: knobChanges(before.network, after.network),
    changes,
    ...totals(reports[0], reports[1]),
    stages: stageChanges(reports[0], reports[1]),
    protocol,
    sides: { before: summary(before, reports[0]), after: summary(after, reports[1]) },
  };
}

function reportOf({ network, patch }: DiffSide): Report {
  const result = buildReport(network, patch);
  if (!result.ok) throw new Error(`an illegal patch: ${JSON.stringify(result.faults)}`);
  return result.report;
}

function classOf(changes: readonly FoundChange[], protocol: readonly SettingChange[]): DiffClass {
  if (protocol.length > 0) return 'protocol';
  return changes.every(({ extent }) => extent === 'name') ? 'same' : 'architecture';
}

function knobChanges(before: Network, after: Network): readonly SettingChange[] {
  const [left, right] = [before, after].map(({ knobs }) => new Map(knobs.map(({ name, value }) => [name, value])));
  return settingChanges(left ?? new Map(), right ?? new Map());
}

type Part = Pick<Report, 'macs' | 'activationBytes' | 'receptiveField' | 'global'> & { readonly total: number };

function totals(before: Report, after: Report): Totals {
  return figures({ ...before, total: before.params.total }, { ...after, total: after.params.total });
}

function figures(before: Part | undefined, after: Part | undefined): Totals {
  const change = (figure: 'total' | 'macs' | 'activationBytes'): FigureChange => {
    const [left, right] = [before?.[figure] ?? 0, after?.[figure] ?? 0];
    return { before: left, after: right, delta: right - left };
  };
  return {
    params: change('total'),
    macs: change('macs'),
    activationBytes: change('activationBytes'),
    receptiveField: { before: fieldOf(before), after: fieldOf(after) },
  };
}

function fieldOf(part: Part | undefined): FieldFigure | null {
  return part === undefined ? null : { size: part.receptiveField, global: part.global };
}

function stageChanges(before: Report, after: Report): readonly StageChange[] {
  const part = (stage: StageReport | undefined): Part | undefined =>
    stage === undefined ? undefined : { ...stage, total: stage.params };
  const left = new Map(before.stages.map((stage) => [stage.id, stage]));
  const right = new Map(after.stages.map((stage) => [stage.id, stage]));
  const ids = [...new Set([...right.keys(), ...left.keys()])];
  return ids.map((id) => ({ id, ...figures(part(left.get(id)), part(right.get(id))) })).filter((each) => differs(each));
}

function differs({ params, macs, activationBytes, receptiveField }: Totals): boolean {
  const deltas = [params, macs, activationBytes].some(({ delta }) => delta !== 0);
  return deltas || JSON.stringify(receptiveField.before) !== JSON.stringify(receptiveField.after);
}

function summary({ network, source }: DiffSide, report: Report): SideSummary {
  const patch = report.axes.map((axis, index) => ({ axis, size: report.patch[index] ?? 0 }));
  return { model: network.name, source, patch };
}
