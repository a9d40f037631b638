/** Every spec's ONNX file computes on onnxruntime what tfjs does; widths cut down. */
import { beforeAll, describe, it } from 'vitest';
import { selectEngine } from '../../../../runtime/engine/engines.js';
import { lowerSpec } from '../../lowered.js';
import { smallUnetr } from '../../spec-text.js';
import { expectEqual, type Batch } from './equal.js';

type Knobs = Readonly<Record<string, string>>;

const narrow: Knobs = { width: '8', neck: '32', join: 'ssfb(rank: 2)' };
const wide: Knobs = { width: '8', neck: '32' };
const one = (...patch: number[]): Batch => ({ patch, identifiers: [-1] });
const two = (...patch: number[]): Batch => ({ patch, identifiers: [3, -1] });

const specs: readonly (readonly [file: string, knobs: Knobs, batches: readonly Batch[]])[] = [
  ['dalight3d.unet', narrow, [one(16, 16, 8), two(9, 11, 10)]],
  ['ablations/no-csa.unet', wide, [two(8, 8, 8)]],
  ['ablations/no-identifier-norm.unet', wide, [one(8, 8, 8)]],
  ['ablations/no-sepconv.unet', wide, [two(8, 8, 8)]],
  ['ablations/no-ssfb.unet', wide, [two(8, 8, 8)]],
  ['unet3d.unet', { width: '8' }, [one(16, 8, 8), two(8, 8, 16)]],
  ['attention-unet3d.unet', { width: '8' }, [two(8, 8, 16)]],
  ['residual-unet3d.unet', { width: '8' }, [two(8, 8, 8)]],
  ['vnet3d.unet', { width: '8' }, [two(8, 16, 8)]],
  ['unet-plus-plus.unet', { width: '8' }, [two(16, 16, 16)]],
  ['unet2d-2015.unet', { width: '4' }, [one(188, 204)]],
];

beforeAll(async () => {
  await selectEngine('wasm');
});

describe('the ONNX file of', () => {
  it.each(specs)('%s', async (file, knobs, batches) => {
    for (const network of lowerSpec(file, knobs)) await expectEqual(network, batches);
  });

  it('unetr.unet', async () => {
    const network = smallUnetr({ width: '2', hidden: '8', heads: '2', perceptron: '16', depth: '1' });
    await expectEqual(network, [two(32, 16, 16)]);
  });
});
