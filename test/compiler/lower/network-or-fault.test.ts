import { expect, test } from 'vitest';
import { functionNames, typeNames } from '../../../compiler/bind/builtins.js';
import { functionForms } from '../../../compiler/bind/builtins.js';
import { verify } from '../../../compiler/ir/verify.js';
import { primitives } from '../../../compiler/bind/builtins.js';
import { checkProgram } from '../../../compiler/check/check.js';
import { bindModel, lower, ownModels } from '../../../compiler/program/program.js';
import { openText } from '../spec-text.js';

/**
 * A spec that checks, compiles: whatever value stands at whatever place, there is a fault or there is a network. A value
 * that is lost on the way without a word is neither.
 */

/** Each kind of value, and those that are nearly of another kind. */
const values = [
  ...[
    '2',
    '0',
    '0.1',
    'true',
    'off',
    'D',
    'C',
    '[1]',
    '[]',
    '[D]',
    '[D, C]',
    '[relu]',
    '0 .. 1',
    '(scan, scan)',
    '(1, 2)',
  ],
  ...['relu', 'conv', 'conv(2, 1)', 'conv(kernel: 3)', 'join', 'join(2)', 'chain(2, relu)', 'relu -> relu'],
  ...['scan', 'scan -> chain(2, relu)', 'site', 'mask', 'family', 'encoder', 'late', 'nearest', 'zeros', 'M'],
];

/** A model which has a thing of every kind to name. */
function model(body: string, input = 'input scan: image(A)[D]'): string {
  return `model M {
  ${input}
  input site: identifier(4)
  output mask: classes(a, b)
  let family[i] = scan -> conv(2, 1) for i in 0 .. 1
  ${body}
  let late = 1
}
block join(out: int, kernel: size = 1) {
  skip: [C, ...S]
  up: [K, ...S]
  concat(skip, up) -> conv(out, kernel)
}
`;
}

const partsOfTheU = ['widths', 'list', 'stem', 'level', 'down', 'up', 'fit', 'fuse', 'aux', 'head'] as const;

/** A small U, with other parts than its own in their place. */
function network(parts: Partial<Record<(typeof partsOfTheU)[number], string>>): string {
  return model(`
  encoder {
    widths: ${parts.widths ?? '[2, 4]'}
    list: ${parts.list ?? '[1]'}
    stem: ${parts.stem ?? 'identity'}
    level(i, c): ${parts.level ?? 'conv(c, list[0])'}
    down: ${parts.down ?? 'max_pool(2)'}
  }
  decoder {
    up(c): ${parts.up ?? 'transposed_conv(c, 2, stride: 2)'}
    fit: ${parts.fit ?? 'resize(nearest)'}
    fuse(c): ${parts.fuse ?? 'join(c)'}
    aux mask(i)${parts.aux ?? ': conv(2, 1)'}
  }
  head mask: ${parts.head ?? 'conv(2, 1)'}`);
}

/** A model whose image goes through a layer. */
const step = (layer: string): string => model(`mask = scan -> ${layer} -> conv(2, 1)`);
/** A model that makes something of its image. */
const made = (value: string): string => model(`let made = ${value}\n  mask = scan + made -> conv(2, 1)`);
/** A model whose image goes through a block of this body. */
const applied = (layer: string, body: string, parameters = ''): string =>
  `block tried(${parameters}) {\n  x: [C, ...S]\n  ${body}\n}\n${step(layer)}`;
/** A model with these lines besides a sound mask. */
const beside = (lines: string, input?: string): string => model(`${lines}\n  mask = scan -> conv(2, 1)`, input);

type Place = readonly [name: string, text: (value: string) => string];

/** Every argument of every layer of the base, the others sound. */
const layerArguments: readonly Place[] = [...primitives.values()].flatMap(({ name, parameters }) => {
  const sound: Readonly<Record<string, string>> = {
    ...{ out: '2', kernel: '3', groups: '1', rate: '0.1', mode: 'linear', scale: '1', stride: '1' },
  };
  return parameters.map((tried): Place => {
    const others = parameters.filter((each) => each !== tried && (each.required || each.name === 'scale'));
    // A pool of 3 takes every third position unless it is told.
    const stride = name.endsWith('_pool') && tried.name === 'pad' ? ['stride: 1'] : [];
    // A mode of padding needs a border, which must not change the size here.
    const border = name === 'pad' && tried.name === 'mode' ? ['multiple_of: 1'] : [];
    const given = [...others.map((each) => `${each.name}: ${sound[each.name] ?? ''}`), ...stride, ...border];
    return [`${name}(${tried.name})`, (value) => step(`${name}(${[...given, `${tried.name}: ${value}`].join(', ')})`)];
  });
});

/** Every argument of every function, the others sound. */
const functionArguments: readonly Place[] = functionNames.flatMap((name) => {
  const { positional, named = [] } = functionForms[name];
  const sound: Readonly<Record<string, string>> = {
    ...{ a: 'scan', b: 'scan', x: 'scan', tensor: 'scan', number: 'scan', axes: '[C, D]', axis: 'D', over: 'D' },
    ...{ by: '1', layer: 'relu', count: '2', into: { merge: 'D', split: '[D]' }[String(name)] ?? '[C, D]' },
  };
  const isLayer = ['shared', 'repeat', 'chain'].includes(name);
  return [...positional, ...named].map((tried): Place => {
    const call = (value: string): string => {
      const of = (each: string): string => (each === tried ? value : (sound[each] ?? ''));
      const optional = name === 'max' && tried === 'number';
      const given = [...positional.map(of), ...(optional ? [] : named.map((each) => `${each}: ${of(each)}`))];
      return `${name}(${given.join(', ')})`;
    };
    const used = (result: string): string => (name === 'chain' ? `(scan -> ${result})[0]` : `scan -> ${result}`);
    const first = (result: string): string => (name === 'reverse' ? `${result}[0]` : result);
    return [`${name}(${tried})`, (value) => made(isLayer ? used(call(value)) : first(call(value)))];
  });
});

