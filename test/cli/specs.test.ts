import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { dalight, refuses, root, scratch, succeeds, unet } from './run-unet.js';
import { tinySpec, writeSpec } from './tiny.js';

interface Diagnostics {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: string;
    readonly message: string;
    readonly file: string;
    readonly start: { readonly line: number; readonly column: number };
    readonly end: { readonly line: number; readonly column: number };
  }[];
}

/** A line for each mistake; every one is a fault of its own. */
const mistakes = [
  'conv(c, 3) -> gleu',
  'conv(c, kernel: 3, strid: 2)',
  'conv(c, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3)',
  'conv(8.5, 3)',
  'conv("eight", 3)',
  'conv(c, 3) -> group_norm(5)',
  'conv(c, 3) + conv(c + 1, 3)',
  'max_pol(2)',
  'conv(widht, 3)',
  'linear()',
];

function faulty(count: number): string {
  const every = Array.from({ length: count }, (_, index) => index);
  const uses = every.map((index) => `  let z${index} = y -> b${index}(8)`);
  const model = [
    'model A {',
    '  input scan: image(T1)[D, H, W]',
    '  output mask: classes(a, b)',
    '  let y = scan -> conv(8, 3)',
    ...uses,
    '  mask = y -> conv(mask.classes, 1)',
    '}',
  ];
  const blocks = every.map(
    (index) => `block b${index}(c: int) {\n  x: [C, D, H, W]\n  x -> ${mistakes[index % mistakes.length]}\n}`,
  );
  return [...blocks, ...model, ''].join('\n');
}

async function checkJson(...files: string[]) {
  const { code, stdout } = await unet(['check', ...files, '--format', 'json']);
  return { code, ...(JSON.parse(stdout) as Diagnostics) };
}

describe('unet check', () => {
  it('finds nothing in the specs, as text and as JSON', async () => {
    const { code, stdout, stderr } = await unet(['check', dalight, path.join(root, 'specs/unet3d.unet')]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '2 files checked: no problems found.\n' });
    expect(await checkJson(dalight)).toEqual({ code: 0, diagnostics: [] });
  });

  it('reports thirty mistakes in one run, each in its line', async () => {
    const { code, diagnostics } = await checkJson(writeSpec('thirty.unet', faulty(30)));
    expect(code).toBe(1);
    const lines = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ start }) => start.line));
    const expected = Array.from({ length: 30 }, (_, index) => 3 + 4 * index);
    expect(expected.filter((line) => !lines.has(line))).toEqual([]);
  });

  it('has the form that tools read', async () => {
    const file = writeSpec('one.unet', tinySpec.replace('knob width', 'knob wdth'));
    const { code, diagnostics } = await checkJson(file);
    expect(code).toBe(1);
    // `width` is used twice in one line, and no knob has that name now.
    expect(diagnostics).toMatchObject(
      [14, 25].map((column) => ({
        code: 'UNET2001',
        severity: 'error',
        message: expect.stringContaining('`width`') as string,
        file,
        start: { line: 12, column },
        end: { line: 12, column: column + 5 },
      })),
    );
  });

  it('shows code frames on standard error', async () => {
    const file = writeSpec('frame.unet', tinySpec.replace('-> gelu\n    down', '-> gleu\n    down'));
    const message = await refuses(1, ['check', file]);
    expect(message).toContain('error UNET2001');
    expect(message).toContain('frame.unet:13:');
    expect(message).toContain('^^^^');
    expect(message).toContain('Did you mean `gelu`?');
    expect(message).toContain('1 file checked: 1 error, 0 warnings.');
  });

  it('exits 0 where there are warnings alone', async () => {
    const file = writeSpec('warning.unet', tinySpec.replace('  knob width', '  knob idle: int = 3\n  knob width'));
    const { code, diagnostics } = await checkJson(file);
    expect({ code, severities: diagnostics.map(({ severity }) => severity) }).toEqual({
      code: 0,
      severities: ['warning'],
    });
  });

  it('refuses bytes that are not UTF-8, binary rubbish and empty braces without a throw', async () => {
    const latin = writeSpec('latin.unet', Buffer.from('model Å { }', 'latin1'));
    expect((await checkJson(latin)).diagnostics.map(({ code }) => code)).toEqual(['UNET1013']);
    const rubbish = writeSpec(
      'rubbish.unet',
      Uint8Array.from({ length: 4000 }, (_, index) => (index * 131) % 256),
    );
    expect((await checkJson(rubbish)).code).toBe(1);
    expect((await checkJson(writeSpec('open.unet', `model A ${'{ ('.repeat(500)}`))).code).toBe(1);
    expect((await checkJson(writeSpec('empty.unet', ''))).code).toBe(0);
  });
});

