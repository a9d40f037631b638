import { groupBy } from '../data/group-by.js';
import { trimmedShape } from './weight-source.js';

/** A weight of a network, or a tensor of a file. */
export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Last words of names that state the role of a tensor within its module. */
const roles = ['weight', 'bias', 'running_mean', 'running_var'];

function splitName(name: string): { readonly module: string; readonly last: string } {
  const dot = name.lastIndexOf('.');
  return { module: name.slice(0, Math.max(0, dot)), last: name.slice(dot + 1) };
}

/** The role of a tensor, such as `bias`, if its name states one. */
export function roleOf(name: string): string | undefined {
  const { last } = splitName(name);
  return roles.includes(last) ? last : undefined;
}

/** Tensors that belong together: those of a layer, or one tensor with a name of its own. */
export interface Layer {
  /** The path of its module, in words. */
  readonly path: string;
  readonly members: readonly NamedShape[];
  /** Equal for layers whose tensors have the same roles and shapes, which could be swapped. */
  readonly signature: string;
}

/** A module with what is in it: a layer, or further modules. */
export interface ModuleNode {
  readonly path: string;
  readonly layers: readonly Layer[];
  readonly children: readonly ModuleNode[];
  /** Equal for modules with the same layers, whatever their names and order. */
  readonly signature: string;
}

/**
 * The tensors of each layer. A layer of one tensor may be a weight or a parameter with a name of its own, which frameworks
 * name differently, so that its role is not part of the signature unless it is a bias.
 */
export function layersOf(tensors: readonly NamedShape[]): Layer[] {
  const groups = groupBy(tensors, ({ name }) => (roleOf(name) === undefined ? `:${name}` : splitName(name).module));
  return [...groups].map(([key, members]) => {
    const sole = members.length === 1 && roleOf(members[0]!.name) !== 'bias';
    const parts = members.map(({ name, shape }) => `${sole ? '' : roleOf(name)} ${trimmedShape(shape)}`);
    return { path: key.replace(/^:/, ''), members, signature: parts.sort().join('; ') };
  });
}

/** The tree of modules around the layers; a module with a single part is that part. */
export function treeOf(layers: readonly Layer[]): ModuleNode {
  return nodeOf('', layers, 0);
}

function nodeOf(path: string, layers: readonly Layer[], depth: number): ModuleNode {
  const signatures = layers.map((layer) => layer.signature);
  const signature = signatures.sort().join(' | ');
  const [first] = layers;
  if (layers.length === 1) return { path: first!.path, layers, children: [], signature };
  const groups = groupBy(layers, (layer) => layer.path.split('.')[depth]);
  if (groups.size === 1 && !groups.has(undefined)) return nodeOf(prefixOf(first!.path, depth + 1), layers, depth + 1);
  // A layer whose path ends here has modules within its own name.
  const children = [...groups].flatMap(([step, members]) =>
    step === undefined
      ? members.map((layer) => nodeOf(layer.path, [layer], depth))
      : [nodeOf(prefixOf(members[0]!.path, depth + 1), members, depth + 1)],
  );
  return { path, layers, children, signature };
}

function prefixOf(path: string, words: number): string {
  return path.split('.').slice(0, words).join('.');
}
