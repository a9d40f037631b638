import Table from 'cli-table3';
import { ENGINES } from '../runtime/engine/catalogue.js';
import type { EngineProbe } from '../runtime/engine-checks/probe.js';
import { CURVE, curveDifference } from '../runtime/engine-checks/loss-curve.js';
import { TOLERANCE } from '../runtime/engine-checks/check-op.js';
import { referenceCurve, short } from '../runtime/engine-checks/verdict.js';
import { colours } from './colours.js';

/** The probe of an engine, with its failures. */
export interface JudgedProbe extends EngineProbe {
  readonly faults: readonly string[];
}

/** Renders the engines, the table of operations, the training comparison and the failures. */
export function renderEngines(probes: readonly JudgedProbe[], chosen: string): string {
  const verified = probes.some(({ checks }) => checks !== undefined);
  const parts = [
    ...engineLines(probes, chosen),
    operationTable(probes),
    verified ? verifiedLegend() : capabilityLegend(),
    ...(probes.some(({ standIn }) => standIn)
      ? ['* not available on this machine; listed from the kernels that its package registers']
      : []),
    ...(verified ? ['', ...curveLines(probes)] : []),
    ...failureLines(probes),
  ];
  return `${parts.join('\n')}\n`;
}

function plainTable(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

/** One line per engine, because reasons are long. */
function engineLines(probes: readonly JudgedProbe[], chosen: string): string[] {
  const width = Math.max(...probes.map(({ name }) => name.length));
  return probes.map(({ name, available, detail, faults }) => {
    const state = faults.length > 0 ? colours.red('fails') : available ? colours.green('yes  ') : 'no   ';
    return `${name.padEnd(width)}  ${state}  ${detail}${name === chosen ? ' (selected by `auto`)' : ''}`;
  });
}

function operationTable(probes: readonly JudgedProbe[]): string {
  const shown = probes.filter(({ capabilities }) => capabilities.length > 0);
  if (shown.length === 0) return '';
  const table = plainTable(['operation', ...shown.map(({ name, standIn }) => (standIn ? `${name} *` : name))]);
  const operations = [...new Set(shown.flatMap(({ capabilities }) => capabilities.map(({ op }) => op)))];
  for (const op of operations) table.push([op, ...shown.map((probe) => cell(probe, op))]);
  return table.toString();
}

/** The worst result among the test cases of an operation. */
function cell(probe: JudgedProbe, op: string): string {
  const cases = probe.capabilities.filter((each) => each.op === op);
  const parts = cases.flatMap(({ missing }) => (missing === undefined ? [] : [missing.part]));
  if (parts.length > 0) return colours.red(`no ${parts.includes('kernel') ? 'kernel' : 'gradient'}`);
  const checks = probe.checks?.filter((each) => each.op === op);
  if (checks !== undefined) {
    if (checks.some(({ passed }) => !passed)) return colours.red('fails');
    const value = short(Math.max(...checks.map((each) => each.value)));
    const slopes = checks.flatMap(({ gradient }) => (gradient === null ? [] : [gradient]));
    return slopes.length === 0 ? value : `${value}, ${short(Math.max(...slopes))}`;
  }
  const kernel = cases.some(({ by }) => by === 'own') ? 'own kernel' : 'kernel';
  return cases.some(({ differentiable }) => differentiable) ? `${kernel}, gradient` : kernel;
}

function capabilityLegend(): string {
  return 'kernel: composed of tfjs kernels; own kernel: a single kernel of the engine; gradient: differentiable';
}

function verifiedLegend(): string {
  return (
    `largest difference from cpu (tolerance ${short(TOLERANCE.value)}), ` +
    `and of gradients from finite differences (tolerance ${short(TOLERANCE.gradient)})`
  );
}

function curveLines(probes: readonly JudgedProbe[]): string[] {
  const reference = referenceCurve(probes);
  return probes.flatMap(({ name, losses }) => {
    if (losses === undefined || reference?.losses === undefined) return [];
    const course = `${losses[0]!.toFixed(4)} to ${losses.at(-1)!.toFixed(4)} in ${losses.length} steps`;
    const apart = short(curveDifference(losses, reference.losses));
    const compared =
      name === reference.name ? 'the reference for the others' : `differs from ${reference.name} by ${apart}`;
    return [`training on ${name}: loss ${course}, ${compared} (tolerance ${short(CURVE.tolerance)})`];
  });
}

function failureLines(probes: readonly JudgedProbe[]): string[] {
  return probes.flatMap(({ name, faults }) => faults.map((fault) => `${colours.red('error')}: ${name}: ${fault}`));
}

/** Returns the engine that `auto` selects according to the probes. */
export function autoChoice(probes: readonly EngineProbe[]): string | undefined {
  return ENGINES.find(({ name, auto }) => auto && probes.some((each) => each.name === name && each.available))?.name;
}
