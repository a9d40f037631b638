import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import * as runtime from '../../../../runtime/index.js';
import { NetworkBuilder } from '../../network-builder.js';
import { generate } from './generated.js';
import { hostileNames } from './all-kinds.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

describe('what tfjs itself does not take', () => {
  it.each(hostileNames.map((name) => [name]))('a network whose input and operations are named %j runs', (name) => {
    const net = new NetworkBuilder(name);
    const scan = net.image(name, ['T1w'], ['D']);
    const once = net.conv(scan, `${name}.once`, 2, 1);
    const twice = net.conv(once, `${name} once`, 2, 1);
    const { build, description } = generate(net.output(name, ['a', 'b'], twice).network());
    const model = build();
    expect([...runtime.weightsOf(model).keys()]).toEqual([`${name}.once.weight`, `${name} once.weight`]);
    const feeds = runtime.feed(description, { [name]: tf.zeros([1, 1, 3]) });
    expect(runtime.fromPhysical(model.apply(feeds) as tf.Tensor).shape).toEqual([1, 2, 3]);
    model.dispose();
  });

  it('an operation that takes one tensor twice, which is used once more later, runs', () => {
    const net = new NetworkBuilder();
    const x = net.conv(net.image('scan', ['T1w'], ['D']), 'x', 2, 1);
    const result = net.binary('+', 'later', net.binary('*', 'square', x, x), x);
    const { build, description } = generate(net.output('mask', ['a', 'b'], result).network());
    const model = build();
    const feeds = runtime.feed(description, { scan: tf.ones([1, 1, 3]) });
    expect(runtime.fromPhysical(model.apply(feeds) as tf.Tensor).shape).toEqual([1, 2, 3]);
    model.dispose();
  });
});
