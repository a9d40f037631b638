import { describe, expect, test } from 'vitest';
import { diagnosticsConcerning } from '../../../compiler/program/concerning.js';
import { bindModel, findStatement, ownStudies, settingOf } from '../../../compiler/program/program.js';
import { parseExpression } from '../../../grammar/parse.js';
import { createSource } from '../../../grammar/source.js';
import { describeDiagnostic, openText } from '../spec-text.js';

const sound = `block used {
  x: [C, ...S]
  x -> tanh
}
model M {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  knob act: layer = relu off identity
  mask = scan -> conv(2, 3) -> act -> used
}
model Variant = M { act = gelu }
`;

/** The errors that concern a model of a text, its knob `act` perhaps set from outside. */
function concerning(text: string, name: string, act?: string): readonly string[] {
  const program = openText(text);
  const statement = findStatement(program, name);
  if (statement?.kind !== 'Model' && statement?.kind !== 'Variant') throw new Error(`no model ${name}`);
  const settings =
    act === undefined ? [] : [settingOf('act', parseExpression(createSource('--set act', act)).expression)];
  const found = diagnosticsConcerning(program, statement, bindModel(program, statement, settings));
  return found.filter(({ severity }) => severity === 'error').map(describeDiagnostic);
}

describe('only errors of what a model uses concern it', () => {
  test.each([
    ['a study', 'study S { protocol: P, seeds: 1, base: Nope }'],
    ['a study with a syntax error', 'study S { protocol P, seeds: 1 }'],
    ['a block', 'block other {\n x: [C]\n x -> nothing\n}'],
    ['blocks that use each other', 'block a {\n x: [C]\n x -> b\n}\nblock b {\n x: [C]\n x -> a\n}'],
    ['another model', 'model Other {\n mask = nothing\n}'],
    ['a variant', 'model Other = Nope { act = gelu }'],
    ['variants of each other', 'model A = B { act = off }\nmodel B = A { act = off }'],
    ['a protocol', 'protocol P { patch random([3]) }'],
  ])('%s', (_, statement) => {
    expect(concerning(`${sound}${statement}\n`, 'M')).toEqual([]);
    expect(concerning(`${statement}\n${sound}`, 'Variant')).toEqual([]);
  });

  test('those of its own text, its base, its blocks and its settings do', () => {
    const error = expect.stringMatching(/Unknown name `nothing`/) as string;
    expect(concerning(sound.replace('conv(2, 3)', 'nothing'), 'M')).toEqual([error]);
    expect(concerning(sound.replace('conv(2, 3)', 'nothing'), 'Variant')).toEqual([error]);
    expect(concerning(sound.replace('-> tanh', '-> nothing'), 'Variant')).toEqual([error]);
    const other = 'block inner {\n x: [C, ...S]\n x -> nothing\n}\nblock other {\n x: [C, ...S]\n x -> inner\n}\n';
    expect(concerning(other + sound, 'M')).toEqual([]);
    expect(concerning(other + sound, 'M', 'other')).toEqual([error]);
  });

  describe('of a study', () => {
    const study = 'study S { protocol: P, seeds: 1, base: M, variants: [Variant], rivals: [Rival] }\n';
    const rival =
      'model Rival {\n input scan: image(T1w)[D, H, W]\n output mask: classes(a, b)\n mask = scan -> conv(2, 1)\n}\n';
    const protocol = 'protocol P { patch: random([8, 8, 8]) }\n';
    const ofStudy = (text: string): readonly string[] => {
      const program = openText(text);
      const found = diagnosticsConcerning(
        program,
        ownStudies(program).find(({ name }) => name.name === 'S')!,
      );
      return found.filter(({ severity }) => severity === 'error').map(describeDiagnostic);
    };
    const whole = sound + rival + protocol + study;

    test.each([
      ['a model', 'model Other {\n mask = nothing\n}'],
      ['blocks that use each other', 'block a {\n x: [C]\n x -> b\n}\nblock b {\n x: [C]\n x -> a\n}'],
      ['a protocol', 'protocol Q { patch random([3]) }'],
      ['another study', 'study T { protocol: None, seeds: 1, base: Nope }'],
    ])('%s that it does not use is not its concern', (_, statement) => {
      expect(ofStudy(`${whole}${statement}\n`)).toEqual([]);
      expect(ofStudy(`${statement}\n${whole}`)).toEqual([]);
    });

    test.each([
      ['a block of its base', '-> tanh', '-> nothing'],
      ['its variant', 'act = gelu', 'act = nothing'],
      ['its rival', 'conv(2, 1)', 'nothing'],
      ['its protocol', 'protocol P { patch: random([8, 8, 8]) }', 'protocol P { patch random([8, 8, 8]) }'],
      ['its own text', 'base: M,', 'base: Nope,'],
    ])('%s is', (_, from, to) => {
      expect(whole).toContain(from);
      expect(ofStudy(whole.replace(from, to))).not.toEqual([]);
    });
  });

  test('a file that is missing and a bracket that is not closed do', () => {
    expect(concerning(`use "none.unet"\n${sound}`, 'M')).toHaveLength(1);
    expect(concerning(`${sound}study S { protocol: (P`, 'M')).not.toEqual([]);
  });

  test('a name declared twice concerns both', () => {
    const twice = `${sound}block used {\n x: [C, ...S]\n x -> relu\n}\n`;
    expect(concerning(twice, 'M')).toEqual([expect.stringMatching(/UNET2002/)]);
  });
});
