/** The index of the zoo: it lists every published network of the specs, with its exact number of parameters. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkProgram } from '../../compiler/check/check.js';
import { sumParameters } from '../../compiler/ir/cost.js';
import { weightsOf } from '../../compiler/ir/ir.js';
import { ownModels } from '../../compiler/program/program.js';
import {
  networkOf,
  openSpec,
  readConfigurations,
  readPapers,
  testFolder,
  zooFolder,
  type Configuration,
} from '../../scripts/zoo/zoo.js';

const published = readConfigurations();
const small = readConfigurations(testFolder);
const papers = readPapers();
const specs = readdirSync(zooFolder).filter((file) => file.endsWith('.unet'));
const title = ({ spec, model }: Configuration): string => `${spec}#${model}`;

describe('specs/zoo/zoo.json', () => {
  it('lists every model of specs/zoo, once for each preset', () => {
    const declared = specs.flatMap((spec) =>
      ownModels(openSpec(path.join(zooFolder, spec))).map(({ name }) => `${spec}#${name.name}`),
    );
    expect([...new Set(published.map(title))].sort()).toEqual(declared.sort());
    expect(new Set(published.map((each) => title(each) + (each.preset ?? ''))).size).toBe(published.length);
  });

  it('refers to papers that papers.json lists, and uses each', () => {
    expect(new Set(published.map(({ paper }) => paper))).toEqual(new Set(papers.keys()));
    for (const { at } of papers.values()) expect(at).toMatch(/^(doi:10\.\S+\/\S+|arXiv:\d{4}\.\d{4,5})$/);
  });

  it('is formatted for merging: one entry a line', () => {
    const written = `[\n${published.map((each) => JSON.stringify(each)).join(',\n')}\n]\n`;
    const spaced = readFileSync(path.join(zooFolder, 'zoo.json'), 'utf8');
    expect(JSON.parse(spaced)).toEqual(JSON.parse(written));
    expect(spaced.split('\n')).toHaveLength(written.split('\n').length);
  });

  it.each(published.map((each) => [title(each), each] as const))('%s has its parameters', (_, each) => {
    expect(sumParameters(networkOf(each).ops)).toBe(each.parameters);
  });
});

/** Figure 2 of the paper counts the kernels of a maxout map once, and no biases. */
it('TwoPathCNN has the 651,488 parameters that Havaei et al. print', () => {
  const sizes = weightsOf(networkOf({ spec: 'havaei2017.unet', model: 'TwoPathCNN' }))
    .filter(({ id }) => id.endsWith('.weight'))
    .map(({ id, shape }) => shape.reduce((product, size) => product * size, id.includes('maxout') ? 1 / 2 : 1));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(651_488);
});

describe('the networks of the tests', () => {
  it.each([...new Set(small.map(({ spec }) => spec))])('%s checks without a diagnostic', (spec) => {
    expect(checkProgram(openSpec(path.join(testFolder, spec))).map(({ message }) => message)).toEqual([]);
  });

  it.each(small.map((each) => [title(each), each] as const))('%s has its parameters', (_, each) => {
    expect(sumParameters(networkOf(each, testFolder).ops)).toBe(each.parameters);
  });
});

describe.each(specs)('%s', (spec) => {
  const text = readFileSync(path.join(zooFolder, spec), 'utf8');

  it('names its paper and fits on a page', () => {
    const [header = ''] = /^(?:\/\/\/ .*\n)+/.exec(text) ?? [];
    expect(header).toMatch(/doi:10\.|arXiv:\d{4}\./);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });
});

const counts = path.resolve(zooFolder, '../../../shared/zoo/counts.json');

/** What `../shared/zoo` counted by running the repositories' code. */
interface Count {
  readonly name: string;
  readonly params: number;
  /** Registered, but never used. */
  readonly dead_params?: number;
}

describe.skipIf(!existsSync(counts))('the counts of public networks', () => {
  const counted = new Map(
    existsSync(counts)
      ? (JSON.parse(readFileSync(counts, 'utf8')) as Count[]).map((each) => [each.name, each] as const)
      : [],
  );
  const named = [...published, ...small].filter(({ counted: name }) => name !== undefined);

  it.each(named.map((each) => [each.counted!, each] as const))('%s', (name, { parameters, known, unused }) => {
    const { params, dead_params: dead = unused ?? unusedBySource(name) } = counted.get(name)!;
    expect(parameters).toBe(params - dead);
    expect(known).toBe('PyTorch');
  });

  it('names no configuration twice', () => {
    expect(new Set(named.map(({ counted: name }) => name)).size).toBe(named.length);
  });
});

/**
 * What some of the counts include, although the source registers it without ever using it: in MedNeXt one value, in
 * UNETR the cross attention of 12 layers of 768 features (a norm, four projections, the bias of one).
 */
function unusedBySource(name: string): number {
  if (name.startsWith('monai_unetr_')) return 12 * (2 * 768 + 4 * 768 ** 2 + 768);
  return name.startsWith('mednext_') ? 1 : 0;
}
