import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const room = resolve(root, 'runtime/data');
const inRoom = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const files = [...inRoom.map((name) => resolve(room, name)), resolve(root, 'runtime/protocol/protocol.ts')];
const codes = new Set(files.flatMap((file) => readFileSync(file, 'utf8').match(/'UNET\d{4}'/g) ?? []));

it('every code of a data error has a page', () => {
  expect(codes.size).toBeGreaterThan(20);
  for (const quoted of codes) {
    const code = quoted.slice(1, -1);
    const page = resolve(root, `docs/diagnostics/${code}.md`);
    expect(existsSync(page), page).toBe(true);
    const text = readFileSync(page, 'utf8');
    expect(text.startsWith(`# ${code}: `), page).toBe(true);
    for (const part of ['What it means', 'Why', 'Example', 'Fixed']) expect(text).toContain(`## ${part}\n`);
  }
});
