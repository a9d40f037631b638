import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Node } from '../../grammar/ast.js';
import { childKeys, childrenOf, visit } from '../../grammar/nodes.js';
import { parseText } from './support.js';

const cases = join(import.meta.dirname, 'cases');
const files = readdirSync(cases).map((name) => parseText(readFileSync(join(cases, name, 'input.unet'), 'utf8')).file);

describe('childKeys', () => {
  it('names every field that holds a node, for every kind, in the order of the text', () => {
    const seen = new Set<string>();
    for (const file of files) {
      visit(file, {
        enter: (node) => {
          seen.add(node.kind);
          const holders = Object.entries(node).filter(([, value]) => holdsNodes(value));
          const known: readonly string[] = childKeys[node.kind];
          for (const [key] of holders) expect(known).toContain(key);
        },
      });
    }
    expect([...seen].sort()).toEqual(Object.keys(childKeys).sort());
  });

  it('gives children in the order of the text', () => {
    const whole = parseText(readFileSync(join(cases, 'tour-model', 'input.unet'), 'utf8')).file;
    visit(whole, {
      enter: (node) => {
        const starts = childrenOf(node).flatMap((child) => (child.kind === 'Comment' ? [] : [child.span.start]));
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
      },
    });
  });
});

describe('visit', () => {
  it('leaves out what is below a node whose `enter` gives false, and tells the ancestors', () => {
    const { file } = parseText('block a { x: [C], f(y) }\nuse "b"');
    const entered: string[] = [];
    const left: string[] = [];
    visit(file, {
      enter: (node, ancestors) => {
        entered.push(`${ancestors.length} ${node.kind}`);
        return node.kind !== 'Block';
      },
      leave: (node) => void left.push(node.kind),
    });
    expect(entered).toEqual(['0 File', '1 Block', '1 Use', '2 String']);
    expect(left).toEqual(['Block', 'String', 'Use', 'File']);
  });
});

function holdsNodes(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null && 'kind' in first && (first as Node).kind in childKeys;
}
