import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.js';
import { dalight, root, scratch, unet } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

/** Runs a command with `--json`: whatever its end, standard output must be one value. */
async function json(code: number, args: readonly string[]): Promise<Record<string, unknown>> {
  const ended = await unet([...args, '--json']);
  expect({ code: ended.code, stderr: ended.code === code ? '' : ended.stderr }).toEqual({ code, stderr: '' });
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}

const out = (name: string): string => path.join(scratch(), name);

/** Applies fixes as an editor would; lines and columns count from 1. */
function applied(text: string, fix: Fix): string {
  const lines = text.split('\n');
  const offset = ({ line, column }: Fix['start']): number =>
    lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
  return text.slice(0, offset(fix.start)) + fix.text + text.slice(offset(fix.end));
}

interface Fix {
  readonly title: string;
  readonly file: string;
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
  readonly text: string;
}

describe('--json', () => {
  it('is a flag of every command but those whose output a program reads anyway', () => {
    const leaves = (command: Command, words: string): [string, Command][] =>
      command.commands.length === 0
        ? [[words, command]]
        : command.commands.flatMap((child) => leaves(child, `${words} ${child.name()}`.trim()));
    const without = leaves(createProgram(), '').filter(([, { options }]) =>
      options.every(({ long }) => long !== '--json'),
    );
    expect(without.map(([words]) => words).sort()).toEqual(['completion', 'lsp', 'study job']);
  });

  it('of check gives fixes that mend the spec', async () => {
    const text = readFileSync(path.join(root, 'specs/unet3d.unet'), 'utf8').replaceAll('"lib/', '"unet:lib/');
    const file = writeSpec('mended.unet', text.replace('concat_', 'cnocat_'));
    const { diagnostics } = (await json(1, ['check', file])) as { diagnostics: { code: string; fixes: Fix[] }[] };
    const [fix] = diagnostics[0]!.fixes;
    expect(fix).toMatchObject({ file, title: expect.stringContaining('concat_') as string });
    expect(applied(readFileSync(file, 'utf8'), fix!)).toBe(text);
  });

  it('of explain gives a page, or every code', async () => {
    const page = await json(0, ['explain', 'UNET3007']);
    expect(page).toMatchObject({ code: 'UNET3007', text: expect.stringContaining('# UNET3007: ') as string });
    const all = (await json(0, ['explain'])) as { diagnostics: object[] };
    expect(all.diagnostics).toContainEqual({ code: 'UNET3007', title: page['title'] });
  });

  it('of commands that write files names them', async () => {
    const folder = out('json-init');
    const made = await json(0, ['init', '-o', folder]);
    const written = [path.join(folder, 'unet3d.unet'), path.join(folder, 'variants/narrow.unet')];
    expect(made).toEqual({ spec: written[0], written });
    const module = path.join(out('json-code'), 'DALight3D.ts');
    expect(await json(0, ['compile', dalight, '-o', out('json-code')])).toEqual({
      model: 'DALight3D',
      written: [module],
    });
    const picture = await json(0, ['diagram', dalight, '--set', 'csa=off', '--diff', '-o', out('json.svg')]);
    expect(picture).toEqual({ model: 'DALight3D', base: 'DALight3D', patch: [64, 64, 64], written: [out('json.svg')] });
    const ugly = writeSpec('ugly.unet', 'model   M { }\n');
    const broken = writeSpec('broken.unet', 'model M {\n');
    const formatted = await json(1, ['fmt', '--check', ugly, broken, dalight]);
    expect(formatted).toMatchObject({ changed: [ugly], faulty: [broken], diagnostics: [{ file: broken }] });
    const data = out('json-data');
    expect(await json(0, ['data', 'synth', '-o', data, '--cases', '2', '--size', '16,16,16'])).toEqual({
      dir: data,
      cases: 2,
      size: [16, 16, 16],
      seed: 1,
    });
    expect(await json(0, ['data', 'check', data])).toMatchObject({ summary: { cases: 2, errors: 0 } });
  });

  it('of a run, from training to export, gives its figures', { timeout: 120_000 }, async () => {
    const spec = writeSpec('json-tiny.unet', tinySpec);
    const data = await makeData('json-cases');
    const run = out('json-run');
    const trained = await json(0, ['train', spec, '--data', data, '-o', run, '--steps', '1', '--engine', 'wasm']);
    expect(trained).toMatchObject({
      run,
      model: 'Tiny',
      seed: 1,
      engine: 'wasm',
      patch: [8, 8, 8],
      metrics: { step: 1 },
    });
    const mask = out('json-mask.nii.gz');
    const found = await json(0, ['predict', run, '--data', data, '--case', 'PHANTOM_001', '-o', mask]);
    expect(found).toMatchObject({ run, model: 'Tiny', case: 'PHANTOM_001', written: [mask] });
    const voxels = (found['labels'] as { voxels: number }[]).map((label) => label.voxels);
    expect(voxels.reduce((sum, each) => sum + each, 0)).toBe(16 ** 3);
    const weights = out('json.safetensors');
    const exported = await json(0, ['export', run, '--format', 'safetensors', '-o', weights]);
    expect(exported).toMatchObject({ run, model: 'Tiny', format: 'safetensors', written: [weights], compared: null });
    const imported = out('json-imported');
    const taken = await json(0, ['import', spec, '--weights', weights, '-o', imported]);
    const origin = { patch: [8, 8, 8], assumed: null, cautions: [], verified: [] };
    const { pairs, ...others } = taken;
    expect(others).toEqual({ run: imported, model: 'Tiny', weights: exported['weights'], ...origin });
    expect(Object.entries(pairs as Record<string, string>).filter(([id, name]) => id !== name)).toEqual([]);
    expect(Object.keys(pairs as object)).toHaveLength(exported['weights'] as number);
  });

  it.each<[string, number, string[], object]>([
    [
      'an unknown flag',
      2,
      ['check', '--nope', 'x'],
      { code: null, message: expect.stringContaining("'--nope'") as string },
    ],
    [
      'a file that is not there',
      1,
      ['report', 'nope.unet'],
      { code: null, message: '`nope.unet` cannot be read: it does not exist.', help: null },
    ],
    ['a run that is none', 1, ['export', 'specs', '--format', 'onnx', '-o', 'x.onnx'], { code: 'UNET6055' }],
  ])('says why a command failed: %s', async (_, code, args, error) => {
    expect(await json(code, args)).toEqual({ error: expect.objectContaining(error) as object });
  });

  it('gives diagnostics where a spec has faults, whatever the command', async () => {
    const file = writeSpec(
      'json-faulty.unet',
      'model M {\n  input scan: image(T1w)[D, H]\n  output m: classes(a, b)\n}\n',
    );
    for (const args of [
      ['report', file],
      ['compile', file, '-o', out('never')],
      ['diff', file, dalight],
    ]) {
      expect(await json(1, args)).toMatchObject({ diagnostics: [{ file, severity: 'error' }] });
    }
    const patch = await json(1, ['report', path.join(root, 'specs/unet3d.unet'), '--patch', '33,32,32']);
    expect(patch).toMatchObject({ diagnostics: [{ code: 'UNET3016' }] });
  });
});
