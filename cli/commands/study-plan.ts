import Table from 'cli-table3';
import { formatSeconds, timeFactor } from '../../compiler/study/estimate-time.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { textDigest } from '../../runtime/data/file-digest.js';
import { formatShort } from '../../runtime/study/report/format-figure.js';
import { protocolText } from '../../runtime/study/study-folder.js';
import { colours } from '../colours.js';
import { startEngine, type EngineFlags } from '../engine.js';
import { exitCodes, Finished } from '../exit.js';
import { estimateRows, estimateStudy, type RowEstimate } from '../study/estimate-study.js';
import { lintTraining, type RowLint } from '../study/lint-study.js';
import { compileStudy } from '../study/open-study-spec.js';
import { planStudy, type StudyPlan } from '../study/plan-study.js';
import { counted, formatCount } from '../../text/count.js';

/** Flags of `unet study plan`. */
export interface StudyPlanFlags extends EngineFlags {
  readonly study?: string;
  readonly data: string;
  readonly jobs?: number;
  readonly format: string;
}

/** `unet study plan FILE --data DIR`: what a study would run, what that would take, and what speaks against it. */
export async function studyPlan(file: string, flags: StudyPlanFlags): Promise<void> {
  const compiled = compileStudy(file, flags.study);
  const { data, jobs, threads } = flags;
  const dataset = await openDataset(data);
  const engine = await startEngine(flags);
  const plan = await planStudy(compiled, { file, data, dataset, engine, jobs, threads });
  const lints = mergeLints(plan.lints, await lintTraining(compiled.study, plan.rows));
  const estimates = estimateRows(plan);
  process.stdout.write(flags.format === 'json' ? planJson(plan, lints, estimates) : planText(plan, lints, estimates));
  if (lints.some(({ refusals }) => refusals.length > 0)) throw new Finished(exitCodes.diagnostics);
}

/** What both kinds of checks found, row by row. */
export function mergeLints(first: readonly RowLint[], second: readonly RowLint[]): readonly RowLint[] {
  return first.map(({ name, refusals, notes }, index) => ({
    name,
    refusals: [...new Set([...refusals, ...(second[index]?.refusals ?? [])])],
    notes: [...new Set([...notes, ...(second[index]?.notes ?? [])])],
  }));
}

function jobCount({ rows, protocol: { seeds, folds } }: StudyPlan): number {
  return rows.length * seeds.length * folds.length;
}

function planJson(plan: StudyPlan, lints: readonly RowLint[], estimates: readonly RowEstimate[]): string {
  const { record, protocol, rows, jobs, threads } = plan;
  const json = {
    study: record.name,
    digest: textDigest(protocolText(protocol)),
    jobs: jobCount(plan),
    atATime: jobs,
    threads,
    seconds: estimateStudy(estimates, jobs),
    rows: rows.map(({ row }, index) => {
      const { name, kind, change, params, macs, memory, patch, unmatched, equal } = row;
      const { secondsPerStep, trainingSeconds, predictionSeconds } = estimates[index]!;
      const { refusals, notes } = lints[index]!;
      const network = { variant: name, kind, change, params, macs, patch, unmatched, equal };
      return { ...network, estimate: { memory, secondsPerStep, trainingSeconds, predictionSeconds }, refusals, notes };
    }),
    protocol,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function planText(plan: StudyPlan, lints: readonly RowLint[], estimates: readonly RowEstimate[]): string {
  const { record, protocol, rows, jobs, threads } = plan;
  const table = new Table({
    head: ['variant', 'change', 'params', 'MACs', 'memory', 'a step', 'training', 'predicting'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true },
  });
  rows.forEach(({ row }, index) => {
    const { secondsPerStep, trainingSeconds, predictionSeconds } = estimates[index]!;
    table.push([
      row.kind === 'base' ? `${row.name} (base)` : row.name,
      row.unmatched === null ? row.change : `UNMATCHED: ${row.unmatched.differs.join('; ')}`,
      formatCount(row.params),
      formatShort(row.macs),
      `${(row.memory / 2 ** 30).toFixed(1)} GiB`,
      formatSeconds(secondsPerStep),
      formatSeconds(trainingSeconds),
      formatSeconds(predictionSeconds),
    ]);
  });
  const { seeds, folds, data } = protocol;
  const lines = [
    `${record.name}: ${counted(jobCount(plan), 'job')} (${counted(rows.length, 'row')} x ${counted(seeds.length, 'seed')} x ${counted(folds.length, 'fold')}), ` +
      `${counted(new Set(folds.flatMap(({ test }) => test)).size, 'test case')} of ${data.name}`,
    table.toString(),
    `${jobs} at a time, ${counted(threads, 'thread')} each: about ${formatSeconds(estimateStudy(estimates, jobs))} in all, reading and scoring apart`,
    `Memory and times are estimates; times are within a factor of ${timeFactor} on the machine they were fitted on.`,
    `protocol ${protocol.protocol.name}, digest ${textDigest(protocolText(protocol))}`,
    ...lints.flatMap(lintLines),
  ];
  return `${lines.join('\n')}\n`;
}

/** What was found in a row, what stands against it first. */
export function lintLines({ name, refusals, notes }: RowLint): string[] {
  return [
    ...refusals.map((text) => `${colours.red('refused')}  ${name}: ${text}`),
    ...notes.map((text) => `${colours.yellow('note')}     ${name}: ${text}`),
  ];
}
