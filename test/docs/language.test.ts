import { describe, expect, test } from 'vitest';
import { choices, functionNames, primitiveNames, typeNames } from '../../compiler/bind/builtins.js';
import { depthLimit, listLimit, operationLimit, sizeLimit, stepLimit } from '../../compiler/evaluate/limits.js';
import { primitives } from '../../compiler/bind/builtins.js';
import { lowerProtocol } from '../../compiler/protocol/lower-protocol.js';
import { studyEntryForms } from '../../compiler/study/read-study.js';
import { diagnosticLimit } from '../../grammar/parse.js';
import { fileLimit } from '../../grammar/read.js';
import { reservedWords } from '../../grammar/tokens.js';
import { checkText, openText } from '../compiler/spec-text.js';
import { examples, reference } from './examples.js';

/** The text of one section, by its number. */
function section(number: number): string {
  const start = reference.indexOf(`\n## ${number}. `);
  const end = reference.indexOf(`\n## ${number + 1}. `);
  return reference.slice(start, end < 0 ? undefined : end);
}

test('there are examples, of which some fail on purpose', () => {
  expect(examples.length).toBeGreaterThan(14);
  expect(examples.filter(({ code }) => code !== undefined)).not.toHaveLength(0);
  expect(reference.match(/^```unet/gm)).toHaveLength(examples.length);
});

describe.each(examples)('the example at line $line', ({ text, code }) => {
  test(code === undefined ? 'checks without a diagnostic' : `answers with ${code}`, () => {
    const found = checkText(text);
    if (code === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(code)]);
  });
});

describe('nothing of the base is left out', () => {
  test.each(primitiveNames)('the layer %s with all its arguments', (name) => {
    const lines = section(7)
      .split('\n')
      .filter((each) => each.startsWith('|') && each.split('|')[1]?.includes(`\`${name}\``));
    expect(lines).toHaveLength(1);
    const [line] = lines;
    for (const parameter of primitives.get(name)?.parameters ?? []) expect(line).toContain(`\`${parameter.name}\``);
  });

  test.each(functionNames)('the function %s', (name) => expect(section(7)).toMatch(new RegExp(`\`${name}[\`(]`)));
  test.each(typeNames)('the type %s', (name) => expect(section(2)).toMatch(new RegExp(`\`${name}[\`(]`)));
  test.each(choices['an initialiser'])('the initialiser %s', (name) =>
    expect(section(11)).toMatch(new RegExp(`\`${name}[\`(]`)),
  );
  test.each(choices['a resize mode'])('the mode %s', (name) => expect(section(7)).toContain(`\`${name}\``));
  test.each(choices['a `fit` method'])('the fit %s', (name) =>
    expect(section(9)).toMatch(new RegExp(`\`${name}[\`(]`)),
  );
});

test('the reserved words are those of the grammar', () => {
  const listed = /Reserved\*\* are `([^`]*)`/.exec(reference)?.[1]?.split(/\s+/).sort();
  expect(listed).toEqual(reservedWords.map(({ PATTERN }) => (PATTERN as RegExp).source).sort());
});

test('the limits are those of the code', () => {
  const limits = section(17);
  const written = (value: number): string => (value >= 10_000 ? value.toLocaleString('en-US') : String(value));
  expect(limits).toContain(`${fileLimit} MB`);
  expect(limits).toContain(`${diagnosticLimit} syntax errors`);
  expect(limits).toContain(`${written(operationLimit)} operations`);
  expect(limits).toContain(`${written(stepLimit)} evaluation steps`);
  expect(limits).toContain(`blocks nested ${depthLimit} deep`);
  expect(limits).toContain(`lists of ${listLimit}`);
  expect(limits).toContain(`sizes of ${sizeLimit} terms`);
});

test.each([...studyEntryForms.keys()])('the entry %s of a study', (name) => {
  expect(section(14)).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
});

describe('protocols', () => {
  const protocolOf = (text: string) => {
    const [statement] = openText(text).files.values();
    const node = statement?.node.statements.find((each) => each.kind === 'Protocol');
    if (node === undefined) throw new Error('no protocol');
    return lowerProtocol(node);
  };

  test('what the table says of entries that are left out', () => {
    const least = 'protocol Least {\n  patch: random([8]), loss: dice, optimizer: adamw(lr: 1), epochs: 1\n}';
    const said = `protocol Least {
      patch: random([8], foreground: none), loss: dice(smooth: 1, classes: foreground)
      optimizer: adamw(lr: 1, weight_decay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8), epochs: 1
      split: kfold(5, seed: 12345), normalize: zscore(nonzero), augment: [], deep: halving, schedule: constant, batch: 1
      validate: sliding_window(overlap: 0.5, blend: gaussian, every: 1), select: last, identify: none
    }`;
    const { protocol } = protocolOf(least);
    expect(protocol).toEqual(protocolOf(said).protocol);
    expect(protocol?.data).toBeNull();
    expect(protocol?.optimizer.clipNorm).toBeNull();
  });

  const least = ['patch: random([8, 8])', 'loss: dice', 'optimizer: adamw(lr: 1)', 'epochs: 1'];
  const forms = [
    'data: msd("A")',
    'split: cases(train: ["a"], validation: ["b"])',
    'split: kfold(2)',
    'patch: random([8, 8], foreground: redraw(3))',
    'normalize: zscore(all)',
    'normalize: none',
    'augment: [flip(H), scale(0.9 .. 1.1), shift(-1 .. 1), noise(0.1)]',
    'loss: 2 * dice(classes: all) + cross_entropy',
    'loss: focal(gamma: 1.5, alpha: 0.25) + 0.5 * focal',
    'deep: equal',
    'schedule: cosine',
    'schedule: poly(power: 1)',
    'batch: 2',
    'validate: sliding_window(blend: constant)',
    'validate: sliding_window(every: never)',
    'select: best(mean_dice)',
    'identify: [site: hash(case)]',
    'identify: [site: none]',
  ];
  test.each(forms)('the form %s', (form) => {
    const name = form.slice(0, form.indexOf(':'));
    const rest = least.filter((each) => !each.startsWith(`${name}:`));
    expect(protocolOf(`protocol Own {\n  ${[...rest, form].join('\n  ')}\n}`).diagnostics).toEqual([]);
    expect(section(13)).toContain(`\`${name}\``);
  });

  test.each(['patch', 'loss', 'optimizer', 'epochs'])('%s is needed', (name) => {
    const rest = least.filter((each) => !each.startsWith(`${name}:`));
    const { diagnostics } = protocolOf(`protocol Own {\n  ${rest.join('\n  ')}\n}`);
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNET3052']);
  });
});
