import { describe, expect, test } from 'vitest';
import { weightsOf, type Network } from '../../../compiler/ir/ir.js';
import { lowerText, opOf, tinyModel } from '../spec-text.js';

const ids = (network: Network): string[] => network.ops.map(({ id }) => id);
const weightIds = (network: Network): string[] => weightsOf(network).map(({ id }) => id);
const madeBy = (network: Network): string[] => ids(network).filter((id) => id !== 'scan');
/** A free body of the lines given, and a last convolution as the output. */
const free = (lines: string, before = ''): string =>
  tinyModel(`${lines}\n  mask = last -> conv(2, 1) as logits`, before);

describe('an id is the part, the let, and the step as written', () => {
  test('the example of the tour', () => {
    const network = lowerText('use "dalight3d.unet"\nmodel Wider = DALight3D { width = 32 }');
    expect(weightIds(network)).toContain('encoder.level2.main.convolution2.depthwise.weight');
    expect(opOf(network, 'encoder.level2.main.convolution2.depthwise').kind).toBe('depthwise_conv');
  });

  test('a part of one primitive is the operation itself; a chain of layers names each step', () => {
    const network = lowerText(
      tinyModel(
        `
      encoder { widths: [8, 8], stem: conv(8, 3) -> relu -> conv(8, 3), level(c): conv(c, 3), down: max_pool(2) }
      decoder { up(c): transposed_conv(c, 2, stride: 2), fuse(c): mix(c), level(c): conv(c, 3) -> relu }
      head mask: conv(2, 1)
    `,
        'block mix(out: int) {\n  skip: [C, ...S]\n  up: [U, ...S]\n  concat(skip, up) -> conv(out, 1)\n}',
      ),
    );
    expect(madeBy(network)).toEqual([
      'encoder.stem.conv',
      'encoder.stem.relu',
      'encoder.stem.conv2',
      'encoder.level0',
      'encoder.down0',
      'encoder.level1',
      'decoder.up0',
      'decoder.fuse0.concat',
      'decoder.fuse0.conv',
      'decoder.level0.conv',
      'decoder.level0.relu',
      'head.mask',
    ]);
    expect(new Set(network.ops.map(({ stage }) => stage))).toEqual(
      new Set([
        'input',
        'encoder.stem',
        'encoder.level0',
        'encoder.down0',
        'encoder.level1',
        'decoder.up0',
        'decoder.fuse0',
        'decoder.level0',
        'head.mask',
      ]),
    );
  });

  test('a layer is called by the name it has in the text, whatever it is bound to', () => {
    const block = 'block twice(a: layer, b: layer = conv(2, 1) -> relu) {\n  x: [C, ...S]\n  x -> a -> a -> b\n}';
    const plain = lowerText(free('let last = scan -> twice(relu)', block));
    expect(madeBy(plain)).toEqual([
      'last.twice.a',
      'last.twice.a2',
      'last.twice.b.conv',
      'last.twice.b.relu',
      'mask.logits',
    ]);
    const chained = lowerText(free('let last = scan -> twice(conv(2, 1) -> relu)', block));
    expect(madeBy(chained).slice(0, 4)).toEqual([
      'last.twice.a.conv',
      'last.twice.a.relu',
      'last.twice.a2.conv',
      'last.twice.a2.relu',
    ]);
  });

  test('`as` names a step, and backticks and spaces become underscores', () => {
    const network = lowerText(free('let last = scan -> conv(4, 3) as entry -> conv(4, 3) as `way out`'));
    expect(weightIds(network)).toEqual(['last.entry.weight', 'last.way_out.weight', 'mask.logits.weight']);
  });

  test('operators and functions are named after the steps', () => {
    const network = lowerText(
      free('let y = scan * 2 + 1 - scan\n  let last = concat(y, mean(y, over: [H]) + y) -> relu'),
    );
    expect(madeBy(network)).toEqual([
      'y.multiply',
      'y.add',
      'y.subtract',
      'last.mean',
      'last.add',
      'last.concat',
      'last.relu',
      'mask.logits',
    ]);
  });

  test('members of an indexed let carry their indices', () => {
    const network = lowerText(
      free('let x[i] = (if i == 0 then scan else x[i - 1]) -> conv(4, 3) for i in 0 .. 2\n  let last = x[2]'),
    );
    expect(weightIds(network)).toEqual(['x.0.conv.weight', 'x.1.conv.weight', 'x.2.conv.weight', 'mask.logits.weight']);
  });

  test('copies of `repeat` and `chain` are counted from 1', () => {
    const network = lowerText(
      free('let z = scan -> chain(2, conv(2, 3) -> relu)\n  let last = concat(z[0], z[1]) -> repeat(2, conv(4, 3))'),
    );
    expect(madeBy(network)).toEqual([
      'z.chain.1.conv',
      'z.chain.1.relu',
      'z.chain.2.conv',
      'z.chain.2.relu',
      'last.concat',
      'last.repeat.1',
      'last.repeat.2',
      'mask.logits',
    ]);
  });

  test('a param has the id of its block and its own name, and so has its weight', () => {
    const network = lowerText(
      free('let last = scan -> gain -> gain', 'block gain {\n  x: [C, ...S]\n  param factor: [C] = 1\n  x * factor\n}'),
    );
    expect(weightIds(network).slice(0, 2)).toEqual(['last.gain.factor', 'last.gain2.factor']);
  });
});

