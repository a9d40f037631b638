import { z } from 'zod';
import { counted, formatCount } from '../../text/count.js';
import { groupBy } from '../data/group-by.js';
import type { WeightDescription } from '../../contract/model-description.js';
import { UserError } from '../errors/user-error.js';
import { readJson } from '../files/read-json.js';
import { repeatedKey } from '../files/repeated-key.js';
import { asFloat32, type HostTensor } from '../files/safetensors.js';

/** From our weight ids to the names in a file; `auto` matches by order and shape. */
export type NameMap = Readonly<Record<string, string>> | 'auto';

/** The network to import weights into: its name for messages, and its weights in order. */
export interface ImportTarget {
  readonly name: string;
  readonly weights: readonly Pick<WeightDescription, 'id' | 'shape'>[];
}

export interface ImportOptions {
  /** If absent, the file uses our ids. Ids that a map omits are looked up under their own name. */
  readonly map?: NameMap;
  /** The file with the tensors, for messages. */
  readonly source: string;
  /** Accepts matches of `auto` that are determined only by the order of names. */
  readonly allowAmbiguous?: boolean | undefined;
}

/** Weights of the same shape that `auto` distinguished only by their order: any two could be swapped unnoticed. */
export interface SwappableWeights {
  readonly shape: readonly number[];
  readonly ids: readonly string[];
}

/** The result of `importWeights`. */
export interface ImportedWeights {
  /** float32 values by our ids, in the network's shapes and order. */
  readonly weights: Map<string, HostTensor>;
  /** The name in the file of each weight, by our id. */
  readonly names: ReadonlyMap<string, string>;
  /** Empty unless `map` is `auto`. */
  readonly swappable: readonly SwappableWeights[];
}

/** Sizes without axes of size 1, which frameworks include or omit. */
function squeezed(shape: readonly number[]): string {
  return shape.filter((size) => size !== 1).join(' x ');
}

/** Equal up to leading and trailing axes of size 1: [24, 96, 1] for [24, 96], [1] for []. */
function sameUpToOnes(a: readonly number[], b: readonly number[]): boolean {
  const trimmed = (shape: readonly number[]): string => {
    const first = shape.findIndex((size) => size !== 1);
    return first < 0 ? '' : shape.slice(first, shape.findLastIndex((size) => size !== 1) + 1).join(',');
  };
  const ones = (shape: readonly number[]): boolean => shape.every((size) => size === 1);
  return trimmed(a) === trimmed(b) && ones(a) === ones(b);
}

function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** The last word of a name if it indicates the role of the tensor. */
function roleOf(name: string): string | undefined {
  const last = name.slice(name.lastIndexOf('.') + 1);
  return roles.includes(last) ? last : undefined;
}

const roles = ['weight', 'bias', 'running_mean', 'running_var'];

