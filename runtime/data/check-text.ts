import { printable } from '../../text/printable.js';
import Table from 'cli-table3';
import type { CaseReport, ChannelReport, CheckReport, DataProblem } from './check.js';
import { spacingText } from './grid.js';
import { counted } from '../../text/count.js';

/** Integers with thousands separators; fractions and huge numbers with four digits, short enough for a column. */
function number(value: number | null): string {
  if (value === null) return '-';
  return Number.isInteger(value) && Math.abs(value) < 1e12 ? value.toLocaleString('en-US') : value.toPrecision(4);
}

function plainTable(head: string[]): Table.Table {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function caseTable(cases: readonly CaseReport[]): string {
  const names = cases.find(({ classes }) => classes !== null)?.classes?.map(({ name }) => name) ?? [];
  const table = plainTable([
    'case',
    'shape (D x H x W)',
    'voxel size in mm',
    'axes',
    'stored',
    ...names.map(printable),
  ]);
  for (const each of cases) {
    table.push([
      printable(each.id),
      each.shape?.join(' x ') ?? '-',
      each.spacing === null ? '-' : spacingText(each.spacing),
      each.orientation ?? '-',
      each.stored ?? '-',
      ...names.map((_, k) => number(each.classes?.[k]?.voxels ?? null)),
    ]);
  }
  return table.toString();
}

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

function channelTable(report: CheckReport): string {
  const table = plainTable(['modality', 'minimum', 'maximum', 'mean of nonzero', 'nonzero', 'NaN', 'infinite']);
  report.modalities.forEach((modality, k) => {
    const channels = report.cases.map((each) => each.channels?.[k]).filter((each): each is ChannelReport => !!each);
    const total = (count: (channel: ChannelReport) => number): number =>
      channels.reduce((sum, channel) => sum + count(channel), 0);
    const part = mean(channels.map(({ nonzero }) => nonzero));
    table.push([
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
    ]);
  });
  return table.toString();
}

function problemText({ severity, code, message, help }: DataProblem): string {
  return `${severity} ${code}: ${message}${help === null ? '' : `\n  help: ${help}`}`;
}

/**
 * Formats the report: a table of cases (voxels by class), one of intensities over all cases, problems, and a summary
 * line.
 */
export function formatCheckReport(report: CheckReport): string {
  const { cases, errors, warnings } = report.summary;
  return [
    `${report.name} (${report.dir})`,
    caseTable(report.cases),
    ...unitNote(report.cases),
    channelTable(report),
    ...report.problems.map(problemText),
    `${counted(cases, 'case')}, ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`,
    '',
  ].join('\n');
}
