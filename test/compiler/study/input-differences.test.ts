import { describe, expect, it } from 'vitest';
import { inputDifferences } from '../../../compiler/study/input-differences.js';
import type { Network } from '../../../compiler/ir/ir.js';
import { lowerText } from '../spec-text.js';

function network(inputs: string, axes = 'D, H, W'): Network {
  return lowerText(`use "lib/dalight.unet"
  model Net {
    input scan: image(${inputs})[${axes.split(' | ')[0]}]
    ${axes.includes(' | ') ? axes.split(' | ')[1] : ''}
    output mask: classes(background, lesion)
    mask = scan -> conv(4, 3) -> ${axes.includes('site') ? 'identifier_norm(site, groups: 2) -> ' : ''}conv(mask.classes, 1)
  }`);
}

const base = network('FLAIR, T1w, T2w', 'D, H, W | input site: identifier(4)');

describe('inputDifferences', () => {
  it('is empty for networks that see the same, whatever their order of channels', () => {
    expect(inputDifferences(network('T2w, FLAIR, T1w', 'D, H, W | input site: identifier(4)'), base)).toEqual([]);
  });

  it('names channels, identifiers and axes', () => {
    expect(inputDifferences(network('FLAIR'), base)).toEqual(['does not see T1w, T2w', 'no identifier site']);
    expect(inputDifferences(network('FLAIR, T1w, T2w, ADC'), base)).toEqual(['also sees ADC', 'no identifier site']);
    expect(inputDifferences(network('FLAIR, T1w, T2w', 'H, W'), base)).toEqual(['no identifier site', '2-D, not 3-D']);
    expect(inputDifferences(base, network('FLAIR, T1w, T2w'))).toEqual(['with the identifier site']);
  });
});