/** The tensors without the counters of batch norm, which only a momentum of `None` in PyTorch would read. */
function withoutCounters(tensors: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> {
  return new Map([...tensors].filter(([name]) => !/(^|\.)num_batches_tracked$/.test(name)));
}

function contradicts(id: string, name: string): boolean {
  const [ours, theirs] = [roleOf(id), roleOf(name)];
  return ours !== undefined && theirs !== undefined && ours !== theirs;
}

type Entry = readonly [name: string, shape: readonly number[]];

/** The name of the module that a weight belongs to: all but the last word. */
function moduleOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

/** Whether the weights of each module of the network come from one module of the file, and vice versa. */
function keepsModules(pairs: ReadonlyMap<string, string>): boolean {
  const known = [...pairs].filter(([id, name]) => roleOf(id) !== undefined && roleOf(name) !== undefined);
  const modules = known.map(([id, name]) => [moduleOf(id), moduleOf(name)] as const);
  const there = new Map(modules);
  const back = new Map(modules.map(([ours, theirs]) => [theirs, ours]));
  return modules.every(([ours, theirs]) => there.get(ours) === theirs && back.get(theirs) === ours);
}

/** Pairs both lists in order, if every pair has one shape, no weight is paired with a bias, and no module is split. */
function pairInOrder(ours: ImportTarget['weights'], theirs: readonly Entry[]): Map<string, string> | undefined {
  if (ours.length !== theirs.length) return undefined;
  const fits = ours.every((weight, index) => {
    const [name, shape] = theirs[index]!;
    return sameUpToOnes(weight.shape, shape) && !contradicts(weight.id, name);
  });
  if (!fits) return undefined;
  const pairs = new Map(ours.map((weight, index) => [weight.id, theirs[index]![0]]));
  return keepsModules(pairs) ? pairs : undefined;
}

function shapeKey(shape: readonly number[]): string {
  return squeezed(shape) || 'scalar';
}

function listed(names: readonly string[]): string {
  return firstOf(
    12,
    names.map((name) => `\`${name}\``),
  );
}

function firstOf(most: number, texts: readonly string[]): string {
  const shown = texts.slice(0, most).join(', ');
  return texts.length > most ? `${shown} and ${formatCount(texts.length - most)} more` : shown;
}

/**
 * Pairs by shape if a shape occurs once on either side; order cannot be trusted once the lists differ.
 * @throws UserError UNET6053 that lists the candidates for every other shape
 */
function pairByShape(ours: ImportTarget['weights'], theirs: readonly Entry[], source: string): Map<string, string> {
  const left = groupBy(ours, ({ shape }) => shapeKey(shape));
  const right = groupBy(theirs, ([, shape]) => shapeKey(shape));
  const pairs = new Map<string, string>();
  const open: string[] = [];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const mine = left.get(key) ?? [];
    const given = right.get(key) ?? [];
    if (mine.length === 1 && given.length === 1) pairs.set(mine[0]!.id, given[0]![0]);
    else
      open.push(
        `${key}: ${listed(mine.map(({ id }) => id)) || 'none'} and ${listed(given.map(([name]) => name)) || 'none'}`,
      );
  }
  if (open.length === 0) return pairs;
  throw new UserError(
    'UNET6053',
    `The weights in \`${source}\` cannot be matched with those of the network by order and shape alone. Ambiguous:\n  ${open.join('\n  ')}`,
    'Pass a JSON file `{"<weight id>": "<name in the file>"}` with `--map`; ids that it does not list keep their name.',
  );
}

interface Pairing {
  readonly names: ReadonlyMap<string, string>;
  readonly swappable: readonly SwappableWeights[];
}

/** Groups of weights with the same shape and role (weight or bias) whose names differ from the file's. */
function swappableOf(ours: ImportTarget['weights'], names: ReadonlyMap<string, string>): SwappableWeights[] {
  const open = ours.filter(({ id }) => names.get(id) !== id);
  const groups = groupBy(open, ({ id, shape }) => `${shapeKey(shape)} ${sharedRole(id, names.get(id)!)}`);
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => ({ shape: group[0]!.shape, ids: group.map(({ id }) => id) }));
}

/** The role on which both names agree; a name without a role could be any weight of its shape. */
function sharedRole(id: string, name: string): string {
  return roleOf(id) === roleOf(name) ? (roleOf(id) ?? '') : '';
}

/**
 * Whether a file lists its names alphabetically, as the reference writer of safetensors does; then their order contains
 * no information about the network.
 */
function isAlphabetical(names: readonly string[]): boolean {
  return names.every((name, index) => index === 0 || names[index - 1]! < name);
}

/**
 * Matches by name if the file has all of ours, else by order if everything fits, else by shape.
 * @throws UserError UNET6053 if shapes leave a choice, or only alphabetical order decides and that is not allowed
 */
