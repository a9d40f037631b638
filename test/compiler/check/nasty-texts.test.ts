import { describe, expect, test } from 'vitest';
import { checkText } from './check-text.js';

/** Seconds of processor time and the codes of checking a text. */
function measure(text: string): { readonly seconds: number; readonly codes: readonly string[] } {
  const before = process.cpuUsage();
  const codes = checkText(text).map((diagnostic) => diagnostic.code);
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, codes: [...new Set(codes)].sort() };
}

/** A model with these members; `before` stands before it. */
function model(members: string, before = ''): string {
  return `${before}
model M {
  input scan: image(T1w)[D, H, W]
  output mask: classes(a, b)
  ${members}
}
`;
}

/** A model that puts `layer` to its image. */
function applying(layer: string, before = ''): string {
  return model(`mask = scan -> ${layer} -> conv(2, 1)`, before);
}

/** A chain of `count` lets, each twice the one before it. */
function doubling(first: string, twice: (previous: string) => string, last: (name: string) => string): string {
  const lets = Array.from({ length: 60 }, (_, index) => `let f${index + 1} = ${twice(`f${index}`)}`);
  return model([`let f0 = ${first}`, ...lets, last('f60')].join('\n'));
}

function numbered(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}

const blocksThatDouble =
  numbered(40, (index) => `block b${index} {\n x: [C, ...S]\n x -> b${index + 1} -> b${index + 1}\n}`) +
  '\nblock b40 {\n x: [C, ...S]\n x -> relu\n}';

const applyMask = 'mask = scan -> conv(2, 1)';

describe('what grows without end is told at once', () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ['repeats in repeats', applying('repeat(1000, repeat(1000, conv(4, 3)))'), ['UNET3017']],
    ['repeats that make nothing', applying('repeat(1000, repeat(1000, repeat(1000, identity)))'), ['UNET3017']],
    ['sixty repeats of two', applying(`${'repeat(2, '.repeat(60)}relu${')'.repeat(60)}`), ['UNET3017']],
    ['blocks that double', applying('b0', blocksThatDouble), ['UNET3017']],
    [
      'layers that double',
      doubling(
        'relu',
        (f) => `${f} -> ${f}`,
        (f) => `mask = scan -> ${f} -> conv(2, 1)`,
      ),
      ['UNET3017'],
    ],
    [
      'channels that double',
      doubling(
        'scan',
        (f) => `concat(${f}, ${f})`,
        (f) => `mask = ${f} -> conv(2, 1)`,
      ),
      ['UNET3019'],
    ],
    [
      'numbers that double',
      doubling(
        '2',
        (f) => `${f} * ${f}`,
        (f) => `mask = scan -> conv(${f}, 1)`,
      ),
      ['UNET3029'],
    ],
    [
      'sizes that double',
      doubling(
        'D',
        (f) => `${f} * ${f} + floor(${f} / 3)`,
        (f) => `mask = scan -> conv(${f}, 1)`,
      ),
      ['UNET3019'],
    ],
    [
      'lists that double',
      doubling(
        '[1]',
        (f) => `[${f}, ${f}]`,
        (f) => `mask = (if ${f} == ${f} then scan else scan) -> conv(2, 1)`,
      ),
      ['UNET3019'],
    ],
    ['a range of 1e9', model(`let x[i] = scan for i in 0 .. 1000000000\n${applyMask}`), ['UNET3019', 'UNET4001']],
    [
      'a range over nothing, a million times',
      model(`let x[i, j, k] = 1 for i in 1 .. 1000, j in 1 .. 1000, k in 1 .. 0\n${applyMask}`),
      ['UNET3017', 'UNET4001'],
    ],
    [
      'all of a family of a billion',
      model(
        `let x[i, j, k] = 1 for i in 0 .. 0, j in 0 .. 0, k in 0 .. 0\nlet y = x[0 .. 999, 0 .. 999, 0 .. 999]\n${applyMask}`,
      ),
      ['UNET3019', 'UNET4001'],
    ],
    [
      '64 levels',
      'model M {\n input scan: image(A)[D]\n output mask: classes(a, b)\n encoder {\n' +
        `widths: [${'8, '.repeat(63)}8]\n level(c): conv(c, 3)\n down: max_pool(2)\n }\n head mask: conv(2, 1)\n}`,
      ['UNET3019'],
    ],
    ['a width of 1e6 and a kernel of 1e6', applying('conv(1000000, 999999)'), []],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    const { seconds, codes } = measure(text);
    expect(codes).toEqual(expected);
    expect(seconds).toBeLessThan(2);
  });
});

