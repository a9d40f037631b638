import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../grammar/parse.js';
import { createSource } from '../../../grammar/source.js';
import { sameGraph } from '../../../compiler/ir/same-graph.js';
import { weightsOf, type Network } from '../../../compiler/ir/ir.js';
import { bundle } from '../../../compiler/program/bundle.js';
import { bindModel, lower, ownModels, settingOf, type Program } from '../../../compiler/program/program.js';
import { checkText, openText, tinyModel } from '../spec-text.js';

function settingsOf(given: Readonly<Record<string, string>>) {
  return Object.entries(given).map(([name, value]) =>
    settingOf(name, parseExpression(createSource(`--set ${name}`, value)).expression),
  );
}

/** The network of the last model a program declares. */
function networkOf(program: Program, given: Readonly<Record<string, string>> = {}): Network {
  const model = bindModel(program, ownModels(program).at(-1)!, settingsOf(given))!;
  const { network, diagnostics } = lower(program, model);
  if (network === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return network;
}

function bundled(program: Program, given: Readonly<Record<string, string>> = {}): string {
  return bundle(program, ownModels(program).at(-1)!, settingsOf(given));
}

describe('a resolved spec', () => {
  test.each([
    ['use "dalight3d.unet"\nmodel V = DALight3D { csa = off }\n', {}],
    ['use "ablations/no-csa.unet"\nmodel V = NoCSA { width = 16, neck = 32 }\n', { join: 'ssfb(rank: 4)' }],
    ['use "unet-plus-plus.unet"\nmodel V = UNetPlusPlus { deep = off }\n', { width: '8' }],
  ])('is one text of the same network: %s', (text, given) => {
    const program = openText(text);
    const alone = bundled(program, given);
    expect(alone).not.toMatch(/^use /m);
    expect(sameGraph(networkOf(openText(alone)), networkOf(program, given))).toBe(true);
  });

  test('holds a block that only a setting names', () => {
    const other = 'block twice(out: int) {\n  x: [C, ...S]\n  x -> conv(out, 3) -> conv(out, 3)\n}\n';
    const program = openText(`use "other.unet"\nuse "dalight3d.unet"\nmodel V = DALight3D { csa = off }\n`, {
      'other.unet': other,
    });
    const given = { convolution: 'twice' };
    const alone = bundled(program, given);
    expect(alone).toContain('block twice');
    expect(sameGraph(networkOf(openText(alone)), networkOf(program, given))).toBe(true);
  });

  test('tells blocks of one name in two files apart', () => {
    const block = (name: string, step: string): string =>
      `block ${name}(out: int) {\n  x: [C, ...S]\n  x -> ${step}\n}\n`;
    const program = openText(
      `use "a.unet"\nuse "b.unet"\n${tinyModel('mask = scan -> one(8) -> two(8) -> conv(mask.classes, 1)')}`,
      {
        'a.unet': `use "narrow.unet"\n${block('one', 'step(out)')}`,
        'b.unet': `use "wide.unet"\n${block('two', 'step(out)')}`,
        'narrow.unet': block('step', 'conv(out, 1)'),
        'wide.unet': block('step', 'conv(out, 3)'),
      },
    );
    const alone = bundled(program);
    expect(checkText(alone)).toEqual([]);
    const shapes = (network: Network): unknown => weightsOf(network).map(({ shape }) => shape);
    expect(shapes(networkOf(openText(alone)))).toEqual(shapes(networkOf(program)));
    expect(shapes(networkOf(program))).toEqual([
      [8, 2, 1, 1, 1],
      [8, 8, 3, 3, 3],
      [2, 8, 1, 1, 1],
    ]);
  });

  test('writes names that need backticks in them', () => {
    const text = tinyModel(
      'knob `base-width`: int = 8\n  mask = scan -> conv(`base-width`, 3) -> conv(mask.classes, 1)',
    );
    const program = openText(text.replace(/model \w+/, 'model `3-D net`'));
    const given = { 'base-width': '16' };
    const alone = bundled(program, given);
    expect(checkText(alone)).toEqual([]);
    expect(sameGraph(networkOf(openText(alone)), networkOf(program, given))).toBe(true);
  });

  test('keeps comments and documentation', () => {
    const noted = [
      '/// What it is.',
      'model Noted {',
      '  input scan: image(T1w)[D, H, W]',
      '  output mask: classes(background, tumour)',
      '  knob width: int = 8 // why so wide',
      '  mask = scan -> conv(width, 3) -> conv(mask.classes, 1)',
      '}',
    ].join('\n');
    const alone = bundled(openText('use "noted.unet"\nmodel V = Noted { width = 16 }\n', { 'noted.unet': noted }));
    expect(alone).toContain('/// What it is.\nmodel Noted {');
    expect(alone).toContain('knob width: int = 8 // why so wide');
    expect(checkText(alone)).toEqual([]);
  });
});
