import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/parse.js';
import { createSource } from '../../grammar/source.js';
import { verify } from '../../compiler/ir/verify.js';
import { checkProgram } from '../../compiler/check/check.js';
import { bindModel, lower, openProgram, ownModels } from '../../compiler/program/program.js';
import { host } from '../compiler/lowered.js';
import { describeDiagnostic, specs } from '../compiler/spec-text.js';

const files = readdirSync(specs, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.unet'))
  .sort();

test('the specs the issue names are all there', () => {
  const named = ['dalight3d', 'unet3d', 'attention-unet3d', 'residual-unet3d', 'vnet3d'].map((name) => `${name}.unet`);
  const ablations = ['no-sepconv', 'no-identifier-norm', 'no-csa', 'no-ssfb'].map((name) =>
    join('ablations', `${name}.unet`),
  );
  const beyond = ['unet2d-2015.unet', 'unet-plus-plus.unet', 'unetr.unet'];
  expect(files).toEqual(expect.arrayContaining([...named, ...ablations, ...beyond]));
});

describe.each(files)('%s', (file) => {
  const program = openProgram(host, join(specs, file));
  if (program === undefined) throw new Error(`${file} cannot be opened`);

  test('checks without a single diagnostic', () => {
    expect(checkProgram(program).map(describeDiagnostic)).toEqual([]);
  });

  test('lowers to networks the verifier accepts', () => {
    for (const declaration of ownModels(program)) {
      const bound = bindModel(program, declaration);
      const network = bound === undefined ? undefined : lower(program, bound).network;
      if (network === undefined) throw new Error(`${declaration.name.name} does not lower`);
      expect(verify(network)).toEqual([]);
    }
  });
});

describe.each(files.filter((file) => file.startsWith('ablations')))('%s', (file) => {
  const { file: tree } = parse(createSource(file, readFileSync(join(specs, file), 'utf8')));

  test('is two statements: the use of the base and a one-line variant', () => {
    expect(tree.statements.map(({ kind }) => kind)).toEqual(['Use', 'Variant']);
    const [use, variant] = tree.statements;
    expect(use?.kind === 'Use' && use.path.kind === 'String' ? use.path.value : '').toBe('../dalight3d.unet');
    expect(variant?.kind === 'Variant' && variant.members).toHaveLength(1);
    expect(tree.source.text.trim().split('\n')).toHaveLength(2);
  });
});