const places: readonly Place[] = [
  ...layerArguments,
  ...functionArguments.filter(([name]) => !name.startsWith('pick')),
  [
    'pick(identifier)',
    (value) =>
      applied(`tried(${value})`, 'param table: [Row = 4, C] = 0\n  x + pick(table, given)', 'given: identifier'),
  ],
  ...typeNames.flatMap((type): Place[] => [
    [`a knob: ${type}`, (value) => beside(`knob tried: ${type} = ${value}\n  let _used = tried`)],
    [`a parameter: ${type}`, (value) => applied(`tried(${value})`, 'let _used = given\n  x', `given: ${type}`)],
  ]),
  ...partsOfTheU.map((part): Place => [part, (value) => network({ [part]: `${part === 'aux' ? ': ' : ''}${value}` })]),
  ['when of aux', (value) => network({ aux: ` when ${value}: conv(2, 1)` })],
  ['an element of widths', (value) => network({ widths: `[4, ${value}]` })],
  ['an element of a list', (value) => network({ list: `[${value}]` })],
  ['an index of a list', (value) => network({ level: `conv(c, list[${value}])` })],
  ['a step of a part', (value) => network({ level: `conv(c, 1) -> ${value}` })],
  ['a size of an image', (value) => beside('', `input scan: image(A)[D, H = ${value}]`)],
  ['the count of an identifier', (value) => beside('', `input scan: image(A)[D]\n  input tried: identifier(${value})`)],
  ['a region', (value) => beside(`output tried: regions(a: ${value})\n  tried = scan -> conv(1, 1)`)],
  ['a class value', (value) => beside(`output tried: regions(a: [1, ${value}])\n  tried = scan -> conv(1, 1)`)],
  ['init', (value) => beside(`init { conv: ${value} }`)],
  ['a let', made],
  ['an index of a let', (value) => model(`let tried[${value}] = scan\n  mask = tried[2] -> conv(2, 1)`)],
  ['what a for runs over', (value) => model(`let tried[i] = scan for i in ${value}\n  mask = tried[1] -> conv(2, 1)`)],
  [
    'the end of a range',
    (value) => model(`let tried[i] = scan for i in 0 .. ${value}\n  mask = tried[0] -> conv(2, 1)`),
  ],
  ['an index of a family', (value) => made(`family[${value}] -> conv(1, 1)`)],
  ['what is indexed', (value) => made(`(${value})[0]`)],
  ['what is renamed', (value) => made(`(${value})[C, D]`)],
  ['a name of an axis', (value) => made(`scan[${value}, D]`)],
  ['what has a member', (value) => step(`conv((${value}).count, 1)`)],
  ['per step', step],
  ['a step under when', (value) => step(`${value} when true`)],
  ['a step left out', (value) => step(`${value} when false`)],
  ['when', (value) => step(`relu when ${value}`)],
  ['before a step', (value) => made(`${value} -> conv(1, 1)`)],
  ['one of two before a step', (value) => made(`(scan, ${value}) -> crop`)],
  ['what is called', (value) => step(`(${value})(2)`)],
  ['a condition', (value) => made(`if ${value} then scan else scan`)],
  ['the arm taken', (value) => made(`if true then ${value} else scan`)],
  ['the arm left', (value) => made(`if true then scan else ${value}`)],
  ['an operand of -', (value) => made(`-(${value})`)],
  ['an operand of not', (value) => step(`relu when not (${value})`)],
  ['before *', (value) => made(`(${value}) * scan`)],
  ['beside itself at +', (value) => step(`conv((${value}) + (${value}), 1)`)],
  ['after /', (value) => step(`conv(2 / (${value}), 1)`)],
  ['after <', (value) => step(`relu when 2 < (${value})`)],
  ['beside itself at ==', (value) => step(`relu when (${value}) == (${value})`)],
  ['after and', (value) => step(`relu when true and (${value})`)],
  ['a size of a param', (value) => applied('tried', `param table: [Row = ${value}] = 0\n  x`)],
  ['the start of a param', (value) => applied('tried', `param start: scalar = ${value}\n  x * start`)],
];

/** Whether a spec is sound, faulty, or silent: said to be sound, and yet its model comes to nothing. */
function outcomeOf(text: string): 'sound' | 'faulty' | 'silent' {
  const program = openText(text);
  if (checkProgram(program).some(({ severity }) => severity === 'error')) return 'faulty';
  const isMade = ownModels(program).every((declaration) => {
    const bound = bindModel(program, declaration);
    const made = bound === undefined ? undefined : lower(program, bound).network;
    return made !== undefined && verify(made).length === 0;
  });
  return isMade ? 'sound' : 'silent';
}

test.each(places)('%s', (_, text) => {
  const outcomes = values.map((value) => ({ value, outcome: outcomeOf(text(value)) }));
  expect(outcomes.filter(({ outcome }) => outcome === 'silent').map(({ value }) => value)).toEqual([]);
  // What refuses everything would not show that something is lost.
  expect(outcomes.some(({ outcome }) => outcome === 'sound')).toBe(true);
});
