import { groupBy } from '../data/group-by.js';
import { layersOf, roleOf, treeOf, type Layer, type ModuleNode, type NamedShape } from './weight-tree.js';

/** Weights of a network matched with tensors of a file. */
export interface MatchedWeights {
  /** By our id, the name of the only tensor that it can be. */
  readonly pairs: ReadonlyMap<string, string>;
  /** By our id, the names of all tensors that it could be, the likeliest first; empty if there is none. */
  readonly open: ReadonlyMap<string, readonly string[]>;
}

/** Modules of the two sides. */
interface NodePair {
  readonly ours: ModuleNode;
  readonly theirs: ModuleNode;
}

interface LayerPair {
  readonly ours: Layer;
  readonly theirs: Layer;
}

/** Layers with the same shapes that nothing distinguishes: any two could be swapped. */
interface Group {
  readonly ours: readonly Layer[];
  readonly theirs: readonly Layer[];
}

/** What is known about the layers of two modules, by their signature. */
interface Outcome {
  readonly pairs: readonly LayerPair[];
  readonly groups: readonly Group[];
}

/**
 * Matches the weights of a network with the tensors of a file by the shapes of their layers, the structure of their modules
 * and the words of their names. Neither their order nor numbers in names are evidence: decoders are counted from either end.
 * A layer is matched only if it is the only one on each side
 *
 * - with its shapes, or
 * - with its shapes in a pair of modules that contain the same layers, and every layer of these shapes lies in such a
 *   pair, or
 * - with a word in its name, and every layer that it could be swapped with is distinguished by a word too.
 */
export function matchWeights(ours: readonly NamedShape[], theirs: readonly NamedShape[]): MatchedWeights {
  const { pairs, groups } = matchNodes([treeOf(layersOf(ours))], [treeOf(layersOf(theirs))]);
  const found = new Map<string, string>();
  const open = new Map<string, readonly string[]>();
  for (const pair of pairs) pairMembers(pair, found);
  for (const group of groups) listCandidates(group, open);
  return { pairs: found, open };
}

function pairMembers({ ours, theirs }: LayerPair, found: Map<string, string>): void {
  for (const member of ours.members) found.set(member.name, partnerOf(member, ours, theirs).name);
}

function partnerOf({ name }: NamedShape, ours: Layer, theirs: Layer): NamedShape {
  if (ours.members.length === 1) return theirs.members[0]!;
  return theirs.members.find((each) => roleOf(each.name) === roleOf(name))!;
}

/** The candidates of each weight in a group; the layer at the same position among theirs comes first. */
function listCandidates({ ours, theirs }: Group, open: Map<string, readonly string[]>): void {
  ours.forEach((layer, index) => {
    const sorted = [...theirs.slice(index, index + 1), ...theirs.slice(0, index), ...theirs.slice(index + 1)];
    for (const member of layer.members) {
      open.set(
        member.name,
        sorted.map((each) => partnerOf(member, layer, each).name),
      );
    }
  });
}

/**
 * Matches the layers of some modules with those of others, which belong together as a whole. Modules without a partner are
 * replaced by their parts until every module has one, or is a layer.
 */
function matchNodes(ours: readonly ModuleNode[], theirs: readonly ModuleNode[]): Outcome {
  const parts = partition(ours, theirs);
  const given = groupBy(parts.theirs, ({ signature }) => signature);
  const outcomes: Outcome[] = [];
  // Layers outside of all paired modules: if others have their shapes, the two sides may be cut differently.
  const loose = new Set<string>();
  for (const [signature, mine] of groupBy(parts.ours, (node) => node.signature)) {
    const partners = given.get(signature) ?? [];
    const isLayer = mine[0]!.children.length === 0;
    const pairs = mine.length === partners.length ? pairByWords(mine, partners) : undefined;
    if (pairs !== undefined) outcomes.push(...pairs.map(matchPair));
    else if (isLayer) loose.add(signature);
    else if (mine.length === 1) outcomes.push(matchPair({ ours: mine[0]!, theirs: partners[0]! }));
    else outcomes.push({ pairs: [], groups: groupsOf(layersIn(mine), layersIn(partners)) });
  }
  const isKept = ({ signature }: Layer): boolean => !loose.has(signature);
  const isLoose = ({ signature }: Layer): boolean => loose.has(signature);
  const open = groupsOf(layersIn(ours).filter(isLoose), layersIn(theirs).filter(isLoose));
  return {
    pairs: [
      ...outcomes.flatMap(({ pairs }) => pairs.filter((pair) => isKept(pair.ours))),
      ...open.filter(isSole).map((group) => ({ ours: group.ours[0]!, theirs: group.theirs[0]! })),
    ],
    groups: [
      ...outcomes.flatMap(({ groups }) => groups.filter((group) => isKept(group.ours[0]!))),
      ...open.filter((group) => !isSole(group)),
    ],
  };
}

