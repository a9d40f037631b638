import { formatSeconds, timeFactor } from '../../compiler/study/estimate-time.js';
import { openDataset } from '../../runtime/data/dataset.js';
import { textDigest } from '../../runtime/data/file-digest.js';
import { formatShort } from '../../runtime/study/report/format-figure.js';
import { protocolText } from '../../runtime/study/study-folder.js';
import { startEngine, type EngineFlags } from '../engine.js';
import { exitCodes, Finished } from '../exit.js';
import { cautionLines, isRefused, weigh } from '../study/plan-cautions.js';
import type { AllowanceFlags } from '../cautions.js';
import { lintLines, mergeLints } from '../study/check-rows.js';
import { forecastOf, jobsLine, plannedJobs, prospectLines, testCases, type Forecast } from '../study/forecast.js';
import { lintTraining, type RowLint } from '../study/lint-study.js';
import { compileStudy } from '../study/open-study-spec.js';
import { planStudy, type StudyPlan } from '../study/plan-study.js';
import { counted, formatCount } from '../../text/count.js';
import { columnsOf, tableText } from '../../text/table.js';
import { memoryUnit } from '../../text/units.js';
import { fixedSpace, wrapLines } from '../../text/wrap.js';
import { outputColumns, print } from '../terminal.js';
import { jsonText } from '../../text/json.js';

/** Flags of `unet study plan`. */
export interface StudyPlanFlags extends EngineFlags, AllowanceFlags {
  readonly study?: string;
  readonly data: string;
  readonly jobs?: number;
  readonly format: string;
}

/** `unet study plan FILE --data DIR`: shows the jobs of a study, their costs and any warnings. */
export async function studyPlan(file: string, flags: StudyPlanFlags): Promise<void> {
  const compiled = compileStudy(file, flags.study);
  const { data, jobs, threads } = flags;
  const dataset = await openDataset(data);
  const engine = await startEngine(flags);
  const planned = await planStudy(compiled, { file, data, dataset, engine, jobs, threads });
  const plan = { ...planned, cautions: weigh(planned.cautions, flags) };
  const lints = mergeLints(plan.lints, await lintTraining(compiled.study, plan.rows));
  const forecast = forecastOf(plan, plannedJobs(plan));
  print(flags.format === 'json' ? planJson(plan, lints, forecast) : planText(plan, lints, forecast));
  if (plan.cautions.some(isRefused) || lints.some(({ refusals }) => refusals.length > 0))
    throw new Finished(exitCodes.diagnostics);
}

function planJson(plan: StudyPlan, lints: readonly RowLint[], forecast: Forecast): string {
  const { record, protocol, rows, jobs, threads } = plan;
  const json = {
    study: record.name,
    digest: textDigest(protocolText(protocol)),
    jobs: forecast.total,
    atATime: jobs,
    threads,
    seconds: forecast.seconds,
    bestPossible: forecast.best,
    cautions: plan.cautions.map(({ caution, variants, folds }) => ({ ...caution, variants, folds })),
    rows: rows.map(({ row }, index) => {
      const { name, kind, change, params, macs, memory, patch, unmatched, inputs, equal } = row;
      const { secondsPerStep, trainingSeconds, predictionSeconds } = forecast.rows[index]!;
      const { refusals, notes } = lints[index]!;
      const network = { variant: name, kind, change, params, macs, patch, unmatched, inputs, equal };
      return { ...network, estimate: { memory, secondsPerStep, trainingSeconds, predictionSeconds }, refusals, notes };
    }),
    protocol,
  };
  return jsonText(json);
}

function planText(plan: StudyPlan, lints: readonly RowLint[], forecast: Forecast): string {
  const { record, protocol, rows } = plan;
  const memory = memoryUnit(Math.max(...rows.map(({ row }) => row.memory)));
  const numbers = ['params', 'MACs', `memory ${memory.name}`, 'per step', 'training', 'predicting'];
  const columns = columnsOf(['variant', 'change', ...numbers], 2);
  const cells = rows.map(({ row }, index) => {
    const { secondsPerStep, trainingSeconds, predictionSeconds } = forecast.rows[index]!;
    return [
      row.kind === 'base' ? `${row.name} (base)` : row.name,
      [row.unmatched === null ? row.change : `UNMATCHED: ${row.unmatched.differs.join('; ')}`, ...row.inputs]
        .filter((part) => part !== '')
        .join('; '),
      formatCount(row.params),
      formatShort(row.macs),
      memory.format(row.memory),
      ...[secondsPerStep, trainingSeconds, predictionSeconds].map((seconds) =>
        formatSeconds(seconds).replace(' ', fixedSpace),
      ),
    ];
  });
  const lines = [
    `${record.name}: ${counted(testCases(plan), 'test case')} of ${protocol.data.name}`,
    tableText(columns, cells, outputColumns()),
    ...[
      jobsLine(plan, forecast),
      `Memory and times are estimates; times are within a factor of ${timeFactor} on the machine they were fitted on.`,
      `protocol ${protocol.protocol.name}, digest ${textDigest(protocolText(protocol))}`,
      ...prospectLines(forecast),
      ...plan.cautions.flatMap(cautionLines),
      ...lints.flatMap(lintLines),
    ].map((line) => wrapLines(line, outputColumns())),
  ];
  return `${lines.join('\n')}\n`;
}
