import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from './client.js';
import { writeFixture } from './fixture.js';
import { atCursor, ofDocument } from './questions.js';

/**
 * Each folder `cases/QUESTION/NAME` holds specs with cursors (`<|>`) and the server's answers at them. `UPDATE=1` writes
 * what it answers now, to be read before it is kept.
 */
const cases = join(import.meta.dirname, 'cases');
const scratch = mkdtempSync(join(tmpdir(), 'unet-editor-'));
let client: Client;

beforeAll(async () => {
  client = await Client.start();
});

afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  expect(await client.stop()).toBe(0);
  expect(client.stderr).toBe('');
});

for (const question of readdirSync(cases)) {
  describe(question, () => {
    for (const name of readdirSync(join(cases, question))) {
      test(name.replaceAll('-', ' '), async () => {
        const folder = join(cases, question, name);
        const found = await answers(question, name, readFileSync(join(folder, 'input.unet'), 'utf8'));
        const expected = join(folder, 'expected.txt');
        if (process.env['UPDATE'] === '1') writeFileSync(expected, found);
        expect(found).toBe(existsSync(expected) ? readFileSync(expected, 'utf8') : '');
      });
    }
  });
}

/** Opens the files that have cursors, or all where none has, and asks. */
async function answers(question: string, name: string, text: string): Promise<string> {
  const fixture = writeFixture(join(scratch, question, name), text);
  await client.changeFolders([fixture.folder], []);
  const marked = new Set(fixture.markers.map(({ uri }) => uri));
  const opened = [...fixture.documents].filter(([uri]) => marked.size === 0 || marked.has(uri));
  for (const [uri, document] of opened) await client.open(uri, document.getText());
  const found: string[] = [];
  const cursor = atCursor[question];
  for (const marker of fixture.markers) {
    if (cursor !== undefined) found.push(`# ${marker.line}\n${await cursor(client, fixture, marker)}\n`);
  }
  const whole = ofDocument[question];
  for (const [uri] of whole === undefined ? [] : opened) {
    const title = opened.length > 1 ? `# ${uri.split('/').at(-1) ?? ''}\n` : '';
    found.push(`${title}${(await whole?.(client, fixture, uri)) ?? ''}\n`);
  }
  for (const [uri] of opened) await client.close(uri);
  await client.changeFolders([], [fixture.folder]);
  return found.join('\n');
}
