import { describe, expect, test } from 'vitest';
import { printExpression } from '../../../grammar/print.js';
import type { SettingNode } from '../../../grammar/ast.js';
import { Lowering } from '../../../compiler/check/lowering.js';
import { findStatement, ownStudies } from '../../../compiler/program/program.js';
import { ablationStudy, lowerStudy } from '../../../compiler/study/lower-study.js';
import { measureOf } from '../../../compiler/study/solve-capacity.js';
import type { Study } from '../../../compiler/study/study.js';
import { describeDiagnostic, openText } from '../spec-text.js';

/** A base of three knobs, two of which have an `off`, and a protocol of four folds. */
const model = `model M {
  input scan: image(T1w, T2w)[D, H, W]
  output mask: classes(background, tumour)
  knob width: int = 8
  knob wide: bool = true off false
  knob norm: layer = group_norm(4) off identity
  encoder { widths: [width, 2 * width], level(c): conv(c, 3) -> norm -> conv(c, 3) when wide, down: max_pool(2) }
  decoder { up(c): transposed_conv(c, 2, stride: 2), fuse(c): joined(c) }
  head mask: conv(mask.classes, 1)
}
block joined(out: int) {
  skip: [C, ...S]
  up: [K, ...S]
  concat(skip, up) -> conv(out, 1)
}
`;
const protocol = `protocol Short {
  split: kfold(4), patch: random([32, 32, 32])
  loss: dice + cross_entropy, optimizer: adamw(lr: 1e-3), epochs: 10
}
`;

function studyText(entries: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ protocol: 'Short', seeds: '1 .. 2', base: 'M', ...entries });
  return `study S {\n${lines.map(([name, value]) => `  ${name}: ${value}\n`).join('')}}\n`;
}

/** Lowers the study of a text, in which nothing else may be wrong. */
function lowerText(entries: Readonly<Record<string, string>>, more = '') {
  const program = openText([model, protocol, more, studyText(entries)].join('\n'));
  expect(program.diagnostics.map(describeDiagnostic)).toEqual([]);
  const [study] = ownStudies(program);
  if (study === undefined) throw new Error('there is no study');
  return lowerStudy(new Lowering(program), study);
}

function sound(entries: Readonly<Record<string, string>>, more = ''): Study {
  const { value, diagnostics } = lowerText(entries, more);
  expect(diagnostics.map(({ message }) => message)).toEqual([]);
  if (value === undefined) throw new Error('a study without fault is not lowered');
  return value;
}

/** `variant NoNorm [norm = off]`, with the settings beyond the declaration's own. */
function rowsOf({ models }: Study): readonly string[] {
  return models.map(({ kind, name, change, settings }) => {
    const set = settings.map(settingText).join(', ');
    return `${kind} ${name} [${change}]${set === '' ? '' : ` {${set}}`}`;
  });
}

function settingText({ name, value }: SettingNode): string {
  return `${name.name} = ${printExpression(value)}`;
}

describe('seeds and folds', () => {
  test.each([
    ['1 .. 4', [1, 2, 3, 4]],
    ['0', [0]],
    ['[3, 1, 2]', [3, 1, 2]],
    ['[0 .. 2, 7]', [0, 1, 2, 7]],
    ['2147483648', [2147483648]],
  ])('seeds: %s', (text, seeds) => {
    expect(sound({ seeds: text, variants: 'leave_one_out' }).seeds).toEqual(seeds);
  });

  test.each([
    ['all', [0, 1, 2, 3]],
    ['2', [2]],
    ['[0, 3]', [0, 3]],
    ['1 .. 3', [1, 2, 3]],
  ])('folds: %s', (text, folds) => {
    expect(sound({ folds: text, variants: 'leave_one_out' }).folds).toEqual(folds);
  });

  test('without `folds` there are all; a split of named cases has one', () => {
    expect(sound({ variants: 'leave_one_out' }).folds).toEqual([0, 1, 2, 3]);
    const named = protocol.replace('Short', 'Named').replace('kfold(4)', 'cases(train: ["a"], validation: ["b"])');
    expect(sound({ protocol: 'Named', variants: 'leave_one_out' }, named).folds).toEqual([0]);
  });

  test('the protocol is lowered with every default', () => {
    const { protocol: lowered, name } = sound({ variants: 'leave_one_out' });
    expect(name).toBe('S');
    expect(lowered).toMatchObject({ name: 'Short', batch: 1, split: { kind: 'kfold', folds: 4, seed: 12345 } });
  });
});