function matchPair({ ours, theirs }: NodePair): Outcome {
  if (ours.children.length > 0) return matchNodes(ours.children, theirs.children);
  return { pairs: [{ ours: ours.layers[0]!, theirs: theirs.layers[0]! }], groups: [] };
}

function isSole({ ours, theirs }: Group): boolean {
  return ours.length === 1 && theirs.length === 1;
}

function layersIn(nodes: readonly ModuleNode[]): Layer[] {
  return nodes.flatMap((node) => node.layers);
}

/** Layers by their shapes. */
function groupsOf(ours: readonly Layer[], theirs: readonly Layer[]): Group[] {
  const given = groupBy(theirs, ({ signature }) => signature);
  return [...groupBy(ours, ({ signature }) => signature)].map(([signature, layers]) => ({
    ours: layers,
    theirs: given.get(signature) ?? [],
  }));
}

/** Replaces modules that have no partner by their parts, until none is left that has any. */
function partition(
  ours: readonly ModuleNode[],
  theirs: readonly ModuleNode[],
): { readonly ours: readonly ModuleNode[]; readonly theirs: readonly ModuleNode[] } {
  const count = (nodes: readonly ModuleNode[]): Map<string, number> =>
    new Map([...groupBy(nodes, ({ signature }) => signature)].map(([key, each]) => [key, each.length]));
  const counts = { ours: count(ours), theirs: count(theirs) };
  let hasChanged = false;
  const split = (nodes: readonly ModuleNode[]): ModuleNode[] =>
    nodes.flatMap((node) => {
      const isBalanced = counts.ours.get(node.signature) === counts.theirs.get(node.signature);
      if (isBalanced || node.children.length === 0) return [node];
      hasChanged = true;
      return node.children;
    });
  const next = { ours: split(ours), theirs: split(theirs) };
  return hasChanged ? partition(next.ours, next.theirs) : next;
}

function wordsOf(path: string): Set<string> {
  const words = path.toLowerCase().match(/[a-z]+/g) ?? [];
  return new Set(words.filter((word) => !['weight', 'bias'].includes(word)));
}

/** By each word that only one of the paths contains, the index of that path. */
function soleWords(nodes: readonly ModuleNode[]): Map<string, number> {
  const places = new Map<string, number[]>();
  nodes.forEach(({ path }, index) => {
    for (const word of wordsOf(path)) places.set(word, [...(places.get(word) ?? []), index]);
  });
  return new Map([...places].filter(([, each]) => each.length === 1).map(([word, each]) => [word, each[0]!]));
}

/** Pairs several modules by words that only one of each side contains, if this pairs all of them without contradiction. */
function pairByWords(ours: readonly ModuleNode[], theirs: readonly ModuleNode[]): NodePair[] | undefined {
  if (ours.length === 1) return undefined;
  const given = soleWords(theirs);
  const partners = new Map<number, Set<number>>();
  for (const [word, index] of soleWords(ours)) {
    const partner = given.get(word);
    if (partner !== undefined) partners.set(index, (partners.get(index) ?? new Set()).add(partner));
  }
  const chosen = new Set([...partners.values()].flatMap((each) => [...each]));
  const isBijection =
    partners.size === ours.length &&
    chosen.size === ours.length &&
    [...partners.values()].every((each) => each.size === 1);
  if (!isBijection) return undefined;
  return ours.map((node, index) => ({ ours: node, theirs: theirs[[...partners.get(index)!][0]!]! }));
}
