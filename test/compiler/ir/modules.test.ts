import { describe, expect, it } from 'vitest';
import { innermost, moduleTree, opsOf, type ModulePart, type Part } from '../../../compiler/ir/modules.js';
import { lowerSpec } from '../lowered.js';
import { NetworkBuilder } from '../network-builder.js';
import { lowerText } from '../spec-text.js';

/** `name(part, part)`, with the block of a module: `side:residual(conv)`. */
function outline(part: Part): string {
  if (part.kind === 'op') return part.name;
  const block = part.block === undefined ? '' : `:${part.block.name}`;
  return `${part.name}${block}(${part.parts.map(outline).join(' ')})`;
}

function partOf(root: ModulePart, id: string): Part {
  const open: Part[] = [root];
  for (const part of open) {
    if (part.id === id) return part;
    if (part.kind === 'module') open.push(...part.parts);
  }
  throw new Error(`there is no ${id}`);
}

describe('the modules of a network', () => {
  it('hold every operation once, in order', () => {
    for (const file of ['dalight3d.unet', 'unetr.unet', 'unet-plus-plus.unet', 'vnet3d.unet']) {
      const [network] = lowerSpec(file);
      if (network === undefined) throw new Error(file);
      const found = opsOf(moduleTree(network, network.ops)).map(({ id }) => id);
      expect(found.toSorted()).toEqual(network.ops.map(({ id }) => id).toSorted());
    }
  });

  it('are stages, blocks, lets, copies of a chain, and members of a family', () => {
    const network = lowerText(`
      block gate(rate: float = 0.5, kernel: int = 1) {
        x: [C, ...S]
        let weight = x -> conv(C, kernel) -> sigmoid
        x * weight
      }
      model Net {
        input scan: image(CT)[H, W]
        output mask: classes(a, b)
        let start = scan -> conv(4, 3)
        let z = start -> chain(2, gate(0.5, 3) -> relu)
        let x[i] = z[i] -> gate for i in 0 .. 1
        mask = concat(x[0], x[1]) -> conv(2, 1)
      }`);
    const tree = moduleTree(network, network.ops);
    expect(tree.parts.map(outline)).toEqual([
      'scan',
      'start(conv)',
      'z(chain(1(gate:gate(weight(conv sigmoid) multiply) relu) 2(gate:gate(weight(conv sigmoid) multiply) relu)))',
      'x.0(gate:gate(weight(conv sigmoid) multiply))',
      'x.1(gate:gate(weight(conv sigmoid) multiply))',
      'mask(concat conv)',
    ]);
    expect(partOf(tree, 'z.chain.1.gate')).toMatchObject({
      block: {
        arguments: [
          { name: 'rate', value: '0.5', isDefault: true },
          { name: 'kernel', value: '3', isDefault: false },
        ],
      },
    });
    expect(innermost(partOf(tree, 'z') as ModulePart).id).toBe('z.chain');
  });

  it('are what a network built by hand declares', () => {
    const net = new NetworkBuilder();
    const scan = net.image('scan', ['CT'], ['H', 'W']);
    const block = { name: 'residual', arguments: [] };
    const sum = net.module('level', block, () => {
      const main = net.module('level.main', undefined, () => net.conv(scan, 'level.main.conv', 1, 3));
      return net.binary('+', 'level.add', scan, main);
    });
    const network = net.output('mask', ['a'], sum).network();
    expect(outline(moduleTree(network, network.ops))).toBe('(scan level:residual(main(conv) add))');
    const some = network.ops.filter(({ id }) => id !== 'level.main.conv');
    expect(outline(moduleTree(network, some))).toBe('(scan level:residual(add))');
  });
});
