import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { refuses, root, scratch, succeeds, unet } from './run-unet.js';
import { makeData, writeSpec } from './tiny.js';

/** Names that would do harm if they became code, comments or paths. */
const names = [
  '*/ globalThis.harmed = 1; /*',
  '"; throw new Error("harmed"); "',
  "'); process.exit(7); ('",
  '${process.exit(7)}',
  '../../../../tmp/harmed',
  '__proto__',
  'constructor',
  "from 'unet-lang/runtime'",
  '// harmed',
  '\\u002a\\n',
];

const quoted = (name: string): string => `\`${name}\``;
const [model, ...rest] = names as [string, ...string[]];
const classes = ['background', ...rest];

const spec = `
block ${quoted('../*/ block')}(${quoted('constructor')}: int) {
  x: [C, ...S]
  let ${quoted('__proto__')} = x -> conv(${quoted('constructor')}, 3) as ${quoted('*/ step')}
  ${quoted('__proto__')} -> gelu
}

model ${quoted(model)} {
  input ${quoted('*/ scan')}: image(FLAIR, T1w, t1gd, T2w)[D, H, W]
  output ${quoted('"mask"')}: classes(${classes.map(quoted).join(', ')})
  knob ${quoted('*/ width')}: int = 4
  let ${quoted("optimizer.first/y'")} = ${quoted('*/ scan')} -> ${quoted('../*/ block')}(${quoted('*/ width')})
  ${quoted('"mask"')} = ${quoted("optimizer.first/y'")} -> conv(${quoted('"mask"')}.classes, 1, bias: true)
}

protocol P {
  data: msd("*/ \`data\`"), split: kfold(3, seed: 1)
  patch: random([8, 8, 8])
  normalize: zscore(nonzero)
  augment: []
  loss: dice(smooth: 1, classes: foreground) + 0.5 * cross_entropy
  optimizer: adamw(lr: 1e-3, weight_decay: 0, clip_norm: 1.0), schedule: cosine(to: 1e-6)
  steps: 1, batch: 1, validate: sliding_window(overlap: 0.25, blend: gaussian, every: 1)
  select: last
  identify: none
}
`;

describe('hostile names', () => {
  it('stay names in generated code and its file', async () => {
    const file = writeSpec('hostile.unet', spec);
    expect(await unet(['check', file])).toMatchObject({ code: 0 });
    const out = path.join(scratch(), 'generated');
    const written = (await succeeds(['compile', file, '-o', out])).trim();
    expect(path.dirname(written)).toBe(out);
    expect(path.basename(written)).toMatch(/^[A-Za-z0-9_-]+\.ts$/);
    const parsed = ts.createSourceFile('m.ts', readFileSync(written, 'utf8'), ts.ScriptTarget.Latest, true);
    const code: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) code.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(parsed);
    expect(code.filter((name) => /harmed|globalThis|process/.test(name))).toEqual([]);
    expect((parsed as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics).toEqual([]);
  });

  it('train, predict, evaluate, export and import without harm', async () => {
    const file = writeSpec('hostile.unet', spec);
    const data = await makeData('hostile-data');
    const description = path.join(data, 'dataset.json');
    const json = JSON.parse(readFileSync(description, 'utf8')) as { labels: Record<string, string> };
    // The names are those of the spec; `__proto__` as a value of JSON is a plain text.
    json.labels = Object.fromEntries(classes.map((name, index) => [String(index), name]));
    writeFileSync(description, JSON.stringify(json));
    const run = path.join(scratch(), 'run');
    const train = ['train', file, '--data', data, '--run', run, '--set', '`*/ width`=8'];
    await succeeds(train);
    await succeeds([...train, '--resume']);
    const pictures = path.join(scratch(), 'pictures');
    const evaluate = [
      'evaluate',
      run,
      '--data',
      data,
      '--case',
      'PHANTOM_001',
      '--pictures',
      pictures,
      '--allow-training-cases',
    ];
    const report = JSON.parse(await succeeds([...evaluate, '--format', 'json'])) as { cases: { class: string }[] };
    expect(report.cases.map((row) => row.class)).toEqual(rest);
    expect(await succeeds([...evaluate, '--format', 'csv'])).toContain('"""; throw new Error(""harmed""); """');
    const mask = path.join(scratch(), 'mask.nii');
    await succeeds(['predict', run, '--data', data, '--case', 'PHANTOM_001', '-o', mask]);
    const metrics = readFileSync(path.join(run, 'metrics.jsonl'), 'utf8');
    const line = JSON.parse(metrics) as { validation: { dice: object } };
    expect(Object.keys(line.validation.dice)).toEqual(rest);
    expect(readdirSync(run).sort()).toContain('run.json');
    await succeeds(['export', run, '--format', 'onnx', '-o', path.join(scratch(), 'net.onnx')]);
    const weights = path.join(scratch(), 'net.safetensors');
    await succeeds(['export', run, '--format', 'safetensors', '-o', weights]);
    const imported = path.join(scratch(), 'imported');
    await succeeds(['import', file, '--weights', weights, '--run', imported, '--set', '*/ width=8']);
    expect(existsSync('/tmp/harmed')).toBe(false);
  });

  it('of cases are not paths', async () => {
    const data = await makeData('escaping');
    const description = path.join(data, 'dataset.json');
    const json = JSON.parse(readFileSync(description, 'utf8')) as { training: { image: string; label: string }[] };
    json.training[0]!.image = '../../../etc/passwd.nii.gz';
    writeFileSync(description, JSON.stringify(json));
    const spec3d = path.join(root, 'specs/unet3d.unet');
    const message = await refuses(1, ['train', spec3d, '--data', data, '--run', path.join(scratch(), 'no')]);
    expect(message).toMatch(/UNET6\d+/);
  });

  it('reach a terminal without control characters', async () => {
    const file = writeSpec('escape.unet', 'model A = `\u001B[31mred` { }\n');
    const { stderr } = await unet(['check', file]);
    expect(stderr).not.toContain('\u001B');
  });

  it('with a line break are no names', async () => {
    const { code, stdout } = await unet(['check', writeSpec('break.unet', 'model `a\nb` { }\n'), '--format', 'json']);
    expect(code).toBe(1);
    expect(stdout).toContain('UNET1');
  });
});