describe('a step that `when` leaves out keeps its place in the numbering', () => {
  test('among tensors', () => {
    const text = free(
      'knob middle: bool = true off false\n  let last = scan -> conv(2, 3) -> conv(2, 3) when middle -> conv(2, 3)',
    );
    expect(weightIds(lowerText(text))).toEqual([
      'last.conv.weight',
      'last.conv2.weight',
      'last.conv3.weight',
      'mask.logits.weight',
    ]);
    expect(weightIds(lowerText(text, { middle: 'off' }))).toEqual([
      'last.conv.weight',
      'last.conv3.weight',
      'mask.logits.weight',
    ]);
  });

  const half = (level: string): string =>
    tinyModel(
      `
      knob middle: bool = true off false
      encoder { widths: [4, 4], stem: conv(4, 1), level(c): ${level}, down: max_pool(2) }
      decoder { up(c): transposed_conv(c, 2, stride: 2), fuse: add_skip, level(c): conv(c, 1) }
      head mask: conv(2, 1)`,
      'block add_skip {\n  skip: [C, ...S]\n  up: [C, ...S]\n  skip + up\n}\nblock deep(out: int) {\n  x: [C, ...S]\n  x -> conv(out, 1)\n}',
    );
  const levelOf = (network: Network): string[] => weightIds(network).filter((id) => id.startsWith('encoder.level0'));

  test('in a chain of layers', () => {
    const text = half('conv(c, 3) -> conv(c, 3) when middle -> conv(c, 3)');
    expect(levelOf(lowerText(text))).toEqual([
      'encoder.level0.conv.weight',
      'encoder.level0.conv2.weight',
      'encoder.level0.conv3.weight',
    ]);
    expect(levelOf(lowerText(text, { middle: 'off' }))).toEqual([
      'encoder.level0.conv.weight',
      'encoder.level0.conv3.weight',
    ]);
  });

  test('after a single layer, whose steps stay those of a chain', () => {
    const text = half('deep(c) -> dropout(0.5) when middle');
    expect(levelOf(lowerText(text))).toEqual(['encoder.level0.deep.conv.weight']);
    expect(levelOf(lowerText(text, { middle: 'off' }))).toEqual(['encoder.level0.deep.conv.weight']);
  });
});

describe('shared layers', () => {
  test('one set of weights, owned by the first use; every use has its own operations', () => {
    const network = lowerText(free('let f = shared(conv(2, 3) -> relu)\n  let last = scan -> f -> f'));
    expect(madeBy(network)).toEqual(['last.f.conv', 'last.f.relu', 'last.f2.conv', 'last.f2.relu', 'mask.logits']);
    expect(weightIds(network)).toEqual(['last.f.conv.weight', 'mask.logits.weight']);
    expect(opOf(network, 'last.f2.conv').sharedWith).toBe('last.f.conv');
    expect(opOf(network, 'last.f.conv').sharedWith).toBeUndefined();
  });

  test('without `shared` each use has weights of its own', () => {
    const network = lowerText(free('let f = conv(2, 3)\n  let last = scan -> f -> f'));
    expect(weightIds(network)).toEqual(['last.f.weight', 'last.f2.weight', 'mask.logits.weight']);
  });

  test('params are shared too, and a shared layer may go through several places', () => {
    const block = 'block gain {\n  x: [C, ...S]\n  param factor: [C] = 1\n  x * factor\n}';
    const network = lowerText(free('let f = shared(gain)\n  let a = scan -> f\n  let last = a -> repeat(2, f)', block));
    expect(weightIds(network)).toEqual(['a.f.factor', 'mask.logits.weight']);
    expect(network.ops.filter(({ sharedWith }) => sharedWith === 'a.f.factor').map(({ id }) => id)).toEqual([
      'last.repeat.1.factor',
      'last.repeat.2.factor',
    ]);
  });
});