interface Report {
  readonly model: string;
  readonly params: { readonly total: number; readonly trainable: number };
  readonly macs: number;
  readonly receptiveField: readonly number[];
  readonly stages: readonly { readonly params: number; readonly macs: number }[];
  readonly ops: readonly {
    readonly id: string;
    readonly kind: string;
    readonly output: unknown;
    readonly params: number;
    readonly macs: number;
  }[];
}

async function reportOf(...args: string[]): Promise<Report> {
  return JSON.parse(await succeeds(['report', ...args, '--format', 'json'])) as Report;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

describe('unet report', () => {
  it('lists as many levels of modules inside the stages as asked', async () => {
    const rows = async (depth: string): Promise<readonly string[]> => {
      const text = await succeeds(['report', dalight, '--format', 'markdown', '--depth', depth]);
      return text.split('\n').filter((line) => line.startsWith('|'));
    };
    const [stages, blocks] = [await rows('0'), await rows('2')];
    expect(stages.filter((row) => row.includes('level2'))).toHaveLength(2);
    expect(stages.some((row) => row.includes('squeeze'))).toBe(false);
    expect(blocks.filter((row) => row.includes('squeeze'))).toHaveLength(7);
    expect(await refuses(2, ['report', dalight, '--depth', '-1'])).toContain('Expected a whole number of at least 0');
  });

  it('counts DALight-3D, and its sums agree', async () => {
    const report = await reportOf(dalight, '--patch', '64,64,64');
    expect(report).toMatchObject({ model: 'DALight3D', params: { total: 2_219_074, trainable: 2_219_074 } });
    expect(report.receptiveField).toHaveLength(3);
    expect(sum(report.stages.map(({ params }) => params))).toBe(2_219_074);
    expect(sum(report.ops.map(({ params }) => params))).toBe(2_219_074);
    expect(sum(report.stages.map(({ macs }) => macs))).toBe(report.macs);
    expect(sum(report.ops.map(({ macs }) => macs))).toBe(report.macs);
    expect(new Set(report.ops.map(({ id }) => id)).size).toBe(report.ops.length);
  });

  it('takes any expression of the language as a knob', async () => {
    const base = await reportOf(dalight);
    const off = await reportOf(dalight, '--set', 'csa=off');
    const rank = await reportOf(dalight, '--set', 'join=ssfb(rank: 16)', '--set', 'convolution=conv(kernel: 3)');
    const narrow = await reportOf(dalight, '--set', 'width=4 * 2', '--set', 'neck=if true then 8 else 16');
    expect(off.params.total).toBeLessThan(base.params.total);
    expect(rank.params.total).toBeGreaterThan(base.params.total);
    expect(narrow.params.total).toBeLessThan(off.params.total);
    const ablation = await reportOf(path.join(root, 'specs/ablations/no-csa.unet'));
    expect(ablation.params.total).toBe(off.params.total);
  });

  it('takes a knob of any name, with or without its backticks', async () => {
    const text = tinySpec.replaceAll(/\bwidth\b/g, '`base-width`').replace('conv(c, 3)', 'conv(c, `a=b`)');
    const file = writeSpec('quoted.unet', text.replace('knob `', 'knob `a=b`: int = 3\n  knob `'));
    const paramsWith = async (...set: string[]) =>
      (await reportOf(file, '--patch', '16,16,16', ...set.flatMap((each) => ['--set', each]))).params.total;
    const base = await paramsWith();
    const wide = await paramsWith('base-width=16');
    expect(wide).toBeGreaterThan(base);
    expect(await paramsWith('`base-width` = 16')).toBe(wide);
    expect(await paramsWith('`a=b`=5')).toBeGreaterThan(base);
    expect(await refuses(1, ['report', file, '--set', 'base-widht=3'])).toMatch(/UNET2007.*`base-widht`/);
  });

  it('says what is wrong with a knob and its value, in a frame', async () => {
    const unknown = await refuses(1, ['report', dalight, '--set', 'widht=3']);
    expect(unknown).toContain('widht');
    expect(unknown).toContain('`width`');
    expect(await refuses(1, ['report', dalight, '--set', 'width="3"'])).toContain('--set width');
    expect(await refuses(1, ['report', dalight, '--set', 'width=(3'])).toContain('--set width');
    expect(await refuses(1, ['report', dalight, '--set', 'width=0'])).toMatch(/error UNET3\d+/);
  });

  it('lists the models where the file declares several, and takes the one that is named', async () => {
    const file = writeSpec('several.unet', `${tinySpec}\nmodel Wide = Tiny { width = 16 }\n`);
    const message = await refuses(2, ['report', file]);
    expect(message).toContain('`Tiny`, `Wide`');
    expect(message).toContain('--model');
    expect((await reportOf(file, '--model', 'Wide', '--patch', '16,16,16')).model).toBe('Wide');
  });

  it('takes FILE#Model, which --model may not gainsay', async () => {
    const file = writeSpec('chosen.unet', `${tinySpec}\nmodel Wide = Tiny { width = 16 }\n`);
    expect((await reportOf(`${file}#Wide`, '--model', 'Wide', '--patch', '16,16,16')).model).toBe('Wide');
    expect(await refuses(2, ['report', `${file}#Wide`, '--model', 'Tiny'])).toContain('select different models');
    expect(await refuses(2, ['diagram', `${file}#Wide`, '--model', 'Tiny', '-o', 'x.svg'])).toContain(
      'select different models',
    );
    expect(await refuses(2, ['report', `${file}#Nope`])).toContain('has no model `Nope`');
    const hash = writeSpec('a#Tiny', tinySpec);
    expect((await reportOf(hash, '--patch', '16,16,16')).model).toBe('Tiny');
    const out = path.join(scratch(), 'chosen');
    await succeeds(['compile', `${file}#Wide`, '-o', out]);
    expect(readdirSync(out)).toEqual(['Wide.ts']);
  });

  it('tells the faults of a text in which no model is found, and models it uses where there are any', async () => {
    const rubbish = writeSpec('bytes.unet', Uint8Array.of(0xff, 0xfe, 0x00));
    const misspelt = writeSpec('misspelt.unet', 'modle A { }\n');
    const picture = path.join(scratch(), 'never.svg');
    for (const args of [
      ['report', rubbish],
      ['diff', rubbish, dalight],
      ['diagram', rubbish, '-o', picture],
    ]) {
      expect(await refuses(1, args)).toMatch(/UNET1013(?![^]*declares no)/);
    }
    expect(await refuses(1, ['report', misspelt, '--model', 'A'])).toContain('UNET1001');
    expect(await refuses(1, ['study', 'plan', rubbish, '--data', 'x'])).toContain('UNET1013');
    expect(await refuses(2, ['report', writeSpec('nothing.unet', '')])).not.toContain('help');
    expect(await refuses(2, ['report', path.join(root, 'specs/lib/unet.unet')])).not.toContain('help');
    const uses = writeSpec('uses.unet', 'use "unet:dalight3d.unet"\n');
    expect(await refuses(2, ['report', uses])).toContain('It imports `DALight3D`; choose one with --model');
  });

  it('offers legal patches for one that is not', async () => {
    const file = path.join(root, 'specs/unet3d.unet');
    const message = await refuses(1, ['report', file, '--patch', '60,64,64']);
    expect(message).toMatch(/error UNET3016: .*`D`.* 56 and 64/);
  });

  it('is text and Markdown, too', async () => {
    expect(await succeeds(['report', dalight])).toContain('2,219,074');
    expect(await succeeds(['report', dalight, '--format', 'markdown', '--ops'])).toMatch(/^\|.*\|$/m);
  });
});

describe('unet compile', () => {
  it('writes one module that is TypeScript, the same bytes each time', async () => {
    const out = path.join(scratch(), 'generated');
    const file = (await succeeds(['compile', dalight, '--set', 'width=8', '-o', out])).trim();
    const text = readFileSync(file, 'utf8');
    expect(readdirSync(out)).toEqual(['DALight3D.ts']);
    const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
    await succeeds(['compile', dalight, '--set', 'width=8', '-o', out]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('refuses a file as its folder', async () => {
    const file = writeSpec('not-a-folder', '');
    await refuses(1, ['compile', dalight, '-o', file]);
    await refuses(1, ['compile', dalight, '-o', path.join(file, 'below')]);
  });
});

describe('unet fmt', () => {
  const untidy = 'model   A=B{width=3}\n// kept\n';

  it('names what would change and leaves it under --check', async () => {
    const file = writeSpec('untidy.unet', untidy);
    const { code, stdout } = await unet(['fmt', '--check', file, dalight]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${file}\n` });
    expect(readFileSync(file, 'utf8')).toBe(untidy);
  });

  it('rewrites in canonical form, once, and keeps permissions', async () => {
    const file = writeSpec('tidied.unet', untidy);
    writeFileSync(file, untidy, { mode: 0o640 });
    const mode = statSync(file).mode;
    expect(await succeeds(['fmt', file])).toBe(`${file}\n`);
    const tidy = readFileSync(file, 'utf8');
    expect(tidy).toBe('model A = B { width = 3 }\n// kept\n');
    expect(statSync(file).mode).toBe(mode);
    expect(await succeeds(['fmt', file])).toBe('');
    expect(await succeeds(['fmt', '--check', file])).toBe('');
  });

  it('leaves a file with syntax errors or foreign bytes as it is', async () => {
    const broken = writeSpec('broken.unet', 'model A {\n');
    expect(await refuses(1, ['fmt', broken])).toContain('UNET1002');
    expect(readFileSync(broken, 'utf8')).toBe('model A {\n');
    const latin = writeSpec('latin-fmt.unet', Buffer.from('model Å { }', 'latin1'));
    expect((await refuses(1, ['fmt', latin])).match(/error/g)).toHaveLength(1);
  });
});