function pairAutomatically(
  ours: ImportTarget['weights'],
  tensors: ReadonlyMap<string, HostTensor>,
  { source, allowAmbiguous = false }: ImportOptions,
): Pairing {
  if (ours.every(({ id }) => tensors.has(id))) {
    return { names: new Map(ours.map(({ id }) => [id, id])), swappable: [] };
  }
  const theirs = [...tensors].map(([name, { shape }]): Entry => [name, shape]);
  const names = pairInOrder(ours, theirs);
  if (names === undefined) return { names: pairByShape(ours, theirs, source), swappable: [] };
  const swappable = swappableOf(ours, names);
  if (swappable.length === 0 || allowAmbiguous || !isAlphabetical([...tensors.keys()])) return { names, swappable };
  const groups = swappable.map(({ shape, ids }) => {
    const mapped = listed(ids.map((id) => names.get(id)!));
    return `${show(shape)}: ${listed(ids)} could match any of ${mapped}`;
  });
  throw new UserError(
    'UNET6053',
    `The tensors in \`${source}\` are in alphabetical order, which is not the order of the network, and nothing else distinguishes these weights:\n  ${groups.join('\n  ')}`,
    'Pass a JSON file `{"<weight id>": "<name in the file>"}` with `--map`, or accept alphabetical order with `--allow-ambiguous`.',
  );
}

function pairNames(
  { weights }: ImportTarget,
  tensors: ReadonlyMap<string, HostTensor>,
  options: ImportOptions,
): Pairing {
  const { map } = options;
  if (map === 'auto') return pairAutomatically(weights, tensors, options);
  const nameOf = (id: string): string => (map !== undefined && Object.hasOwn(map, id) ? map[id]! : id);
  return { names: new Map(weights.map(({ id }) => [id, nameOf(id)])), swappable: [] };
}

/** A line for each kind of problem: the count, the total, and the first five. */
function problemsOf(
  { weights }: ImportTarget,
  tensors: ReadonlyMap<string, HostTensor>,
  pairs: ReadonlyMap<string, string>,
  map: NameMap | undefined,
): string[] {
  const label = (id: string): string =>
    pairs.get(id) === id ? `\`${id}\`` : `\`${id}\` (\`${pairs.get(id)}\` in the file)`;
  const quoted = (name: string): string => `\`${name}\``;
  const missing = weights.filter(({ id }) => !tensors.has(pairs.get(id)!)).map(({ id }) => label(id));
  const misshapen = weights.flatMap(({ id, shape }) => {
    const tensor = tensors.get(pairs.get(id)!);
    return tensor === undefined || sameUpToOnes(tensor.shape, shape)
      ? []
      : [`${label(id)} is ${show(tensor.shape)}, expected ${show(shape)}`];
  });
  const used = new Set(pairs.values());
  const unmatched = [...tensors.keys()].filter((name) => !used.has(name)).map(quoted);
  const ids = new Set(weights.map(({ id }) => id));
  const mapped = map === undefined || map === 'auto' ? [] : Object.keys(map);
  const foreign = mapped.filter((id) => !ids.has(id)).map(quoted);
  const ofNetwork = `of ${counted(weights.length, 'weight')} of the network`;
  const ofFile = `of ${counted(tensors.size, 'tensor')} in the file`;
  const kinds: readonly (readonly [kind: string, of: string, faults: readonly string[]])[] = [
    ['missing', `${ofNetwork}, not in the file`, missing],
    ['misshapen', ofNetwork, misshapen],
    ['unmatched', `${ofFile}, which do not match any weight of the network`, unmatched],
    ['unknown', `of ${counted(mapped.length, 'id')} in the map, which the network does not have`, foreign],
    ['ambiguous', `${ofFile}, assigned to several weights of the network`, sharedNames(pairs).map(quoted)],
  ];
  return kinds
    .filter(([, , faults]) => faults.length > 0)
    .map(([kind, of, faults]) => `${kind}: ${formatCount(faults.length)} ${of}: ${firstOf(5, faults)}`);
}

function sharedNames(pairs: ReadonlyMap<string, string>): string[] {
  const counts = groupBy([...pairs.values()], (name) => name);
  return [...counts].filter(([, uses]) => uses.length > 1).map(([name]) => name);
}