describe('derived variants', () => {
  test('leave_one_out: the base, and each knob with an `off` alone', () => {
    expect(rowsOf(sound({ variants: 'leave_one_out' }))).toEqual([
      'base M []',
      'variant without wide [wide = off] {wide = false}',
      'variant without norm [norm = off] {norm = identity}',
    ]);
  });

  test('add_one_in: all of them off, each alone, and the whole', () => {
    expect(rowsOf(sound({ variants: 'add_one_in' }))).toEqual([
      'base bare M [wide = off, norm = off] {wide = false, norm = identity}',
      'variant with wide [wide added] {norm = identity}',
      'variant with norm [norm added] {wide = false}',
      'variant M [all added]',
    ]);
  });

  test('one knob added in is the whole model, which stands there once', () => {
    const more = 'model Plain = M { norm = off }';
    expect(rowsOf(sound({ base: 'Plain', variants: 'add_one_in' }, more))).toEqual([
      'base bare Plain [wide = off] {wide = false}',
      'variant Plain [wide added]',
    ]);
  });

  test('a knob whose removal leaves the network as it is has no part in it', () => {
    const more = 'model Plain = M { norm = off }';
    expect(rowsOf(sound({ base: 'Plain', variants: 'leave_one_out' }, more))).toEqual([
      'base Plain []',
      'variant without wide [wide = off] {wide = false}',
    ]);
  });

  test('the networks are those of the settings', () => {
    const [base, wide, norm] = sound({ variants: 'leave_one_out' }).models;
    const ids = (row: typeof base | undefined) => row?.network.ops.map(({ id }) => id) ?? [];
    expect(ids(base)).toContain('encoder.level1.conv2');
    expect(ids(wide)).not.toContain('encoder.level1.conv2');
    expect(ids(wide)).toContain('encoder.level1.norm');
    expect(ids(norm)).toContain('encoder.level1.conv2');
    expect(ids(norm)).not.toContain('encoder.level1.norm');
  });
});

describe('listed variants and rivals', () => {
  test('a variant of a variant says all that leads from the base, the nearest setting first', () => {
    const more = `model NoNorm = M { norm = off }
model Thin = NoNorm { width = 4, wide = off }
model Odd = Thin { width = 2 * 3, norm = instance_norm }`;
    expect(rowsOf(sound({ variants: '[NoNorm, Thin, Odd]' }, more))).toEqual([
      'base M []',
      'variant NoNorm [norm = off]',
      'variant Thin [width = 4, wide = off, norm = off]',
      'variant Odd [width = 2 * 3, norm = instance_norm, wide = off]',
    ]);
  });

  test('the base may be a variant itself; what it sets is no change', () => {
    const more = 'model Thin = M { width = 4 }\nmodel Thinner = Thin { width = 2, norm = off }';
    expect(rowsOf(sound({ base: 'Thin', variants: '[Thinner]' }, more))).toEqual([
      'base Thin []',
      'variant Thinner [width = 2, norm = off]',
    ]);
  });

  test('rivals come last, and a study may have nothing else', () => {
    const more = 'model Thin = M { width = 4 }';
    expect(rowsOf(sound({ rivals: '[Thin]', variants: 'leave_one_out' }, more)).at(-1)).toBe('rival Thin []');
    expect(rowsOf(sound({ rivals: '[Thin]' }, more))).toEqual(['base M []', 'rival Thin []']);
  });
});

