import { UserError } from '../../errors/user-error.js';
import { readCsv } from '../case-table.js';
import type { DataLabel } from '../types.js';
import { labelsOf } from './description.js';

const HELP = 'Write the lines `value,name`, `0,background` and one line per class.';

/**
 * Reads `labels.csv`, the names of label values of layouts that have no place for them; undefined if it does not exist.
 * @throws UserError UNET6015, UNET6002 (values)
 */
export async function readLabelNames(file: string): Promise<DataLabel[] | undefined> {
  const lines = await readCsv(file);
  if (lines === undefined) return undefined;
  const [header, ...rows] = lines;
  const wrong = (fault: string): UserError => new UserError('UNET6015', `\`${file}\`: ${fault}.`, HELP);
  if (header?.join() !== 'value,name') throw wrong('the columns must be `value` and `name`');
  const labels = rows.map(([value = '', name = '']) => {
    if (!/^\d+$/.test(value) || name === '') throw wrong(`\`${value},${name}\` is not a value with its name`);
    return { value: Number(value), name };
  });
  const twice = labels.find(({ value }, k) => labels.findIndex((each) => each.value === value) < k);
  if (twice !== undefined) throw wrong(`the value ${twice.value} is listed twice`);
  return labelsOf(file, 'name', labels);
}

/** The error for labelled cases whose classes nothing names. */
export function missingLabelNames(source: string, file: string): UserError {
  return new UserError(
    'UNET6187',
    `\`${source}\` has labels, but nothing states what their values mean.`,
    `Create \`${file}\`. ${HELP}`,
  );
}
