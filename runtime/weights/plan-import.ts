import { matchesAny } from '../../contract/matches-any.js';
import type { WeightDescription } from '../../contract/model-description.js';
import type { HostTensor, StoredTensor } from '../files/tensor-types.js';
import { matchWeights } from './match-weights.js';
import { applyNameMap, type NameMap } from './name-map.js';
import { plainSource, type WeightSource } from './weight-source.js';

/** The network to import weights into: its name for messages, and its weights in order. */
export interface ImportTarget {
  readonly name: string;
  readonly weights: readonly Pick<WeightDescription, 'id' | 'shape'>[];
}

/** A tensor of a file, or one whose values are at hand. */
export type ImportTensor = StoredTensor | HostTensor;

export interface ImportOptions {
  /** Where each weight is in the file; `auto` finds out; by default the file uses our ids. */
  readonly map?: NameMap | 'auto' | undefined;
  /** Patterns of names in the file that are not needed. */
  readonly ignore?: readonly string[];
  /** The file with the tensors, for messages. */
  readonly source: string;
}

/** Where the weights of a network are in a file, as far as that is known. */
export interface ImportPlan {
  /** By our ids, in the network's order. */
  readonly sources: ReadonlyMap<string, WeightSource>;
  /** By our ids, the names that a weight could have; empty for none. */
  readonly open: ReadonlyMap<string, readonly string[]>;
  /** Ids that the map lists and the network does not have. */
  readonly unknown: readonly string[];
  /** The tensors of the file that are to be used. */
  readonly tensors: ReadonlyMap<string, ImportTensor>;
}

/**
 * Finds out where the weights of a network are in a file.
 * @throws UserError UNET6065 for an invalid map
 */
export function planImport(
  { weights }: ImportTarget,
  all: ReadonlyMap<string, ImportTensor>,
  { map, ignore = [] }: ImportOptions,
): ImportPlan {
  const ids = weights.map(({ id }) => id);
  const mapped = map === undefined || map === 'auto' ? undefined : applyNameMap(map, ids);
  const ignored = [...ignore, ...(map === undefined || map === 'auto' ? [] : map.ignore)];
  const named = new Set([...ids, ...[...(mapped?.sources.values() ?? [])].flatMap(({ names }) => names)]);
  const tensors = new Map(
    [...all].filter(([name]) => !matchesAny(ignored, name) && (named.has(name) || !isBatchCounter(name))),
  );
  if (mapped !== undefined) return { ...mapped, tensors };
  const own = new Map(ids.map((id) => [id, plainSource(id)]));
  if (map === undefined || ids.every((id) => tensors.has(id))) {
    return { sources: own, open: new Map(), unknown: [], tensors };
  }
  const { pairs, open } = matchWeights(
    weights.map(({ id, shape }) => ({ name: id, shape })),
    [...tensors].map(([name, { shape }]) => ({ name, shape })),
  );
  const sources = new Map(ids.flatMap((id) => (pairs.has(id) ? [[id, plainSource(pairs.get(id)!)] as const] : [])));
  return { sources, open, unknown: [], tensors };
}

/** The number of batches that a batch norm of PyTorch has seen, which no computation uses. */
function isBatchCounter(name: string): boolean {
  return name === 'num_batches_tracked' || name.endsWith('.num_batches_tracked');
}