/**
 * The weights of a network out of a file's tensors, both in PyTorch's axis order: conv `[out, in / groups, ...kernel]`,
 * transposed conv `[in, out / groups, ...kernel]`, linear `[out, in]`. Leading and trailing axes of size 1 may be there
 * or not. Running statistics are imported like weights; PyTorch's `num_batches_tracked` may be there or not.
 *
 * `map: 'auto'` takes our own names if the file has them all. Otherwise it walks both lists in order and takes them pair by pair if all shapes agree, no weight meets a bias and no
 * module is torn apart; else it pairs by the shapes that occur once, and reports what is left open.
 * @throws UserError UNET6052 that counts missing, unmatched and misshapen weights and names the first of each;
 * UNET6053 if `auto` leaves a choice, or only the alphabetical order of names decides (see `allowAmbiguous`); UNET6068 for
 * values that are not finite as float32
 */
export function importWeights(
  network: ImportTarget,
  given: ReadonlyMap<string, HostTensor>,
  options: ImportOptions,
): ImportedWeights {
  const { map, source } = options;
  const tensors = withoutCounters(given);
  const { names, swappable } = pairNames(network, tensors, options);
  const faults = problemsOf(network, tensors, names, map);
  if (faults.length > 0) {
    throw new UserError(
      'UNET6052',
      `The weights in \`${source}\` do not fit the network \`${network.name}\`:\n  ${faults.join('\n  ')}`,
      'Map the names with `--map`, or match them with `--map auto`, and check knobs such as the width, which determine the shapes.',
    );
  }
  refuseUnusable(tensors, names, source);
  const weights = new Map(
    network.weights.map(({ id, shape }) => [id, { shape, data: asFloat32(tensors.get(names.get(id)!)!) }]),
  );
  return { weights, names, swappable };
}

/** The reason why a tensor's values cannot be used as weights; undefined if they can. */
function unusable({ data }: HostTensor): string | undefined {
  for (const value of data) {
    const number = Number(value);
    if (Number.isNaN(number)) return 'NaN';
    if (!Number.isFinite(number)) return 'an infinite value';
    const single = Math.fround(number);
    if (!Number.isFinite(single)) return `${number}, which is beyond the range of float32`;
    // Floating-point values are rounded as usual; integers must be exact.
    if (!(data instanceof Float64Array) && single !== number) return `${value}, which float32 cannot represent`;
  }
  return undefined;
}

function negative({ data }: HostTensor): string | undefined {
  const value = [...data].find((each) => each < 0);
  return value === undefined ? undefined : `${value}, and a variance cannot be negative`;
}

function refuseUnusable(
  tensors: ReadonlyMap<string, HostTensor>,
  pairs: ReadonlyMap<string, string>,
  source: string,
): void {
  const faults = [...pairs].flatMap(([id, name]) => {
    const tensor = tensors.get(name)!;
    const fault = unusable(tensor) ?? (id.endsWith('.running_var') ? negative(tensor) : undefined);
    return fault === undefined ? [] : [`\`${name}\` has ${fault}`];
  });
  if (faults.length === 0) return;
  throw new UserError(
    'UNET6068',
    `${counted(faults.length, 'tensor')} in \`${source}\` cannot be used as weights: ${firstOf(5, faults)}.`,
    'Export the weights again from a training run that did not diverge.',
  );
}

/**
 * Parses a name map.
 * @throws UserError UNET6065 if it is not a JSON object of strings, or assigns two names to a weight
 */
export function parseNameMap(text: string, file: string): Readonly<Record<string, string>> {
  const map = readJson(z.record(z.string(), z.string()), text, ({ fault, help }) => {
    const usual = 'Write a JSON object: `{"<weight id>": "<name in the weights file>", ...}`.';
    return new UserError('UNET6065', `The map of weight names \`${file}\` ${fault}.`, help ?? usual);
  });
  const twice = repeatedKey(text);
  if (twice === undefined) return map;
  throw new UserError(
    'UNET6065',
    `\`${file}\` has two entries for the weight \`${twice.key}\`.`,
    'Remove one of them: a weight takes its values from one tensor.',
  );
}