describe('links', () => {
  const block = 'block q {\n  x: [C, ...S]\n  x -> relu\n}\n';
  const applied =
    'model M {\n  input scan: image(T1w)[D, H]\n  output mask: classes(a, b)\n  mask = scan -> q -> conv(2, 1)\n}\n';
  const codes = async (file: string): Promise<string[]> => {
    const { stdout } = await unet(['check', file, '--format', 'json']);
    return (JSON.parse(stdout) as { diagnostics: { code: string }[] }).diagnostics.map(({ code }) => code);
  };

  it('to one file are one file', async () => {
    writeSpec('links/a/lib.unet', block);
    const file = writeSpec('links/two.unet', `use "a/lib.unet"\nuse "b/lib.unet"\n${applied}`);
    symlinkSync('a', path.join(scratch(), 'links/b'));
    const link = path.join(scratch(), 'links/link.unet');
    symlinkSync('two.unet', link);
    expect(await codes(file)).toEqual([]);
    expect(await codes(link)).toEqual([]);
  });

  it('that lead in a circle end', async () => {
    const file = writeSpec('circle/x.unet', `use "loop/x.unet"\n${block}${applied}`);
    symlinkSync('.', path.join(scratch(), 'circle/loop'));
    expect(await codes(file)).toEqual(['UNET2011']);
    const self = path.join(scratch(), 'circle/self.unet');
    symlinkSync('self.unet', self);
    expect(await refuses(1, ['check', self])).toContain('cannot be read');
    const missing = path.join(scratch(), 'circle/missing.unet');
    symlinkSync('nowhere.unet', missing);
    expect(await refuses(1, ['check', missing])).toContain('cannot be read');
  });

  it('and names of files with any sign are told as they are, without control characters', async () => {
    const folder = path.join(scratch(), '\u001B[31mred <b> $(reboot) \' "');
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, '`a`.unet');
    writeFileSync(file, 'model A = B { }\n');
    const { code, stderr } = await unet(['check', file]);
    expect(code).toBe(1);
    expect(stderr).not.toContain('\u001B');
    expect(stderr).toContain('red <b> $(reboot)');
  });
});

describe('a file of 50,000 lines', () => {
  const lines = Array.from({ length: 10_000 }, (_, index) =>
    [
      `block b${index}(width: int = 8) {`,
      '  x: [C, ...S]',
      `  let y = x -> conv(width, 3) -> group_norm(8) // ${index}`,
      `  y -> ${index % 8 === 0 ? 'gelu' : `b${index - 1}`}`,
      '}',
    ].join('\n'),
  ).join('\n');
  const long = `${lines}\nmodel M {\n  input scan: image(T1w)[D, H]\n  output mask: classes(a, b)\n  mask = scan -> b7 -> conv(2, 1)\n}\n`;

  it('is formatted, and checked to its last block', async () => {
    const file = writeSpec('long.unet', long.replace('b9998\n}', 'b9998 -> gleu\n}'));
    expect(await unet(['fmt', '--check', file])).toMatchObject({ stderr: '' });
    const message = await refuses(1, ['check', file]);
    expect(message).toContain('Did you mean `gelu`?');
    expect(message).toContain('1 file checked: 1 error, 0 warnings.');
  });
});
