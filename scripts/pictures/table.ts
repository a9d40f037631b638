import type { Interval } from '../../runtime/study/report/report.js';
import { formatDifference, formatInterval, formatMetric, formatP } from '../../runtime/study/report/format-figure.js';
import { formatCount } from '../../text/count.js';
import type { Sheet, Style } from './sheet.js';
import type { FiguresOfRow, StudyFigures } from './study-figures.js';

/** The right edges of the columns of figures as shares of the width. */
const columns = { params: 0.42, dice: 0.64, difference: 0.86, p: 1 } as const;

const lineHeight = 15;

/** Draws the table of a study with its conclusions. */
export function drawTable(
  sheet: Sheet,
  { rows, cases, seeds }: StudyFigures,
  { marked }: { readonly marked?: string } = {},
): void {
  const right = (content: string, column: keyof typeof columns, style: Style): void =>
    sheet.write(content, columns[column] * sheet.width, { anchor: 'end', ...style });
  const heading: Style = { size: 11, weight: 'bold', colour: 'soft' };
  sheet.rule();
  sheet.y += lineHeight + 1;
  sheet.write('network', 0, heading);
  right('parameters', 'params', heading);
  right('Dice', 'dice', heading);
  right('difference', 'difference', heading);
  right('Holm p', 'p', heading);
  sheet.y += 7;
  sheet.rule();
  for (const row of rows) {
    const style: Style = {
      size: 12,
      colour: row.name === marked ? 'mark' : 'text',
      weight: row.name === marked ? 'bold' : 'regular',
    };
    sheet.y += lineHeight + 2;
    sheet.write(row.name, 0, style);
    right(formatCount(row.params), 'params', style);
    right(formatMetric('dice', row.dice), 'dice', style);
    if (row.difference !== undefined) {
      right(formatDifference('dice', row.difference.mean), 'difference', style);
      right(formatP(greater(row.difference.p)), 'p', style);
    }
    sheet.y += lineHeight - 1;
    right(interval(row.ci), 'dice', { size: 10, colour: 'soft' });
    if (row.difference !== undefined) right(interval(row.difference.ci), 'difference', { size: 10, colour: 'soft' });
  }
  sheet.y += 8;
  sheet.rule();
  sheet.y += lineHeight + 2;
  for (const row of rows) concluded(sheet, row, row.name === marked);
  sheet.paragraph(`Means over ${cases} phantom cases and ${seeds} seeds, with 95 % intervals over cases.`, lineHeight, {
    size: 11,
    colour: 'soft',
  });
}

function concluded(sheet: Sheet, { name, conclusion, difference }: FiguresOfRow, isMarked: boolean): void {
  if (difference === undefined) return;
  sheet.paragraph(`${name}: ${conclusion}`, lineHeight, { size: 11, colour: isMarked ? 'mark' : 'text' });
  sheet.y += 3;
}

/** Of two tests, the p-value that shows less. */
function greater({
  wilcoxon,
  permutation,
}: {
  readonly wilcoxon: number | null;
  readonly permutation: number | null;
}): number | null {
  return wilcoxon === null || permutation === null ? null : Math.max(wilcoxon, permutation);
}

function interval(ci: Interval | null): string {
  return formatInterval(ci, (value) => formatDifference('dice', value).replace('+', ''));
}
