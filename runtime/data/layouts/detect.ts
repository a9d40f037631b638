import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../../errors/user-error.js';
import { cannotRead } from '../place.js';
import type { Dataset } from '../types.js';
import { brats } from './brats.js';
import { csv } from './csv.js';
import { decathlon } from './decathlon.js';
import { images } from './images.js';
import type { DataPlace, Layout, OnProblem } from './layout.js';
import { entriesOf } from './listing.js';
import { nnunet } from './nnunet.js';

/** All layouts in their order of precedence: if a path matches several, the first one is used. */
export const layouts: readonly Layout[] = [decathlon, nnunet, csv, brats, images];

function notADataset(path: string, fault: string): UserError {
  const known = layouts.slice(0, -1).map(({ title, signs }) => `${title} (${signs})`);
  return new UserError(
    'UNET6001',
    `\`${path}\` is not a data set: ${fault}.`,
    `Supported layouts: ${known.join('; ')}. \`unet data synth -o DIR --cases 5\` generates a phantom data set.`,
  );
}

async function placeOf(path: string): Promise<DataPlace> {
  const refuse = (error: unknown): never => {
    throw notADataset(path, cannotRead({ file: path }, error).message.replace(/\.$/, ''));
  };
  const found = await stat(path).catch(refuse);
  if (found.isFile()) return { path, isFile: true, entries: [] };
  const { files, folders } = await entriesOf(path, refuse);
  return { path, isFile: false, entries: [...new Set([...files, ...folders])].sort() };
}

/**
 * Detects the layout of a path and reads its list of cases.
 * @throws UserError UNET6001 if no layout matches
 */
export async function openLayout(given: string, onProblem: OnProblem): Promise<Dataset> {
  const place = await placeOf(resolve(given));
  const matching: Layout[] = [];
  for (const layout of layouts) if (await layout.matches(place)) matching.push(layout);
  const [layout, ...others] = matching;
  if (layout === undefined) {
    throw notADataset(place.path, place.isFile ? 'it is a file' : 'no layout of data sets matches its files');
  }
  const listing = await layout.open(place, onProblem);
  return { ...listing, layout: layout.name, alsoMatches: others.map(({ name }) => name) };
}

/** The name of a layout in messages. */
export function layoutTitle(name: Dataset['layout']): string {
  return layouts.find((layout) => layout.name === name)!.title;
}
