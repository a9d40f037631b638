/**
 * How soon the language server answers, on the largest specs of the repository: by lines DALight-3D with its library,
 * by operations UNETR. Each question is asked right after a keystroke, when nothing is known of the new text, and again;
 * a hover also as the first question to a server that has just been started.
 * `npx tsx bench/lsp.ts` after `npm run build`; the last line is JSON, in milliseconds.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client } from '../test/editor/client.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const repeats = Number(process.env['REPEATS'] ?? 15);

interface Figures {
  readonly median: number;
  readonly worst: number;
}

const starts = 8;

let keystrokes = 0;
const first: Record<string, Figures> = {};
for (const spec of ['dalight3d', 'unetr']) first[spec] = await measureFirst(spec);
const client = await Client.start({ folders: [path.join(root, 'specs')], delay: 150 });
const results: Record<string, Record<string, { typed: Figures; again: Figures }>> = {};
for (const spec of ['dalight3d', 'unetr']) results[spec] = await measure(spec);
await client.stop();

for (const [spec, questions] of Object.entries(results)) {
  console.log(
    `\nspecs/${spec}.unet: first hover of a new server, ms: median (worst) of ${starts}: ${shown(first[spec]!)}`,
  );
  console.log(`specs/${spec}.unet, ms: median (worst) of ${repeats}`);
  console.log(`${'question'.padEnd(24)} ${'after a keystroke'.padStart(20)} ${'again'.padStart(16)}`);
  for (const [question, { typed, again }] of Object.entries(questions)) {
    console.log(`${question.padEnd(24)} ${shown(typed).padStart(20)} ${shown(again).padStart(16)}`);
  }
}
console.log(`\nload of the machine: ${loadavg()[0]?.toFixed(1) ?? ''} on ${availableParallelism()} cores`);
console.log(JSON.stringify({ ...results, first }));

function shown({ median, worst }: Figures): string {
  return `${median.toFixed(1)} (${worst.toFixed(1)})`;
}

interface Spec {
  readonly uri: string;
  readonly text: string;
}

function readSpec(spec: string): Spec {
  const file = path.join(root, 'specs', `${spec}.unet`);
  return { uri: pathToFileURL(file).href, text: readFileSync(file, 'utf8') };
}

/** The place of a word of a spec, as questions name it. */
function placeOf({ uri, text }: Spec, word: string): object {
  const lines = text.slice(0, text.indexOf(word)).split('\n');
  const position = { line: lines.length - 1, character: (lines.at(-1) ?? '').length + 1 };
  return { textDocument: { uri }, position };
}

async function measureFirst(name: string): Promise<Figures> {
  const spec = readSpec(name);
  const times: number[] = [];
  for (let i = 0; i < starts; i++) {
    const fresh = await Client.start({ folders: [path.join(root, 'specs')], delay: 150 });
    await fresh.open(spec.uri, spec.text);
    times.push(await timed(() => fresh.request('textDocument/hover', placeOf(spec, 'conv('))));
    await fresh.stop();
  }
  return figures(times);
}

async function measure(name: string): Promise<Record<string, { typed: Figures; again: Figures }>> {
  const spec = readSpec(name);
  const { uri, text } = spec;
  await client.open(uri, text);
  await client.diagnostics(uri);
  const textDocument = { uri };
  const at = (word: string): object => placeOf(spec, word);
  const knob = at('width: int');
  const whole = { textDocument, range: { start: { line: 0, character: 0 }, end: { line: 999, character: 0 } } };
  const questions: Record<string, object> = {
    hover: at('conv('),
    completion: at('conv('),
    definition: knob,
    references: { ...knob, context: { includeDeclaration: true } },
    rename: { ...knob, newName: 'channels' },
    documentSymbol: { textDocument },
    foldingRange: { textDocument },
    formatting: { textDocument, options: {} },
    inlayHint: whole,
    codeLens: { textDocument },
    codeAction: { ...whole, context: { diagnostics: [] } },
  };
  const found: Record<string, { typed: Figures; again: Figures }> = {};
  // The first round warms the engine up and is not counted.
  for (const question of ['hover', ...Object.keys(questions)]) {
    const typed: number[] = [];
    const again: number[] = [];
    for (let i = 0; i < repeats + 3; i++) {
      await type(uri);
      const first = await timed(() => client.request(`textDocument/${question}`, questions[question] ?? {}));
      const second = await timed(() => client.request(`textDocument/${question}`, questions[question] ?? {}));
      if (i >= 3) {
        typed.push(first);
        again.push(second);
      }
    }
    found[question] = { typed: figures(typed), again: figures(again) };
  }
  const diagnostics: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const version = await type(uri);
    diagnostics.push(await timed(() => client.diagnostics(uri, (params) => params.version === version)));
  }
  const shownAfter = figures(diagnostics);
  found['diagnostics (and 150)'] = { typed: shownAfter, again: shownAfter };
  await client.close(uri);
  return found;
}

/** Types a blank before the end of the first line, or takes it back. */
async function type(uri: string): Promise<number> {
  const [start, end] = [
    { line: 0, character: 3 },
    { line: 0, character: 4 },
  ];
  return client.change(uri, [
    keystrokes++ % 2 === 0 ? { range: { start, end: start }, text: 'x' } : { range: { start, end }, text: '' },
  ]);
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

function figures(times: readonly number[]): Figures {
  const sorted = [...times].sort((a, b) => a - b);
  const rounded = (time: number | undefined): number => Math.round((time ?? 0) * 10) / 10;
  return { median: rounded(sorted[Math.floor(sorted.length / 2)]), worst: rounded(sorted.at(-1)) };
}
