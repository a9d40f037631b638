import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { root, scratch } from '../cli/run-unet.js';

const guide = readFileSync(path.join(root, 'docs/tutorial.md'), 'utf8');

/** A study of a step from one seed on one fold, which is what a test has time for. */
function shortened(spec: string): string {
  return spec
    .replace('steps: 100', 'steps: 1')
    .replace('seeds: 1 .. 2', 'seeds: 1')
    .replace('folds: [0, 1]', 'folds: 0');
}

/** What a reader does, in order: types commands, fills files, and types what stands in the running text. */
const steps = [...guide.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$|`(unet [^`]+)`/gm)].flatMap(
  ([, language, file, text = '', inline]): string[] => {
    if (inline !== undefined) return [inline];
    if (file !== undefined) return [`cat > ${file} <<'END'\n${shortened(text)}END`];
    return language === 'sh' ? text.trimEnd().split('\n') : [];
  },
);

/** The same with trainings of two steps, which is what a test has time for, the first gone on with once it is done. */
const script = steps.flatMap((step) => {
  if (!step.startsWith('unet train')) return [step];
  const short = `${step} --steps 2`;
  return step.includes('no-norm') ? [short] : [short, `${short} --resume`];
});

/** Runs lines in one bash that knows `unet`, and gives each with its output; the first that fails ends it. */
async function bash(lines: readonly string[], cwd: string): Promise<{ code: number | null; said: string[] }> {
  const bin = path.join(scratch(), 'bin');
  mkdirSync(bin, { recursive: true });
  const unet = path.join(bin, 'unet');
  writeFileSync(unet, `#!/bin/sh\nexec "${process.execPath}" "${root}/dist/cli/main.cjs" "$@"\n`, { mode: 0o755 });
  const text = ['exec 2>&1', 'set -e', ...lines.map((line) => `printf '\\f'\n${line}`)].join('\n');
  const child = spawn('bash', ['--norc', '-c', text], {
    cwd,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, UNET_CACHE: path.join(scratch(), 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said: output.split('\f').slice(1) };
}

it('can be followed to its end', { timeout: 300_000 }, async () => {
  expect(script.length).toBeGreaterThan(15);
  const folder = path.join(scratch(), 'reader');
  mkdirSync(folder);
  const { code, said } = await bash(script, folder);
  expect({ code, ended: code === 0 ? '' : `${script[said.length - 1]}\n${said.at(-1)}` }).toEqual({
    code: 0,
    ended: '',
  });
  const saidBy = (command: string): string => said[script.findIndex((line) => line.startsWith(command))] ?? '';
  expect(saidBy('unet doctor')).toContain('engine wasm');
  expect(saidBy('unet check unet.unet')).toContain('1 file checked: no problems found.');
  const report = saidBy('unet report unet.unet');
  for (const figure of ['85,852', '410.78 M', '13.9 MiB', 'receptive field  44\n']) expect(report).toContain(figure);
  expect(saidBy('unet report no-norm.unet')).toContain('85,532');
  expect(saidBy('unet evaluate runs/unet')).toContain('non-enhancing tumor');
  expect(readdirSync(path.join(folder, 'ablation/pictures')).filter((name) => name.endsWith('.png'))).toHaveLength(3);
  expect(saidBy('unet study plan')).toContain('2 jobs (2 rows × 1 seed × 1 fold)');
  expect(saidBy('unet study run')).toContain('without norm');
  expect(saidBy('unet study verify')).toContain('figures follow from the scores');
  for (const made of ['studies/norm/report.html', 'norm.tex', 'generated/Plain.ts', 'mask.nii.gz', 'mask.png']) {
    expect(existsSync(path.join(folder, 'ablation', made))).toBe(true);
  }
});
