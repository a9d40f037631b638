import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtinNames } from '../../../compiler/bind/builtins.js';
import { blockParameters, builtinParameters, type OwnParameter } from '../../../compiler/bind/foreign.js';
import {
  foreignConstructs,
  foreignLayers,
  foreignMethods,
  foreignParts,
  foreignStatements,
  foreignValues,
} from '../../../grammar/diagnostics/foreign-words.js';
import { parse, parseExpression } from '../../../grammar/parse.js';
import { createSource } from '../../../grammar/source.js';
import { partNames } from '../../../compiler/lower/halves.js';

/** The blocks of the shipped library, with their parameters. */
const library = new Map<string, readonly OwnParameter[]>();
const folder = join(import.meta.dirname, '../../../specs/lib');
for (const name of readdirSync(folder)) {
  const { file } = parse(createSource(name, readFileSync(join(folder, name), 'utf8')));
  for (const each of file.statements) if (each.kind === 'Block') library.set(each.name.name, blockParameters(each));
}

function parametersOf(name: string): readonly string[] | undefined {
  return (builtinParameters(name) ?? library.get(name))?.map((each) => each.name);
}

/** Marks in `parameters` that are not arguments, and settings that a rewritten call can only leave at their default. */
const marks = new Set(['-', 'tensor', 'activation', 'size']);
/** Words of the language that look like calls in help texts. */
const constructs = new Set(['image', 'classes', 'regions', 'stage', 'aux', 'level', 'block', 'use']);

describe('every counterpart exists', () => {
  test.each(foreignLayers.map((layer) => [layer.words[0] ?? '', layer] as const))(
    '%s',
    (_, { ours, parameters, defaults }) => {
      const own = parametersOf(ours);
      expect(own, ours).toBeDefined();
      const named = [...Object.values(parameters), ...Object.keys(defaults ?? {})].filter((each) => !marks.has(each));
      for (const name of named) expect(own, `${ours}: ${name}`).toContain(name);
    },
  );

  test('no word has two counterparts', () => {
    const words = [...foreignLayers, ...foreignConstructs].flatMap((each) => each.words);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  const texts = [
    ...foreignConstructs.map(({ help }) => help),
    ...Object.values(foreignMethods),
    ...Object.values(foreignStatements),
    ...foreignLayers.flatMap(({ note }) => note ?? []),
    ...Object.values(foreignParts).flatMap(({ help }) => help ?? []),
  ];
  test.each([...new Set(texts)])('%s', (text) => {
    const code = [...text.matchAll(/`([^`]+)`/g)].map(([, each]) => each ?? '').join(' ');
    const called = [...code.matchAll(/([a-z_]\w*)\(/g)].map(([, name]) => name ?? '');
    for (const name of called) {
      const exists = builtinNames.has(name) || library.has(name) || constructs.has(name) || name === 'mask';
      expect(exists, name).toBe(true);
    }
  });

  test('values and parts', () => {
    for (const { ours } of Object.values(foreignValues)) {
      if (ours !== '') expect(parseExpression(createSource('value', ours)).diagnostics).toEqual([]);
    }
    const parts = new Set([...Object.values(partNames).flat(), 'widths', '']);
    for (const { ours } of Object.values(foreignParts)) expect(parts).toContain(ours);
  });
});
