import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { printable } from '../../text/printable.js';
import { copyStudy, readJson, runArguments } from './tiny-study.js';
import { expectNoStack, refuses, root, scratch, succeeds, unet, type Ended } from './run-unet.js';
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
    const train = ['train', file, '--data', data, '-o', run, '--set', '`*/ width`=8'];
    await succeeds(train);
    await succeeds([...train, '--resume']);
    const pictures = path.join(scratch(), 'pictures');
    const [heldOut = ''] = readJson<{ validation: string[] }>(run, 'split.json').validation;
    const evaluate = ['evaluate', run, '--data', data, '--case', heldOut, '--pictures', pictures];
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
    await succeeds(['import', file, '--weights', weights, '-o', imported, '--set', '*/ width=8']);
    expect(existsSync('/tmp/harmed')).toBe(false);
  });

  it('of cases are not paths', async () => {
    const data = await makeData('escaping');
    const description = path.join(data, 'dataset.json');
    const json = JSON.parse(readFileSync(description, 'utf8')) as { training: { image: string; label: string }[] };
    json.training[0]!.image = '../../../etc/passwd.nii.gz';
    writeFileSync(description, JSON.stringify(json));
    const spec3d = path.join(root, 'specs/unet3d.unet');
    const message = await refuses(1, ['train', spec3d, '--data', data, '-o', path.join(scratch(), 'no')]);
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

/** What a terminal would obey in a path or a case: a new title, a cleared screen, an overwritten line; and hidden text. */
const acting = '\u001b]0;x\u0007\u001b[2J\r\u009b2J\u202e\u2066\u0085\u2028x';
/** What of it a name of the language may contain. */
const hidden = '\u009b2J\u202e\u2066\u0085\u2028x';

const actingSpec = `use "unet:lib/dalight.unet"

model ${quoted(`M${hidden}`)} {
  input ${quoted(`scan${hidden}`)}: image(${quoted(`FLAIR${hidden}`)}, T1w, t1gd, T2w)[D, H, W]
  input ${quoted(`site${hidden}`)}: identifier(3)
  output ${quoted(`mask${hidden}`)}: classes(background, ${quoted(`edema${hidden}`)}, ${quoted(`=1${hidden}`)}, d)
  knob ${quoted(`width${hidden}`)}: int = 2
  let ${quoted(`y${hidden}`)} = ${quoted(`scan${hidden}`)} -> conv(${quoted(`width${hidden}`)}, 3) as ${quoted(`first${hidden}`)}
  ${quoted(`mask${hidden}`)} = ${quoted(`y${hidden}`)} -> identifier_norm(${quoted(`site${hidden}`)}, groups: 2) -> conv(4, 1, bias: true)
}
model ${quoted(`V${hidden}`)} = ${quoted(`M${hidden}`)} { ${quoted(`width${hidden}`)} = 4 }

protocol ${quoted(`P${hidden}`)} {
  data: msd("Phantom"), split: kfold(2, seed: 1)
  patch: random([8, 8, 8])
  normalize: zscore(nonzero)
  augment: []
  loss: cross_entropy
  optimizer: adamw(lr: 1e-3, weight_decay: 0, clip_norm: 1.0)
  steps: 1, batch: 1, validate: sliding_window(overlap: 0, blend: constant, every: never)
  select: last
  identify: [${quoted(`site${hidden}`)}: column("site${hidden}")]
}
study ${quoted(`S${hidden}`)} {
  protocol: ${quoted(`P${hidden}`)}, seeds: 1 .. 1, folds: 0 .. 0, base: ${quoted(`M${hidden}`)}, variants: [${quoted(`V${hidden}`)}]
}
`;

/** Phantoms with such names for the data set, its folder, a case, a class, a channel and a column. @returns its folder */
async function makeActingData(): Promise<string> {
  const data = await makeData(`data${acting}`);
  const description = path.join(data, 'dataset.json');
  const json = JSON.parse(readFileSync(description, 'utf8')) as {
    name: string;
    modality: Record<string, string>;
    labels: Record<string, string>;
    training: { image: string; label: string }[];
  };
  json.name = `Phantom${acting}`;
  json.modality['0'] = `FLAIR${hidden}`;
  json.labels = { '0': 'background', '1': `edema${hidden}`, '2': `=1${hidden}`, '3': 'd' };
  const rename = (file: string): string => file.replace('PHANTOM_001', `=case${acting}`);
  for (const each of json.training.slice(0, 1)) {
    for (const file of [each.image, each.label]) renameSync(path.join(data, file), path.join(data, rename(file)));
    Object.assign(each, { image: rename(each.image), label: rename(each.label) });
  }
  writeFileSync(description, JSON.stringify(json));
  const table = path.join(data, 'cases.csv');
  const [, ...rows] = readFileSync(table, 'utf8').trim().split('\n');
  const lines = [`case,"site${hidden}"`, ...rows.map((row) => row.replace('PHANTOM_001', `"=case${acting}"`))];
  writeFileSync(table, `${lines.join('\n')}\n`);
  return data;
}

describe('what a terminal would obey', () => {
  const file = path.join(scratch(), `spec${acting}`, 'study.unet');
  const data = path.join(scratch(), `data${acting}`);
  const study = path.join(scratch(), `study${acting}`);
  const broken = path.join(scratch(), `broken${acting}`);
  const missing = path.join(scratch(), `missing${acting}`);
  const model = `M${hidden}`;
  const evaluation = (): string[] => ['evaluate', run, '--data', data, '--case', `=case${acting}`];
  let run = '';
  let places = 0;
  const place = (suffix = ''): string => path.join(scratch(), `place${places++}${acting}${suffix}`);

  beforeAll(async () => {
    await makeActingData();
    writeSpec(path.relative(scratch(), file), actingSpec);
    writeSpec(
      `spec${acting}/wrong.unet`,
      `model ${quoted(model)} {}\nmodel W = ${quoted(model)} { x = nothing } // ${acting}\n`,
    );
    writeSpec(`spec${acting}/long.unet`, `model   ${quoted(model)} {}\n`);
    const { code, stdout, stderr } = await unet(runArguments(file, data, study));
    expect({ code, text: code === 0 ? '' : stderr }).toEqual({ code: 0, text: '' });
    run = jobFolder(study, 'M');
    expectNothingActs(stdout, stderr, readFileSync(path.join(run, 'log.txt'), 'utf8'));
    expect(stdout).toContain(printable(hidden));
    copyStudy(study, path.basename(broken));
    const job = jobFolder(broken, 'V');
    for (const name of ['checksums.json', 'scores.json', 'outcome.json']) rmSync(path.join(job, name));
    writeFileSync(path.join(job, 'log.txt'), `the end ${acting}\n`);
  }, 120_000);

  /** Exit code and arguments. Commands that print a result print it as JSON, too. */
  const results: Readonly<Record<string, readonly [number, () => readonly string[]]>> = {
    check: [1, () => ['check', path.join(path.dirname(file), 'wrong.unet')]],
    fmt: [1, () => ['fmt', '--check', path.join(path.dirname(file), 'long.unet')]],
    report: [0, () => ['report', `${file}#${model}`]],
    compile: [0, () => ['compile', file, '--model', model, '-o', place()]],
    diff: [0, () => ['diff', `${file}#${model}`, `${file}#V${hidden}`]],
    diagram: [0, () => ['diagram', file, '--model', model, '-o', place('.svg')]],
    init: [0, () => ['init', '-o', place()]],
    'data check': [0, () => ['data', 'check', data]],
    'data synth': [0, () => ['data', 'synth', '-o', place(), '--cases', '1', '--size', '16,16,16']],
    'study plan': [0, () => ['study', 'plan', file, '--data', data]],
    'study status': [0, () => ['study', 'status', broken]],
    'study report': [0, () => ['study', 'report', study]],
    'study verify': [1, () => ['study', 'verify', broken]],
    evaluate: [0, evaluation],
    predict: [0, () => ['predict', run, '--data', data, '--case', `=case${acting}`, '-o', place('.nii.gz')]],
    export: [0, () => ['export', run, '--format', 'safetensors', '-o', place('.safetensors')]],
    'check of a missing file': [1, () => ['check', missing]],
    'report of a missing model': [2, () => ['report', `${file}#Q${acting}`]],
    'explain of an unknown code': [2, () => ['explain', acting]],
    'data check of a missing folder': [1, () => ['data', 'check', missing]],
    'an unknown flag': [2, () => ['check', `--q${acting}`, file]],
  };

  it.each(Object.entries(results))(
    'is shown as its number by %s, and is a value of its JSON',
    async (_, [code, args]) => {
      const [text, json] = await Promise.all([unet(args()), unet([...args(), '--json'])]);
      expectShown(text, code);
      expectNothingActs(json.stdout, json.stderr);
      expect(json.code).toBe(code);
      expect(json.stdout).not.toContain('\\u{');
      expect(JSON.stringify(JSON.parse(json.stdout))).toContain(JSON.stringify(hidden).slice(1, -1));
    },
  );

  const errors: Readonly<Record<string, readonly [number, () => readonly string[]]>> = {
    completion: [2, () => ['completion', acting]],
    doctor: [1, () => ['doctor', '--data', missing]],
    'study job': [2, () => ['study', 'job', study, acting]],
    predict: [1, () => ['predict', run, '--data', data, '--case', `q${acting}`, '-o', place('.nii.gz')]],
    train: [1, () => ['train', file, '--model', model, '--data', missing, '-o', place()]],
    ablate: [2, () => ['ablate', file, '--model', model, '--protocol', `q${acting}`, '--data', data, '-o', place()]],
    engines: [2, () => ['engines', '--engine', acting]],
    quickstart: [2, () => ['quickstart', '--steps', acting]],
    'an unknown command': [2, () => [acting]],
  };

  it.each(Object.entries(errors))('is shown as its number by errors of %s', async (_, [code, args]) => {
    expectShown(await unet(args()), code);
  });

  it('is shown as its number in the end of a log', async () => {
    const { stdout } = await unet(['study', 'status', broken]);
    expectNothingActs(stdout);
    expect(stdout).toContain(`    the end ${printable(acting)}\n`);
  });

  it.each(['markdown', 'html', 'latex'])('is shown as its number in %s', async (format) => {
    const compared = ['diff', `${file}#${model}`, `${file}#V${hidden}`];
    const { stdout } = await unet([
      ...(format === 'latex' ? ['study', 'report', study] : compared),
      '--format',
      format,
    ]);
    expectNothingActs(stdout);
    expect(stdout).toContain('202e');
  });

  it('is data in CSV, in which no text is a formula', async () => {
    type Row = Record<string, string>;
    const scores: Row[] = parse(await csvOf(evaluation()), { columns: true });
    expect(scores.map((row) => row['case'])).toEqual(Array(3).fill(`'=case${acting}`));
    expect(scores.map((row) => row['class'])).toEqual([`edema${hidden}`, `'=1${hidden}`, 'd']);
    const report: Row[] = parse(await csvOf(['study', 'report', study]), { columns: true });
    expect(new Set(report.map((row) => row['variant']))).toEqual(new Set([model, `V${hidden}`]));
    expect(new Set(report.map((row) => row['class']))).toContain(`'=1${hidden}`);
  });
});

async function csvOf(command: readonly string[]): Promise<string> {
  const { code, stdout } = await unet([...command, '--format', 'csv']);
  expect(code).toBe(0);
  return stdout;
}

/** The only run of a variant of a study. */
function jobFolder(study: string, variant: string): string {
  const runs = path.join(study, 'runs');
  const folder = readdirSync(runs).find((name) => name.startsWith(variant))!;
  return path.join(runs, folder, 'seed-1-fold-0');
}

/** Line breaks and tabs alone may act. (The commands write to pipes, so that they have no colours.) */
function expectNothingActs(...texts: readonly string[]): void {
  for (const text of texts) expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
}

/** A command ended as it should, and showed a name without harm. */
function expectShown({ code, stdout, stderr }: Ended, expected: number): void {
  expectNothingActs(stdout, stderr);
  expectNoStack(stderr);
  expect({ code, stderr: code === expected ? '' : stderr }).toEqual({ code: expected, stderr: '' });
  // Tables wrap names.
  expect((stdout + stderr).replace(/\s/g, '')).toContain('\\u{202e}');
}

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
