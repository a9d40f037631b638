import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { emitJavaScript } from '../../../compiler/emit/tfjs/emit-javascript.js';
import { weightsOf, type Network } from '../../../compiler/ir/ir.js';
import { lintPatch } from '../../../compiler/study/lint-patch.js';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { importedProtocol } from '../../../runtime/run/imported-protocol.js';
import { importModule } from '../../../runtime/run/load-module.js';
import { lintGradients, type GradientLint } from '../../../runtime/study/gradient-lint.js';
import { lowerSpec } from '../../compiler/lowered.js';
import { lowerText } from '../../compiler/spec-text.js';

beforeAll(() => selectEngine('onnx'));

async function lint(network: Network): Promise<GradientLint> {
  const patch = lintPatch(network);
  return lintGradients(await importModule(emitJavaScript(network)), {
    protocol: importedProtocol(patch, []),
    patch,
    fallbacks: new Set(weightsOf(network).flatMap(({ id, fallback }) => (fallback ? [id] : []))),
  });
}

const blocks = `
block gated {
  x: [C, ...S]
  param gate: [C] = 0
  param scale: [C] = 1
  x + gate * (x -> conv(C, 3)) * scale
}
block muted {
  x: [C, ...S]
  param amount: [C] = 1
  x + 0 * amount
}
block row(id: identifier) {
  x: [C, ...S]
  param table: [id.count, C] = 1 fallback
  param absent_row: [C] = 1 fallback
  x * pick(table, id, absent: absent_row)
}`;

const model = (steps: string, end = ''): string => `${blocks}
model Tested {
  input scan: image(T1w)[H, W]
  input site: identifier(3)
  output mask: classes(background, tumour)
  mask = scan -> conv(4, 3) -> ${steps} -> conv(2, 1)
  ${end}
}`;

describe('lintGradients', () => {
  test('finds a parameter times zero, and nothing behind a gate that starts at zero', async () => {
    expect(await lint(lowerText(model('gated -> relu')))).toEqual({ idle: [], fallbacks: [], trials: 2 });
    expect((await lint(lowerText(model('gated -> muted -> relu')))).idle).toEqual([
      { id: 'mask.muted.amount', params: 4, cause: 'no gradient' },
    ]);
  });

  test('draws noise, so that what it is multiplied by has a gradient', async () => {
    const branch = (factor: string): string => `let centre = scan -> linear(2) as centre
  let spread = softplus(scan -> linear(2) as spread)
  let image = (centre + ${factor} * spread * noise(centre)) -> conv(1, 1)
  penalty reconstruction = (scan - image) ^ 2`;
    expect((await lint(lowerText(model('relu', branch('1'))))).idle).toEqual([]);
    const silent = (await lint(lowerText(model('relu', branch('0'))))).idle;
    expect(silent.map(({ id }) => id)).toEqual(['spread.spread.weight', 'spread.spread.bias']);
  });

  test('finds a bias that a norm takes away, and none that it keeps', async () => {
    expect((await lint(lowerText(model('conv(8, 3, bias: true) -> instance_norm -> relu')))).idle).toEqual([
      { id: 'mask.conv2.bias', params: 8, cause: 'no effect' },
    ]);
    expect((await lint(lowerText(model('conv(8, 3, bias: true) -> group_norm(2) -> relu')))).idle).toEqual([]);
    expect((await lint(lowerText(model('conv(8, 3, bias: true) -> batch_norm -> relu')))).idle).toEqual([
      { id: 'mask.conv2.bias', params: 8, cause: 'no effect' },
    ]);
    expect((await lint(lowerText(model('conv(8, 3, bias: true) -> batch_norm(frozen: true)')))).idle).toEqual([]);
  });

  test('gives identifiers and leaves them out, so that tables and their fallbacks both take part', async () => {
    expect(await lint(lowerText(model('row(site) -> relu')))).toEqual({ idle: [], fallbacks: [], trials: 2 });
    // Behind a zero they take no part at all, and are listed apart.
    const muted = model('(row(site) -> muted_all) -> relu').replace(
      'block gated',
      'block muted_all {\n  x: [C, ...S]\n  x * 0 + 1\n}\nblock gated',
    );
    const found = await lint(lowerText(muted));
    expect(found.fallbacks.map(({ id }) => id)).toEqual(['mask.step.row.table', 'mask.step.row.absent_row']);
    expect(found.idle.map(({ id }) => id)).toEqual(['mask.conv.weight']);
  });

  test('goes through the auxiliary predictions, and leaves no tensor behind', async () => {
    const network = lowerText(model('relu', 'aux mask = scan -> conv(4, 3) -> avg_pool(2) -> conv(2, 1)'));
    await lint(network);
    const before = tf.memory().numTensors;
    expect((await lint(network)).idle).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('says that it could find nothing out where no loss is finite', async () => {
    const network = lowerText(
      model('relu -> endless').replace(
        'block gated',
        'block endless {\n  x: [C, ...S]\n  exp(exp(x * x + 9))\n}\nblock gated',
      ),
    );
    expect(await lint(network)).toEqual({ idle: [], fallbacks: [], trials: 0 });
  });

  test('is the same every time', async () => {
    const network = lowerText(model('muted -> relu'));
    expect(await lint(network)).toEqual(await lint(network));
  });

  const narrow = { width: '8', neck: '16' };
  test.each([
    [
      'dalight3d.unet',
      narrow,
      [
        'encoder.level2.main.cross_slice_attention.k.key.bias',
        'encoder.level3.main.cross_slice_attention.k.key.bias',
        'decoder.fuse1.attention.low_rank_attention.q.query.bias',
        'decoder.fuse0.attention.low_rank_attention.q.query.bias',
      ],
    ],
    ['attention-unet3d.unet', { width: '8' }, []],
    ['vnet3d.unet', { width: '8' }, []],
    ['unet2d-2015.unet', { width: '2' }, []],
  ])('finds the biases of %s that a softmax removes', async (file, knobs, biases) => {
    const [network] = lowerSpec(file, knobs);
    const found = await lint(network!);
    expect(found.idle.map(({ id, cause }) => [id, cause])).toEqual(biases.map((id) => [id, 'no effect']));
    expect(found.fallbacks).toEqual([]);
  });
});
