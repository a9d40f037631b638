import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { markup, type Markup } from '../../../../text/markup.js';
import { caseDice } from '../../case-dice.js';
import type { StudyEvidence } from '../../evidence.js';
import { formatMetric } from '../format-figure.js';
import type { StudyReport } from '../report.js';
import { horizontalAxis } from './axis.js';
import { chosenCases, type ChosenCase } from './case-scores.js';
import { chartFigure, isNarrow, nameHeight, nameLines, nameText } from './chart.js';
import type { Drawing } from './standalone-chart.js';
import { caseMark, key } from './mark.js';

interface Strip {
  readonly name: string;
  readonly dice: ReadonlyMap<string, number>;
}

type Rules = ReadonlyMap<string, ChosenCase['rule']>;

const format = (value: number): string => formatMetric('dice', value);

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function draw(strips: readonly Strip[], cases: readonly string[], rules: Rules, width: number): Drawing {
  const narrow = isNarrow(width);
  const [left, right, top] = [narrow ? 10 : 230, width - 12, 8];
  const names = strips.map(({ name }) => nameLines(name, narrow ? width - 16 : 214));
  const tallest = Math.max(...names.map(nameHeight));
  const step = narrow ? tallest + 36 : Math.max(44, tallest + 12);
  const bottom = top + strips.length * step;
  const values = strips.flatMap(({ dice }) => [...dice.values()]);
  const count = narrow ? 5 : 10;
  const x = scaleLinear([Math.min(...values), Math.max(...values)], [left + 6, right - 6]).nice(count);
  const y = (index: number): number => top + index * step + (narrow ? tallest + 20 : step / 2);
  const rising = cases.toSorted((a, b) => Number(rules.has(a)) - Number(rules.has(b)));
  const lines = rising.map((id) => {
    const path = line<Strip>(
      (strip) => x(strip.dice.get(id) ?? 0),
      (_, index) => y(index),
    )
      .defined((strip) => strip.dice.has(id))
      .digits(1);
    return markup`<path class="thread ${rules.get(id) ?? 'other'}" d="${path(strips)}"/>`;
  });
  const marks = strips.map(({ name, dice }, index) => {
    const mean = x(meanOf([...dice.values()]));
    const dots = rising.flatMap((id) => {
      const value = dice.get(id);
      return value === undefined
        ? []
        : [caseMark(rules.get(id), x(value), y(index), `${id} by ${name}: ${format(value)}`)];
    });
    const lines = names[index]!;
    const title = narrow ? nameText(lines, 8, y(index) - 16) : nameText(lines, 0, y(index) + nameHeight(lines) / 2 - 4);
    return markup`${title}<line class="mean" x1="${mean}" x2="${mean}" y1="${y(index) - 11}" y2="${y(index) + 11}"/>${dots}`;
  });
  const axis = horizontalAxis(
    { scale: x, ticks: x.ticks(count), format: x.tickFormat(count) },
    { left, right, top, bottom },
    'Dice of a case',
  );
  return { height: bottom + 42, body: markup`${axis}${lines}${marks}` };
}

/** Every case's Dice in every row, with a line for each case; empty if no run has finished. */
export function casePlot({ rows, study }: StudyReport, evidence: StudyEvidence): Markup | undefined {
  const strips = rows
    .map(({ variant }) => ({ name: variant, dice: caseDice(evidence.runs.filter((run) => run.variant === variant)) }))
    .filter(({ dice }) => dice.size > 0);
  if (strips.length === 0) return undefined;
  const chosen = chosenCases(evidence);
  const rules: Rules = new Map(chosen.map(({ id, rule }) => [id, rule]));
  const spans = strips.map(
    ({ name, dice }) => `${name}: ${format(Math.min(...dice.values()))} to ${format(Math.max(...dice.values()))}`,
  );
  const label = `Dice of each case by network. ${spans.join('. ')}.`;
  const entries = [
    ...chosen.map(
      ({ id, rule }) =>
        [caseMark(rule, 10, 10, id), `${id}: ${rule} case of ${study.base} in seed ${study.seeds[0]}`] as const,
    ),
    [caseMark(undefined, 10, 10, 'case'), 'any other case'] as const,
    [markup`<line class="mean" x1="10" x2="10" y1="2" y2="18"/>`, 'mean over cases'] as const,
  ];
  const caption =
    'Dice of each test case (mean over classes, then seeds); a line follows a case from network to network.';
  const drawn = (width: number): Drawing => draw(strips, study.cases, rules, width);
  return chartFigure({ name: 'cases', label, draw: drawn, key: key(entries), caption });
}
