import { ENGINES } from '../runtime/engine/catalogue.js';
import type { EngineProbe } from '../runtime/engine-checks/probe.js';
import { CURVE, curveDifference } from '../runtime/engine-checks/loss-curve.js';
import { TOLERANCE } from '../runtime/engine-checks/check-op.js';
import { referenceCurve, short } from '../runtime/engine-checks/verdict.js';
import { columnsOf, factsText, tableText } from '../text/table.js';
import { fixedSpace, wrapLines } from '../text/wrap.js';
import { colours } from './colours.js';

/** The probe of an engine, with its failures. */
export interface JudgedProbe extends EngineProbe {
  readonly faults: readonly string[];
}

/** How the engines are shown. */
export interface EnginesTextOptions {
  /** The engine that `auto` selects. */
  readonly chosen: string;
  /** Whether to list every operation instead of the exceptions. */
  readonly ops: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
}

/** Renders the engines, the operations that they lack (or all), the training comparison and the failures. */
export function renderEngines(probes: readonly JudgedProbe[], { chosen, ops, columns }: EnginesTextOptions): string {
  const verified = probes.some(({ checks }) => checks !== undefined);
  const listed = probes.filter(({ capabilities }) => capabilities.length > 0);
  const legend = ops ? [verified ? verifiedLegend() : capabilityLegend()] : [];
  const parts = [
    factsText(engineFacts(probes, chosen), columns),
    '',
    ...(listed.length === 0 ? [] : ops ? [operationTable(listed, columns)] : [exceptionsText(listed, columns)]),
    ...[
      ...legend,
      ...(probes.some(({ standIn }) => standIn)
        ? ['* not available on this machine; listed from the kernels that its package registers']
        : []),
      ...(verified ? ['', ...curveLines(probes)] : []),
      ...failureLines(probes),
    ].map((line) => wrapLines(line, columns)),
  ];
  return `${parts.join('\n').trimEnd()}\n`;
}

/** Each engine, and why it is available or not. */
function engineFacts(probes: readonly JudgedProbe[], chosen: string): (readonly [string, string])[] {
  return probes.map(({ name, available, detail, faults }) => {
    const state = faults.length > 0 ? colours.red('fails') : available ? colours.green('yes') : 'no';
    return [
      name,
      `${state}${available && faults.length === 0 ? '' : ':'} ${onOneLine(detail)}${name === chosen ? ' (selected by `auto`)' : ''}`,
    ];
  });
}

/** Keeps each command in a message on one line, so that it can be copied. */
function onOneLine(text: string): string {
  return text.replace(/`[^`]*`/g, (command) => command.replaceAll(' ', fixedSpace));
}

function labelOf({ name, standIn }: JudgedProbe): string {
  return standIn ? `${name} *` : name;
}

function operationsOf(probes: readonly JudgedProbe[]): readonly string[] {
  return [...new Set(probes.flatMap(({ capabilities }) => capabilities.map(({ op }) => op)))];
}

/** For each engine, the number of operations that it supports, and those that it does not. */
function exceptionsText(probes: readonly JudgedProbe[], columns: number): string {
  const operations = operationsOf(probes);
  const facts = probes.map((probe): readonly [string, string] => {
    const lacking = operations.filter((op) => exceptionOf(probe, op) !== undefined);
    const reasons = [...new Set(lacking.map((op) => exceptionOf(probe, op)!))];
    const lists = reasons.map((reason) => {
      const names = lacking.filter((op) => exceptionOf(probe, op) === reason);
      return `${colours.red(reason)}: ${names.join(', ')}`;
    });
    const count = `${operations.length - lacking.length} of ${operations.length} operations`;
    const measured = probe.checks === undefined ? [] : [differenceText(probe.checks)];
    return [
      labelOf(probe),
      [lacking.length === 0 ? `all ${operations.length} operations` : count, ...measured, ...lists].join('; '),
    ];
  });
  return factsText(facts, columns);
}

/** The largest differences of an engine that was verified. */
function differenceText(checks: NonNullable<JudgedProbe['checks']>): string {
  const slopes = checks.flatMap(({ gradient }) => (gradient === null ? [] : [gradient]));
  const value = `values differ from cpu by at most ${short(Math.max(...checks.map((each) => each.value)))} (tolerance ${short(TOLERANCE.value)})`;
  if (slopes.length === 0) return value;
  return `${value}, gradients from finite differences by at most ${short(Math.max(...slopes))} (tolerance ${short(TOLERANCE.gradient)})`;
}

function operationTable(probes: readonly JudgedProbe[], columns: number): string {
  const rows = operationsOf(probes).map((op) => [op, ...probes.map((probe) => cell(probe, op))]);
  return tableText(columnsOf(['operation', ...probes.map(labelOf)], 1 + probes.length), rows, columns);
}

/** What an engine lacks for an operation, if it lacks anything. */
function exceptionOf(probe: JudgedProbe, op: string): string | undefined {
  const parts = probe.capabilities.flatMap((each) =>
    each.op !== op || each.missing === undefined ? [] : [each.missing.part],
  );
  if (parts.length > 0) return `no ${parts.includes('kernel') ? 'kernel' : 'gradient'}`;
  return probe.checks?.some((each) => each.op === op && !each.passed) === true ? 'fails' : undefined;
}

/** The worst result among the test cases of an operation. */
function cell(probe: JudgedProbe, op: string): string {
  const exception = exceptionOf(probe, op);
  if (exception !== undefined) return colours.red(exception);
  const checks = probe.checks?.filter((each) => each.op === op);
  if (checks !== undefined) {
    const value = short(Math.max(...checks.map((each) => each.value)));
    const slopes = checks.flatMap(({ gradient }) => (gradient === null ? [] : [gradient]));
    return slopes.length === 0 ? value : `${value}, ${short(Math.max(...slopes))}`;
  }
  const cases = probe.capabilities.filter((each) => each.op === op);
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
