/**
 * Public networks with batch norm, unfolded, against their recorded forward passes. The recordings lie next to the
 * repository (`../shared/zoo`); without them there is nothing to compare.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sumParameters } from '../../compiler/ir/cost.js';
import { apply } from '../../runtime/apply/apply.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { asFloat32, readSafetensors } from '../../runtime/files/safetensors.js';
import { importedProtocol } from '../../runtime/run/imported-protocol.js';
import { assignWeights } from '../../runtime/training/checkpoint.js';
import { importWeights } from '../../runtime/weights/import-weights.js';
import { parseNameMap } from '../../runtime/weights/name-map.js';
import { lowerText } from '../compiler/spec-text.js';
import { distance } from './compare.js';
import { buildNetwork } from './open-network.js';

const zoo = resolve(import.meta.dirname, '../../../shared/zoo');

/** Operations are in the order in which each source registers its modules. */
const networks = {
  monai_unet_plain_small: {
    params: 30003,
    text: `
model Plain {
  input  scan: image(a, b, c, d)[D, H, W]
  output mask: classes(background, x, y)
  let act = batch_norm -> relu
  let one = scan -> conv(8, 3, stride: 2, bias: true) -> act
  let two = one -> conv(16, 3, stride: 2, bias: true) -> act
  let low = two -> conv(32, 3, bias: true) -> act
  let up  = concat(two, low) -> transposed_conv(8, 3, stride: 2, pad: 1, output_pad: 1, bias: true) -> act
  mask = concat(one, up) -> transposed_conv(mask.classes, 3, stride: 2, pad: 1, output_pad: 1, bias: true)
}`,
  },
  wolny_unet3d_deconv_cbl: {
    params: 70491,
    text: `
block double(first: int, second: int) {
  x: [C, ...S]
  x -> conv(first, 3) -> batch_norm -> leaky_relu -> conv(second, 3) -> batch_norm -> leaky_relu
}
block up(out: int) {
  skip: [K, D, H, W]
  below: [C, Z, Y, X]
  let higher = below -> transposed_conv(out, 3, stride: 2, pad: 1)
  let fitted = (higher, skip) -> resize(nearest_floor)
  concat(skip, fitted[C, D, H, W]) -> double(out, out)
}
model Wolny {
  input  scan: image(a, b)[D, H, W]
  output mask: classes(background, x, y)
  let one = scan -> double(4, 8)
  let two = one -> max_pool(2) -> double(8, 16)
  let low = two -> max_pool(2) -> double(16, 32)
  mask = (one, (two, low) -> up(16)) -> up(8) -> conv(mask.classes, 1, bias: true)
}`,
  },
} as const;

/** Pairs the modules of both sides in order, and in each module the weights by their names. */
function moduleByModule(ids: readonly string[], names: readonly string[]): Record<string, string> {
  const moduleOf = (name: string): string => name.slice(0, name.lastIndexOf('.'));
  const [ours, theirs] = [ids, names].map((each) => [...new Set(each.map(moduleOf))]);
  expect(ours!.length).toBe(theirs!.length);
  const of = new Map(ours!.map((module, index) => [module, theirs![index]!]));
  return Object.fromEntries(ids.map((id) => [id, of.get(moduleOf(id))! + id.slice(moduleOf(id).length)]));
}

beforeAll(async () => {
  await selectEngine('onnx');
});

describe.skipIf(!existsSync(zoo))('public networks with batch norm', () => {
  it.each(Object.entries(networks))('%s', async (name, { text, params }) => {
    const { ir, network } = await buildNetwork(lowerText(text));
    expect(sumParameters(ir.ops)).toBe(params);
    const source = resolve(zoo, name, 'weights.safetensors');
    const target = { name, weights: network.weights };
    const { tensors } = await readSafetensors(source);
    const names = moduleByModule(
      network.weights.map(({ id }) => id),
      [...tensors.keys()],
    );
    const map = parseNameMap(JSON.stringify(names), name);
    const { weights } = await importWeights(target, tensors, { source, map });
    assignWeights(network, weights, source);
    const given = (await readSafetensors(resolve(zoo, name, 'case.safetensors'))).tensors;
    const input = given.get('input')!;
    const protocol = importedProtocol(input.shape.slice(2), ['D', 'H', 'W']);
    const { tensors: found } = await apply(network, protocol, new Map([['scan', input]]));
    const [logits, expected] = [asFloat32(found.get('logits')!), asFloat32(given.get('output')!)];
    expect(distance(logits, expected)).toBeLessThan(1e-4);
  });
});
