import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PostprocessStep } from '../../../contract/protocol.js';
import { connectedComponents, type Connectivity } from '../../../runtime/inference/components.js';
import { postprocess } from '../../../runtime/inference/postprocess.js';

interface Recorded {
  readonly spacing: [number, number, number];
  readonly cases: readonly {
    readonly shape: [number, number, number];
    readonly mask: string;
    readonly connectivity: Connectivity;
    readonly labels: readonly number[];
    readonly count: number;
    readonly largest: string;
    readonly union: string;
    readonly atLeast3Voxels: string;
  }[];
}

/** By scipy.ndimage.label (record-components.py). */
const recorded = JSON.parse(readFileSync(new URL('components.json', import.meta.url), 'utf8')) as Recorded;

const classes = (...names: string[]) => ({
  kind: 'classes' as const,
  labels: names.map((name, index) => ({ name, values: [index] })),
});

const tumour = classes('background', 'edema', 'core');
const volume = (text: string, shape: readonly number[]) => ({ data: Uint8Array.from(text, Number), shape });
const common = { classes: null, components: 'each', connectivity: 'corners' } as const;

function row(text: string, output: Parameters<typeof postprocess>[1], ...steps: PostprocessStep[]): string {
  return postprocess(volume(text, [1, 1, text.length]), output, steps, [1, 1, 0.5]).data.join('');
}

describe('components as scipy.ndimage.label finds them', () => {
  it.each(recorded.cases)('$shape by $connectivity', ({ shape, mask, connectivity, ...found }) => {
    const given = volume(mask, shape);
    const components = connectedComponents(
      given.data.map((value) => Math.min(1, value)),
      shape,
      connectivity,
    );
    expect(components.count).toBe(found.count);
    expect([...components.labels]).toEqual(found.labels);
    const after = (step: PostprocessStep): string => postprocess(given, tumour, [step], recorded.spacing).data.join('');
    const own = { ...common, connectivity };
    expect(after({ ...own, kind: 'largest' })).toBe(found.largest);
    expect(after({ ...own, kind: 'largest', components: 'union' })).toBe(found.union);
    const sized = { ...own, kind: 'at_least', classes: ['core'] } as const;
    expect(after({ ...sized, size: 3, unit: 'voxels' })).toBe(found.atLeast3Voxels);
    const cubic = 3 * recorded.spacing.reduce((product, each) => product * each, 1);
    expect(after({ ...sized, size: cubic, unit: 'mm3' })).toBe(found.atLeast3Voxels);
    expect(found.atLeast3Voxels).not.toBe(mask);
  });
});

describe('postprocessing', () => {
  it('applies steps in order', () => {
    const largest = { ...common, kind: 'largest', components: 'union' } as const;
    const sized = { ...common, kind: 'at_least', classes: ['core'], size: 1, unit: 'mm3' } as const;
    expect(row('1121022200', tumour, largest)).toBe('1121000000');
    expect(row('1121022200', tumour, sized)).toBe('1101022200');
    expect(row('1121022200', tumour, sized, largest)).toBe('0000022200');
    expect(row('1121022200', tumour, largest, sized)).toBe('1101000000');
  });

  it('keeps the first of equal components, and a mask without the class', () => {
    expect(row('1101100', tumour, { ...common, kind: 'largest' })).toBe('1100000');
    expect(row('0000000', tumour, { ...common, kind: 'largest' })).toBe('0000000');
  });

  it('lowers a removed region to the regions around it', () => {
    const regions = {
      kind: 'regions' as const,
      labels: [
        { name: 'whole', values: [1, 2, 3] },
        { name: 'core', values: [2, 3] },
        { name: 'enhancing', values: [3] },
      ],
    };
    const largest = (...names: string[]) => ({ ...common, kind: 'largest', classes: names }) as const;
    expect(row('1231122301', regions, largest('enhancing'))).toBe('1231122201');
    expect(row('1231122301', regions, largest('core'))).toBe('1111122301');
    expect(row('1231122301', regions, largest('whole'))).toBe('1231122300');
  });
});
