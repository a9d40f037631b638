import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from '../../../grammar/parse.js';
import { createSource } from '../../../grammar/source.js';
import { checkProgram } from '../../../compiler/check/check.js';
import { Lowering } from '../../../compiler/check/lowering.js';
import { openProgram, ownStudies, type Program } from '../../../compiler/program/program.js';
import { lowerStudy } from '../../../compiler/study/lower-study.js';
import type { Study } from '../../../compiler/study/study.js';
import { checkText, openText, specs } from '../spec-text.js';

function openSpec(name: string): Program {
  const host = {
    readFile: (path: string) => (existsSync(path) ? readFileSync(path) : undefined),
    resolve: (from: string, to: string) => resolve(dirname(from), to),
  };
  const program = openProgram(host, join(specs, 'studies', name));
  if (program === undefined) throw new Error(`${name} cannot be read`);
  return program;
}

function studyOf(program: Program): Study {
  const [node] = ownStudies(program);
  const study = node === undefined ? undefined : lowerStudy(new Lowering(program), node).value;
  if (study === undefined) throw new Error('there is no study');
  return study;
}

const rowsOf = ({ models }: Study): readonly string[] =>
  models.map(({ kind, name, change }) => `${kind} ${name}${change === '' ? '' : `: ${change}`}`);

const ofDALight3D = [
  'base DALight3D',
  'variant without convolution: convolution = off',
  'variant without norm: norm = off',
  'variant without csa: csa = off',
  'variant without join: join = off',
];

test.each([
  ['dalight3d-components.unet', 'Matched50', 5, 5, ofDALight3D],
  [
    'dalight3d-rivals.unet',
    'Matched50',
    5,
    5,
    [...ofDALight3D, 'rival UNet3D', 'rival AttentionUNet3D', 'rival ResUNet3D', 'rival VNet3D'],
  ],
  ['quickstart.unet', 'Minutes', 2, 2, ['base Narrow', 'variant NoCSA: csa = off', 'variant NoSSFB: join = off']],
])('%s checks and has its rows', (name, protocol, seeds, folds, rows) => {
  const program = openSpec(name);
  expect(checkProgram(program)).toEqual([]);
  const study = studyOf(program);
  expect(rowsOf(study)).toEqual(rows);
  expect([study.protocol.name, study.seeds.length, study.folds.length]).toEqual([protocol, seeds, folds]);
  expect(study.models.every(({ unmatched, equal }) => unmatched === null && equal === null)).toBe(true);
});

/** The design tour's own words, kept as a fixture of the grammar. */
const tour = readFileSync(resolve(import.meta.dirname, '../../grammar/cases/tour-variants/input.unet'), 'utf8');

test('the study of the design tour parses, and given its rivals it checks', () => {
  expect(parse(createSource('tour.unet', tour)).diagnostics).toEqual([]);
  const files = ['dalight3d', 'unet3d', 'attention-unet3d', 'residual-unet3d', 'vnet3d', 'unetr'];
  const text = [...files.map((file) => `use "${file}.unet"`), tour].join('\n');
  expect(checkText(text)).toEqual([]);
  const rows = studyOf(openText(text)).models;
  expect(rows.map(({ name }) => name)).toEqual([
    ...['DALight3D', 'without convolution', 'without norm', 'without csa', 'without join'],
    ...['UNet3D', 'AttentionUNet3D', 'ResUNet3D', 'VNet3D', 'UNETR'],
  ]);
  expect(rows.at(-1)).toMatchObject({
    patch: [96, 96, 96],
    unmatched: {
      reason: 'its position table needs 96^3 patches',
      differs: ['patch 96 x 96 x 96, not 64 x 64 x 64'],
    },
  });
  expect(rows.slice(0, -1).every(({ patch }) => patch.join() === '64,64,64')).toBe(true);
});

test('without `unmatched` its UNETR is refused, with the remedy', () => {
  const uses = ['dalight3d', 'unetr'].map((file) => `use "${file}.unet"`);
  const study = `study S {
  protocol: Matched50, seeds: 1, base: DALight3D
  rivals: [UNETR]
}`;
  expect(checkText([...uses, 'use "lib/protocols.unet"', study].join('\n'))).toEqual([
    '6:12 UNET3066 `UNETR` cannot follow `Matched50`: a patch size of 64 along `D` is illegal; the nearest legal size is 96.',
  ]);
});
