import { expect, test } from 'vitest';
import type { Host } from '../../../compiler/program/host.js';
import { openProgram } from '../../../compiler/program/program.js';

const own = 'block a {\n  x: [C, ...S]\n  x -> missing -> absent -> helper\n}\n';
const files = new Map([
  ['/own.unet', own],
  ['/one.unet', 'use "two.unet"\nblock helper {\n  x: [C, ...S]\n  x -> relu\n}\n'],
  ['/two.unet', 'use "three.unet"\nblock other {\n  x: [C, ...S]\n  x -> relu\n}\n'],
  ['/three.unet', 'use "own.unet"\nblock helper {\n  x: [C, ...S]\n  x -> relu\n}\n'],
  ['/four.unet', 'use "two.unet"\nuse "one.unet"\nblock helper {\n  x: [C, ...S]\n  x -> relu\n}\n'],
  ['/five.unet', 'block helper {\n  x: [C, ...S]\n  x -> relu\n}\n'],
]);

test('files are read once to suggest imports, and those that import the file are not suggested', () => {
  const reads = new Map<string, number>();
  const host: Host = {
    readFile: (path) => {
      reads.set(path, (reads.get(path) ?? 0) + 1);
      const text = files.get(path);
      return text === undefined ? undefined : Buffer.from(text);
    },
    resolve: (_, to) => `/${to}`,
    namesBeside: (path) => (path.startsWith('/unet:') ? [] : [...files.keys()].map((name) => name.slice(1))),
  };
  const { diagnostics } = openProgram(host, '/own.unet')!;
  expect(diagnostics).toHaveLength(3);
  expect(diagnostics[2]!.help).toContain('"five.unet"');
  for (const name of ['one', 'two', 'three', 'four']) expect(diagnostics[2]!.help).not.toContain(`"${name}.unet"`);
  expect([...reads.values()].every((count) => count === 1)).toBe(true);
  expect(reads.size).toBe(files.size);
});
