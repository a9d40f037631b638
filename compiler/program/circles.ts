import type { BlockNode, ModelNode, NameNode, VariantNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import type { Symbol } from '../bind/symbol.js';
import type { LoadedFile } from '../bind/loaded-file.js';

/** A use of one block in the text of another. */
interface Use {
  readonly node: NameNode;
  readonly block: BlockNode;
}

/** The number of members of a cycle that are listed at its start before the rest is elided. */
const namedMembers = 4;

/** `a` uses `b` uses `a`; a long cycle is shortened in the middle. */
export function formatCircle(names: readonly string[], verb: string): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length <= namedMembers + 2) return quoted.join(` ${verb} `);
  return [...quoted.slice(0, namedMembers), '...', ...quoted.slice(-1)].join(` ${verb} `);
}

/**
 * UNET2006: no block may use itself, directly or through others. Each cycle is reported once, where it closes. `blocks`
 * are the blocks on cycles; without them, building a network terminates.
 */
export function findRecursion(
  files: ReadonlyMap<string, LoadedFile>,
  symbols: ReadonlyMap<NameNode, Symbol>,
): { readonly diagnostics: readonly Diagnostic[]; readonly blocks: ReadonlySet<BlockNode> } {
  const uses = usesOfBlocks(files, symbols);
  const diagnostics: Diagnostic[] = [];
  const blocks = new Set<BlockNode>();
  const done = new Set<BlockNode>();
  for (const start of uses.keys()) {
    const path: { block: BlockNode; next: number }[] = done.has(start) ? [] : [{ block: start, next: 0 }];
    const open = new Map<BlockNode, number>([[start, 0]]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const use = uses.get(top.block)?.[top.next++];
      if (use === undefined) {
        done.add(top.block);
        open.delete(top.block);
        path.pop();
        continue;
      }
      const known = open.get(use.block);
      if (known !== undefined) {
        const circle = path.slice(known).map(({ block }) => block);
        for (const block of circle) blocks.add(block);
        const names = [...circle, use.block].map((block) => block.name.name);
        diagnostics.push(report('UNET2006', { circle: formatCircle(names, 'uses') }, use.node.span));
      } else if (!done.has(use.block)) {
        open.set(use.block, path.length);
        path.push({ block: use.block, next: 0 });
      }
    }
  }
  return { diagnostics, blocks };
}

function usesOfBlocks(
  files: ReadonlyMap<string, LoadedFile>,
  symbols: ReadonlyMap<NameNode, Symbol>,
): ReadonlyMap<BlockNode, readonly Use[]> {
  const uses = new Map<BlockNode, Use[]>();
  const bySource = new Map<object, readonly BlockNode[]>();
  for (const { node } of files.values()) {
    const blocks = node.statements.filter((each): each is BlockNode => each.kind === 'Block');
    for (const block of blocks) uses.set(block, []);
    bySource.set(node.source, blocks);
  }
  for (const [node, symbol] of symbols) {
    if (symbol.kind !== 'block') continue;
    const user = blockAt(bySource.get(node.span.source) ?? [], node.span.start);
    if (user !== undefined) uses.get(user)?.push({ node, block: symbol.declaration });
  }
  return uses;
}

/** The block that contains `offset`, from blocks in text order. */
function blockAt(blocks: readonly BlockNode[], offset: number): BlockNode | undefined {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.span.start ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  const block = blocks[low - 1];
  return block !== undefined && offset < block.span.end ? block : undefined;
}

/** UNET2006: no variant may be based on itself. Each cycle is reported once. */
export function findVariantCircles(
  files: ReadonlyMap<string, LoadedFile>,
  baseOf: (variant: VariantNode) => ModelNode | VariantNode | undefined,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const done = new Set<VariantNode>();
  for (const statement of [...files.values()].flatMap((file) => file.node.statements)) {
    const path = new Set<VariantNode>();
    let current: ModelNode | VariantNode | undefined = statement.kind === 'Variant' ? statement : undefined;
    while (current?.kind === 'Variant' && !path.has(current) && !done.has(current)) {
      path.add(current);
      current = baseOf(current);
    }
    if (current?.kind === 'Variant' && path.has(current)) {
      const members = [...path];
      const circle = members.slice(members.indexOf(current)).map((each) => each.name.name);
      const text = formatCircle([...circle, current.name.name], 'is based on');
      diagnostics.push(report('UNET2006', { circle: text }, current.base.span));
    }
    for (const each of path) done.add(each);
  }
  return diagnostics;
}
