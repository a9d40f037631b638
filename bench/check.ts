/**
 * How long `unet check` takes: `npx tsx bench/check.ts`, after `npm run build`.
 *
 * Cold start: the command on DALight-3D beside `node -e 0`, in turns, by the clock. Length: the command on generated
 * specs of growing length; linear means that ten times the lines take ten times as long, beyond the cold start. The last
 * line is one JSON object: for the cold start the command's time over Node's, for the length the time a line at the
 * longest spec over that at one of a tenth of its lines.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const unet = join(root, 'dist/cli/main.cjs');
const spec = join(root, 'specs/dalight3d.unet');
const pairs = 25;
const lengths = [2_500, 5_000, 10_000, 25_000, 50_000];
const rounds = 5;

/** Milliseconds by the clock that a process of Node takes; it must succeed. */
function milliseconds(...args: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} exits ${status}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** Returns a spec with this number of lines: blocks of five lines, each using the previous one, and a model that uses one. */
function specOf(lines: number): string {
  const blocks = Array.from({ length: Math.floor((lines - 5) / 5) }, (_, index) =>
    [
      `block block${index}(width: int = ${8 * (1 + (index % 4))}) {`,
      '  x: [C, ...S]',
      `  let y = x -> conv(width, 3) -> group_norm(8) -> gelu // block ${index}`,
      `  y -> ${index % 8 === 0 ? 'conv(width, 1)' : `block${index - 1}`} -> group_norm(4)`,
      '}',
    ].join('\n'),
  );
  const model =
    'model M {\n  input scan: image(T1w)[D, H, W]\n  output mask: classes(a, b)\n  mask = scan -> block7 -> conv(2, 1)\n}\n';
  return `${blocks.join('\n')}\n${model}`;
}

interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const round = (value: number): number => Math.round(value * 1000) / 1000;
  const at = (index: number): number => round(sorted[index] ?? NaN);
  return { median: at(sorted.length >> 1), min: at(0), max: at(sorted.length - 1) };
}

function coldStart(): Spread {
  const ratios: number[] = [];
  const times: { node: number[]; check: number[] } = { node: [], check: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const node = milliseconds('-e', '0');
    const check = milliseconds(unet, 'check', spec);
    times.node.push(node);
    times.check.push(check);
    ratios.push(check / node);
  }
  const ratio = spread(ratios);
  console.log(`cold start, ${pairs} pairs: node -e 0 ${spread(times.node).median.toFixed(0)} ms,`);
  console.log(
    `  unet check specs/dalight3d.unet ${spread(times.check).median.toFixed(0)} ms, ${show(ratio)} times as long`,
  );
  return ratio;
}

/** Time a line, beyond what a spec of no length takes, of the longest spec over one of a tenth of its lines. */
function linearity(folder: string): Spread {
  const files = lengths.map((lines) => {
    const file = join(folder, `${lines}.unet`);
    writeFileSync(file, specOf(lines));
    return { lines, file, times: [] as number[] };
  });
  const empty = join(folder, 'empty.unet');
  writeFileSync(empty, '');
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = milliseconds(unet, 'check', empty);
    for (const { file, times } of files) times.push(milliseconds(unet, 'check', file) - start);
    const perLine = (lines: number): number =>
      (files.find((each) => each.lines === lines)?.times.at(-1) ?? NaN) / lines;
    ratios.push(perLine(50_000) / perLine(5_000));
  }
  console.log(`length, ${rounds} rounds, beyond the time of an empty spec:`);
  for (const { lines, times } of files) {
    const { median } = spread(times);
    console.log(
      `  ${String(lines).padStart(6)} lines ${median.toFixed(0).padStart(6)} ms, ${((median / lines) * 1000).toFixed(1)} us a line`,
    );
  }
  const ratio = spread(ratios);
  console.log(`  a line of 50,000 takes ${show(ratio)} times as long as one of 5,000`);
  return ratio;
}

function show({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}

const folder = mkdtempSync(join(tmpdir(), 'unet-bench-'));
try {
  const ratio = coldStart();
  const cases = {
    'cold start on DALight-3D': { ratio },
    'a line of 50,000 over one of 5,000': { ratio: linearity(folder) },
  };
  console.log(JSON.stringify({ benchmark: 'unet check', peer: 'node -e 0', ratio, cases }));
} finally {
  rmSync(folder, { recursive: true });
}