describe('what refers to itself is told', () => {
  const self = (name: string, body: string, parameters = ''): string =>
    `block ${name}${parameters} {\n x: [C, ...S]\n ${body}\n}\n`;
  const cases: readonly [string, string, readonly string[]][] = [
    ['a let', model('let x = x\nmask = x -> conv(2, 1)'), ['UNET2026']],
    ['two lets', model('let x = y\nlet y = x\nmask = x -> conv(2, 1)'), ['UNET2026']],
    ['a family', model('let x[i] = x[i] for i in 0 .. 3\nmask = x[0] -> conv(2, 1)'), ['UNET2026']],
    ['a knob', model('knob a: int = a\nmask = scan -> conv(a, 1)'), ['UNET2026']],
    ['a block', applying('b', self('b', 'x -> b')), ['UNET2006']],
    ['a block given itself', applying('b(b)', self('b', 'x -> f(f)', '(f: layer = relu)')), ['UNET2020', 'UNET3017']],
    ['a variant', `${model(applyMask)}model X = X { a = 1 }`, ['UNET2006']],
    [
      'variants in a circle',
      `${model(applyMask)}${numbered(1500, (i) => `model V${i} = V${(i + 1) % 1500} { }`)}`,
      ['UNET2006'],
    ],
    [
      'blocks in a circle',
      applying(
        'b0',
        numbered(3000, (i) => self(`b${i}`, `x -> b${(i + 1) % 3000}`)),
      ),
      ['UNET2006'],
    ],
  ];
  test.each(cases)('%s', (_, text, expected) => {
    expect(measure(text).codes).toEqual(expected);
  });
});

describe('what nests without end is told', () => {
  const many = 10_000;
  test.each([
    ['round brackets', model(`mask = scan -> conv(${'('.repeat(many)}2${')'.repeat(many)}, 1)`)],
    ['square brackets', model(`mask = ${'['.repeat(many)}`)],
    ['indices', model(`mask = scan${'[C, D, H, W]'.repeat(many)}`)],
    ['steps', model(`mask = scan${' -> relu'.repeat(many)}`)],
    ['sums', model(`mask = scan -> conv(1${' + 1'.repeat(many)}, 1)`)],
    ['conditions', model(`mask = ${'if true then scan else '.repeat(many)}scan`)],
    ['calls', model(`mask = scan -> conv${'(2)'.repeat(many)}`)],
    ['negations', model(`mask = if ${'not '.repeat(many)}true then scan else scan`)],
  ])('%s', (_, text) => {
    expect(measure(text).codes).toContain('UNET1008');
  });

  test('300 blocks inside each other', () => {
    const blocks = numbered(300, (i) => `block b${i} {\n x: [C, ...S]\n x -> ${i === 0 ? 'relu' : `b${i - 1}`}\n}`);
    expect(measure(applying('b299', blocks)).codes).toEqual(['UNET3017']);
  });
});

describe('time is linear', () => {
  const blocks = (count: number, body: (index: number) => string): string =>
    `${numbered(count, (i) => `block b${i} {\n x: [C, ...S]\n ${body(i)}\n}`)}${model(applyMask)}`;

  test.each<[string, (count: number) => string]>([
    ['blocks', (count) => blocks(count, () => 'x -> relu')],
    ['blocks of blocks', (count) => blocks(count, (i) => `x -> ${i === 0 ? 'relu' : `b${i - 1}`}`)],
    ['unknown names', (count) => blocks(count, (i) => `x -> c${i}d`)],
    ['names declared twice', (count) => model(`${numbered(count, () => 'let x = 1')}\n${applyMask}`)],
  ])('%s', (_, make) => {
    measure(make(500));
    const small = measure(make(1250)).seconds;
    const large = measure(make(5000)).seconds;
    expect(large).toBeLessThan(8 * small + 0.5);
  });
});

describe('names that are something elsewhere are names', () => {
  test('of objects', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const lets = names.map((name, index) => `let ${name} = ${index + 1}`);
    expect(
      measure(model(`${lets.join('\n')}\nmask = scan -> conv(${names.join(' + ')}, 1) -> conv(2, 1)`)).codes,
    ).toEqual([]);
    const knobs = names.map((name) => `knob ${name}: int = 1 off 2`);
    const set = `model V = M { ${names.map((name) => `${name} = off`).join(', ')} }`;
    expect(
      measure(`${model(`${knobs.join('\n')}\nmask = scan -> conv(${names.join(' + ')}, 1) -> conv(2, 1)`)}${set}`)
        .codes,
    ).toEqual([]);
  });

  test('of objects, where they name nothing', () => {
    expect(measure(applying('constructor')).codes).toEqual(['UNET2001']);
    expect(measure(applying('conv(8, 3, __proto__: 3)')).codes).toEqual(['UNET2018']);
    expect(measure(model('mask = scan -> conv(mask.__proto__, 1)')).codes).toEqual(['UNET2016']);
    expect(measure(model(`init { toString: zeros }\n${applyMask}`)).codes).toEqual(['UNET2018']);
    expect(measure(`${model(applyMask)}model V = M { __proto__ = 2 }`).codes).toEqual(['UNET2007']);
    expect(
      measure('protocol P { patch: random([8, 8]), loss: dice, optimizer: adamw(lr: 1), epochs: 1, __proto__: 2 }')
        .codes,
    ).toEqual(['UNET3050']);
  });

  test('in backticks', () => {
    const names = ['`a b; process.exit()`', '`../../etc/passwd`', '`if`', '`${x}`', '`</script>`', '` `', '`\u202e`'];
    const lets = names.map((name) => `let ${name} = 1`);
    expect(
      measure(model(`${lets.join('\n')}\nmask = scan -> conv(${names.join(' + ')}, 1) -> conv(2, 1)`)).codes,
    ).toEqual([]);
  });
});
