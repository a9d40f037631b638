/** Checks of what a protocol's `report` names: each measure and union once, and classes that networks have. */
import type { ElementNode, Identifier, NameNode, ProtocolNode, StringNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { suggestionFor } from '../../grammar/diagnostics/suggest.js';
import type { Network } from '../ir/ir.js';

/** A class in a union, as it is written. */
interface ClassWord {
  readonly name: string;
  readonly at: NameNode | StringNode;
}

interface Union {
  readonly name: Identifier;
  readonly classes: readonly ClassWord[];
}

function itemsOf(node: ProtocolNode): readonly ElementNode[] {
  const value = node.entries.find(({ name }) => name.name === 'report')?.value;
  return value?.kind === 'List' ? value.items : [];
}

function unionsIn({ value }: ElementNode): readonly Union[] {
  if (value.kind !== 'Call' || value.callee.kind !== 'Name' || value.callee.name !== 'regions') return [];
  return value.arguments.flatMap(({ name, value: list }) =>
    name === undefined || list.kind !== 'List'
      ? []
      : [{ name, classes: list.items.flatMap(({ value: at }) => classWord(at)) }],
  );
}

function classWord(at: ElementNode['value']): ClassWord[] {
  if (at.kind === 'Name') return [{ name: at.name, at }];
  return at.kind === 'String' ? [{ name: at.value, at }] : [];
}

/** A measure's identity: measures at several tolerances are different ones. */
function measureKey({ value }: ElementNode): string {
  if (value.kind === 'Name') return value.name;
  if (value.kind !== 'Call' || value.callee.kind !== 'Name') return '';
  const [first] = value.arguments;
  return first?.value.kind === 'Number' ? `${value.callee.name}(${first.value.value})` : value.callee.name;
}

interface Named {
  readonly name: string;
  readonly at: { readonly span: ElementNode['span'] };
}

function repeats(all: readonly Named[]): Diagnostic[] {
  return all.flatMap(({ name, at }, index) => {
    const first = all.findIndex((each) => each.name === name);
    if (name === '' || first === index) return [];
    const labels = [{ span: all[first]!.at.span, text: 'first listed here' }];
    return [report('UNET3056', { name }, at.span, { labels })];
  });
}

/** UNET3056: a measure, the name of a union, or a class of a union that is listed twice. */
export function repeatsInReport(node: ProtocolNode): readonly Diagnostic[] {
  const items = itemsOf(node);
  const unions = items.flatMap(unionsIn);
  return [
    ...repeats(items.map((item) => ({ name: measureKey(item), at: item }))),
    ...repeats(unions.map(({ name }) => ({ name: name.name, at: name }))),
    ...unions.flatMap(({ classes }) => repeats(classes)),
  ];
}

function classesOf({ outputs: [output] }: Network): readonly string[] {
  return output?.kind === 'classes' ? output.labels.map(({ name }) => name) : [];
}

/**
 * UNET3057: a union that a network cannot form, because its output has no such class, has a class of the union's name,
 * or has regions, which overlap. One for each word, about the first such network.
 */
export function checkUnions(node: ProtocolNode, networks: readonly Network[]): readonly Diagnostic[] {
  const found = (at: Named['at'], faultOf: (network: Network) => string | undefined, name: string): Diagnostic[] => {
    const network = networks.find((each) => faultOf(each) !== undefined);
    if (network === undefined) return [];
    const known = classesOf(network);
    const extras = known.includes(name) ? {} : suggestionFor(name, known, at.span);
    return [report('UNET3057', { model: network.name, fault: faultOf(network)! }, at.span, extras)];
  };
  return itemsOf(node)
    .flatMap(unionsIn)
    .flatMap((union) => [
      ...found(
        union.name,
        (network) =>
          classesOf(network).includes(union.name.name) ? `it already has a class \`${union.name.name}\`` : undefined,
        union.name.name,
      ),
      ...union.classes.flatMap(({ name, at }) =>
        found(
          at,
          (network) => {
            if (network.outputs[0]?.kind === 'regions') return 'its output has regions, which may overlap, not classes';
            return classesOf(network).includes(name) ? undefined : `it has no class \`${name}\``;
          },
          name,
        ),
      ),
    ]);
}