describe('unmatched', () => {
  const fixed = (size: number): string =>
    `model Fixed {
  input scan: image(T1w, T2w)[D = ${size}, H = ${size}, W = ${size}]
  output mask: classes(background, tumour)
  mask = scan -> conv(8, 3) -> conv(mask.classes, 1)
}`;

  test('a network of fixed sizes trains at these, and the row says what differs', () => {
    const study = sound({ rivals: '[Fixed unmatched "its table of positions has 48^3"]' }, fixed(48));
    expect(study.models.map(({ name, patch }) => [name, patch])).toEqual([
      ['M', [32, 32, 32]],
      ['Fixed', [48, 48, 48]],
    ]);
    expect(study.models.map(({ unmatched }) => unmatched)).toEqual([
      null,
      { reason: 'its table of positions has 48^3', differs: ['patch 48 x 48 x 48, not 32 x 32 x 32'] },
    ]);
  });

  test('of two legal sizes as near as each other the larger', () => {
    const deep = `model Deep {
  input scan: image(T1w, T2w)[D, H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(4, 3) -> max_pool(64) -> transposed_conv(mask.classes, 64, stride: 64)
}`;
    expect(sound({ rivals: '[Deep unmatched "it halves six times"]' }, deep).models[1]?.patch).toEqual([64, 64, 64]);
  });

  test('a network of two axes takes the last sizes', () => {
    const flat = `model Flat {
  input scan: image(T1w, T2w)[H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(8, 3) -> conv(mask.classes, 1)
}`;
    const [, row] = sound({ rivals: '[Flat unmatched "slices"]' }, flat).models;
    expect(row?.unmatched?.differs).toEqual(['patch 32 x 32, not 32 x 32 x 32']);
    const { value, diagnostics } = lowerText({ rivals: '[Flat]' }, flat);
    expect(value).toBeUndefined();
    expect(diagnostics.map(({ message }) => message)).toEqual([
      '`Flat` cannot follow `Short`: it has the axes H, W but the patch has 3 sizes.',
    ]);
  });

  test('with nothing that differs it is warned of, and the study goes on', () => {
    const { value, diagnostics } = lowerText({ rivals: '[Fixed unmatched "why"]' }, fixed(32));
    expect(diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning UNET4005']);
    expect(value?.models[1]?.unmatched).toEqual({ reason: 'why', differs: [] });
  });
});

describe('equal', () => {
  const more = `model Wide = M { width = 64 }
model Rival {
  input scan: image(T1w, T2w)[D, H, W]
  output mask: classes(background, tumour)
  knob channels: int = 2
  mask = scan -> conv(channels, 3) -> conv(channels, 3) -> conv(mask.classes, 1)
}`;

  test('adds a row after the variants and one after the rivals, near the base', () => {
    const { models } = sound(
      { base: 'Wide', variants: 'leave_one_out equal params by width', rivals: '[Rival equal macs by channels]' },
      more,
    );
    // Without its norms the network is within the size of the base as it is, and its own equal.
    expect(models.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'base Wide',
      'variant without wide',
      'variant without norm',
      'variant without wide, equal params',
      'rival Rival',
      'rival Rival, equal MACs',
    ]);
    const solved = models.flatMap((each) => (each.equal === null ? [] : { ...each, equal: each.equal }));
    expect(solved.map(({ equal }) => `${equal.measure} by ${equal.knob}`)).toEqual([
      'params by width',
      'macs by channels',
    ]);
    for (const { equal, network, patch, change, settings } of solved) {
      const cost = measureOf(network, equal.measure, patch);
      expect(Math.abs(cost - equal.target) / equal.target).toBeLessThan(0.05);
      expect(equal.target).toBe(measureOf(models[0].network, equal.measure, patch));
      expect(change.endsWith(`${equal.knob} = ${equal.value}`)).toBe(true);
      expect(settings.map(settingText)).toContain(`${equal.knob} = ${equal.value}`);
    }
  });
});

test('what is wrong with a model is told, and nothing that follows', () => {
  const more = `model Odd = M { width = 5 }
model Lost = Missing { width = 5 }
model Further = Lost { width = 6 }`;
  const program = openText([model, protocol, more, studyText({ variants: '[Odd, Lost, Further]' })].join('\n'));
  const [node] = ownStudies(program);
  const { value, diagnostics } = lowerStudy(new Lowering(program), node!);
  expect(value).toBeUndefined();
  expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(['UNET3007']));
});

describe('ablationStudy', () => {
  const program = openText([model, protocol, 'model Bare = M { wide = off, norm = off }'].join('\n'));
  const plan = { protocol: sound({ variants: 'leave_one_out' }).protocol, seeds: [1], folds: [0] };
  const declarationOf = (name: string) => {
    const found = findStatement(program, name);
    if (found === undefined || found.kind === 'Protocol') throw new Error(`there is no model ${name}`);
    return found;
  };

  test('the rows of a study of the same mode', () => {
    for (const mode of ['leave_one_out', 'add_one_in'] as const) {
      const { value, diagnostics } = ablationStudy(new Lowering(program), declarationOf('M'), mode, plan);
      expect(diagnostics).toEqual([]);
      expect(value?.name).toBe(`M ${mode}`);
      expect(rowsOf(value!)).toEqual(rowsOf(sound({ variants: mode })));
    }
  });

  test('a model without anything to remove has none', () => {
    const { value, diagnostics } = ablationStudy(new Lowering(program), declarationOf('Bare'), 'leave_one_out', plan);
    expect(value).toBeUndefined();
    expect(diagnostics.map(describeDiagnostic)).toEqual([
      '22:7 UNET3068 No knob of `Bare` has an `off` value that changes the network.',
    ]);
  });
});
