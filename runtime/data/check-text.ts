import { printable } from '../../text/printable.js';
import { columnsOf, tableText } from '../../text/table.js';
import { fixedSpace, wrapLines } from '../../text/wrap.js';
import type { CaseReport, ChannelReport, CheckReport, DataProblem } from './check.js';
import { spacingText } from './grid.js';
import { layoutTitle } from './layouts/detect.js';
import { counted } from '../../text/count.js';

/** Integers with thousands separators; fractions and huge numbers with four digits, short enough for a column. */
function number(value: number | null): string {
  if (value === null) return '-';
  return Number.isInteger(value) && Math.abs(value) < 1e12 ? value.toLocaleString('en-US') : value.toPrecision(4);
}

function caseTable(cases: readonly CaseReport[], width: number | undefined): string {
  const names = cases.find(({ classes }) => classes !== null)?.classes?.map(({ name }) => name) ?? [];
  const heads = ['case', `shape (D${times}H${times}W)`, 'voxel size in mm', 'axes', 'stored', ...names.map(printable)];
  const rows = cases.map((each) => [
    printable(each.id),
    each.shape?.join(times) ?? '-',
    each.spacing === null ? '-' : spacingText(each.spacing).replaceAll(' x ', times),
    each.orientation ?? '-',
    each.stored ?? '-',
    ...names.map((_, k) => number(each.classes?.[k]?.voxels ?? null)),
  ]);
  return tableText(columnsOf(heads, 5), rows, width);
}

const times = `${fixedSpace}×${fixedSpace}`;

/** States the assumption that is made for images without a unit of length. */
function unitNote(cases: readonly CaseReport[]): string[] {
  const without = cases.filter(({ unit }) => unit === 'unknown').length;
  if (without === 0) return [];
  const images = `${without} of ${counted(cases.length, 'image')} ${without === 1 ? 'has' : 'have'}`;
  return [`${images} no unit of length in the header (\`xyzt_units\`); millimetres are assumed.`];
}

function least(values: readonly (number | null)[], choose: (...numbers: number[]) => number): number | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : choose(...numbers);
}

function mean(values: readonly (number | null)[]): number | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

function channelTable(report: CheckReport, width: number | undefined): string {
  const heads = ['modality', 'minimum', 'maximum', 'mean of nonzero', 'nonzero', 'NaN', 'infinite'];
  const rows = report.modalities.map((modality, k) => {
    const channels = report.cases.map((each) => each.channels?.[k]).filter((each): each is ChannelReport => !!each);
    const total = (count: (channel: ChannelReport) => number): number =>
      channels.reduce((sum, channel) => sum + count(channel), 0);
    const part = mean(channels.map(({ nonzero }) => nonzero));
    return [
      printable(modality),
      number(
        least(
          channels.map(({ minimum }) => minimum),
          Math.min,
        ),
      ),
      number(
        least(
          channels.map(({ maximum }) => maximum),
          Math.max,
        ),
      ),
      number(mean(channels.map((channel) => channel.mean))),
      part === null ? '-' : `${(100 * part).toFixed(1)} %`,
      number(total(({ nan }) => nan)),
      number(total(({ infinite }) => infinite)),
    ];
  });
  return tableText(columnsOf(heads, 1), rows, width);
}

/** States the layout that was detected, and others that the folder matches. */
function layoutText({ layout, alsoMatches }: CheckReport): string {
  const others = alsoMatches.filter((name) => name !== 'images').map(layoutTitle);
  const precedence =
    others.length === 0 ? '' : `; it also matches ${others.join(', ')}, which ${layoutTitle(layout)} precedes`;
  return `layout: ${layoutTitle(layout)}${precedence}`;
}

function problemText({ severity, code, message, help }: DataProblem): string {
  return `${severity} ${code}: ${message}${help === null ? '' : `\n  help: ${help}`}`;
}

/**
 * Formats the report: a table of cases (voxels by class), one of intensities over all cases, problems, and a summary
 * line.
 * @param width the columns of the terminal; by default, nothing is wrapped
 */
export function formatCheckReport(report: CheckReport, width?: number): string {
  const { cases, errors, warnings } = report.summary;
  return [
    `${report.name} (${report.dir})`,
    wrapLines(layoutText(report), width),
    ...report.assumptions.map((text) => wrapLines(text, width)),
    '',
    caseTable(report.cases, width),
    ...unitNote(report.cases).map((line) => wrapLines(line, width)),
    '',
    channelTable(report, width),
    '',
    ...report.problems.map((problem) => wrapLines(problemText(problem), width)),
    `${counted(cases, 'case')}, ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
    '',
  ].join('\n');
}
