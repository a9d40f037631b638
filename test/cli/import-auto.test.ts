import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors, readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { refuses, scratch, succeeds, unet } from './run-unet.js';
import { writeSpec } from './tiny.js';

const at = (name: string): string => path.join(scratch(), name);
/** Two convolutions of one shape, then a head. */
const spec = writeSpec(
  'alike.unet',
  `model Alike {
  input scan: image(FLAIR)[D, H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(1, 3) -> relu -> conv(1, 3) -> conv(mask.classes, 1, bias: true)
}
`,
);
const conv = (value: number): HostTensor => ({ shape: [1, 1, 3, 3, 3], data: new Float32Array(27).fill(value) });
const head = {
  weight: { shape: [2, 1, 1, 1, 1], data: Float32Array.of(1, 2) },
  bias: { shape: [2], data: Float32Array.of(3, 4) },
};
/** A state dict, in the order in which its modules were created. */
const state = new Map<string, HostTensor>([
  ['stem.weight', conv(1)],
  ['body.weight', conv(2)],
  ['head.weight', head.weight],
  ['head.bias', head.bias],
]);

const imported = (weights: string, run: string, ...flags: string[]): string[] => [
  ...['import', spec, '--weights', at(weights), '--map', 'auto', '-o', at(run), ...flags],
];

beforeAll(() => {
  writeFileSync(at('state.safetensors'), encodeSafetensors(state));
  // Sorted by name: `body` before `stem`, the reverse of the network.
  const names = ['stem', 'body', 'top_w', 'top_x'];
  const renamed = [...state.values()].map((tensor, index) => [names[index]!, tensor] as const);
  const sorted = new Map(renamed.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(at('sorted.safetensors'), encodeSafetensors(sorted));
});

describe('unet import --map auto', () => {
  it('prints the pairs and warns of those that only the order decides', async () => {
    const { code, stdout, stderr } = await unet(imported('state.safetensors', 'run', '--json'));
    expect(code).toBe(0);
    expect(stderr).toMatch(/^ {2}stem\.weight -> \S+\.weight$/m);
    expect(stderr).toMatch(
      /warning: The tensors in each group below were matched by their order[^]*\[1, 1, 3, 3, 3\]: stem\.weight, body\.weight\n[^]*--map FILE/,
    );
    const { pairs, swappable } = JSON.parse(stdout) as { pairs: Record<string, string>; swappable: object[] };
    expect(Object.values(pairs)).toEqual([...state.keys()]);
    expect(swappable).toHaveLength(1);
    const { tensors } = await readSafetensors(path.join(at('run'), 'checkpoints/last.safetensors'));
    expect(Object.keys(pairs).map((id) => tensors.get(id)!.data[0])).toEqual([1, 2, 1, 3]);
  });

  it('refuses the same weights sorted by name, and writes nothing', async () => {
    const message = await refuses(1, imported('sorted.safetensors', 'sorted'));
    expect(message).toContain('UNET6053');
    expect(message).toMatch(/alphabetical order[^]*`mask\.conv\.weight`, `mask\.conv2\.weight` could match any of/);
    expect(existsSync(at('sorted'))).toBe(false);
    const names = {
      'mask.conv.weight': 'stem',
      'mask.conv2.weight': 'body',
      'mask.conv3.weight': 'top_w',
      'mask.conv3.bias': 'top_x',
    };
    writeFileSync(at('names.json'), JSON.stringify(names));
    const flags = ['--weights', at('sorted.safetensors'), '--map', at('names.json'), '-o', at('mapped')];
    await succeeds(['import', spec, ...flags]);
    const { tensors } = await readSafetensors(path.join(at('mapped'), 'checkpoints/last.safetensors'));
    expect(tensors.get('mask.conv.weight')!.data[0]).toBe(1);
  });
});
