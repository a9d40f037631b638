import { existsSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors, readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { refuses, root, scratch, succeeds, unet } from './run-unet.js';
import { writeSpec } from './tiny.js';

const at = (name: string): string => path.join(scratch(), name);
const recorded = (name: string): string => path.join(root, 'test/runtime/weights/recorded', name);

/** Two convolutions of one shape, then a head; an identifier; an auxiliary output. */
const spec = writeSpec(
  'alike.unet',
  `block shifted(id: identifier) {
  x: [C, ...S]
  param shift: [id.count, C] = 0
  x + pick(shift, id)
}
model Alike {
  input scan: image(FLAIR)[D, H, W]
  input site: identifier(3)
  output mask: classes(background, tumour)
  let half = scan -> conv(1, 3) -> relu
  let whole = half -> conv(1, 3)
  mask = whole -> shifted(site) -> conv(mask.classes, 1, bias: true)
  aux mask = half -> conv(mask.classes, 1, bias: true)
}
`,
);
const tensor = (shape: number[], ...values: number[]): HostTensor => {
  const size = shape.reduce((product, each) => product * each, 1);
  return { shape, data: Float32Array.from({ length: size }, (_, index) => values[index % values.length]!) };
};

const state = new Map<string, HostTensor>([
  ['module.stem.weight', tensor([1, 1, 3, 3, 3], 1)],
  ['module.body.weight', tensor([1, 1, 3, 3, 3], 2, -1, 0.5)],
  ['module.shift', tensor([3, 1], 5, 6, 7)],
  ['module.top.weight', tensor([2, 1, 1, 1, 1], 1, 2)],
  ['module.top.bias', tensor([2], 3, 4)],
  ['module.aux.weight', tensor([2, 1, 1, 1, 1], 1, -1)],
  ['module.aux.bias', tensor([2], 0)],
  ['module.spare.weight', tensor([9], 0)],
]);

const map = {
  $ignore: ['spare.*'],
  'half.conv.*': 'stem.*',
  'whole.conv.*': 'body.*',
  'mask.shifted.shift': 'shift',
  'mask.conv.*': 'top.*',
  'aux.mask.conv.*': 'aux.*',
};

const flags = (weights: string, run: string): string[] => ['import', spec, '--weights', at(weights), '-o', at(run)];

beforeAll(() => {
  writeFileSync(at('state.safetensors'), encodeSafetensors(state));
  writeFileSync(at('map.json'), JSON.stringify(map));
  writeFileSync(at('normed.json'), JSON.stringify({ 'mask.conv.*': 'conv.*', 'mask.batch_norm.*': 'bn.*' }));
});

async function firstValues(run: string): Promise<Record<string, number>> {
  const { tensors } = await readSafetensors(path.join(at(run), 'checkpoints/last.safetensors'));
  return Object.fromEntries([...tensors].map(([id, { data }]) => [id, Number(data[0])]));
}

describe('unet import', () => {
  it('refuses what could be swapped, shows both sides, and writes nothing', async () => {
    const message = await refuses(1, [...flags('state.safetensors', 'auto'), '--map', 'auto', '--ignore', 'spare.*']);
    expect(message).toContain('UNET6053');
    expect(message).toMatch(/the prefix `module\.` of all names is left out/);
    expect(message).toMatch(/half\.conv\.weight +\[1, 1, 3, 3, 3\] +stem\.weight, body\.weight\n/);
    expect(message).toContain('--write-map');
    expect(existsSync(at('auto'))).toBe(false);
  });

  it('drafts a map, which imports once it is completed', async () => {
    const draft = [
      'import',
      spec,
      '--weights',
      at('state.safetensors'),
      '--ignore',
      'spare.*',
      '--write-map',
      at('draft.json'),
    ];
    const { matched, weights } = JSON.parse(await succeedsQuietly([...draft, '--json'])) as Record<string, number>;
    expect([matched, weights]).toEqual([1, 7]);
    expect(await refuses(1, draft)).toContain('UNET6152');
    const drafted = JSON.parse(readFileSync(at('draft.json'), 'utf8')) as Record<string, unknown>;
    expect(drafted['mask.shifted.shift']).toBe('shift');
    expect(drafted['half.conv.weight']).toEqual({ shape: [1, 1, 3, 3, 3], candidates: ['stem.weight', 'body.weight'] });
    for (const [id, entry] of Object.entries(drafted)) {
      if (typeof entry === 'object' && 'candidates' in entry!) drafted[id] = (entry.candidates as string[])[0];
    }
    writeFileSync(at('draft.json'), JSON.stringify(drafted));
    await succeedsQuietly([...flags('state.safetensors', 'drafted'), '--map', at('draft.json'), '--ignore', 'spare.*']);
    expect(await firstValues('drafted')).toMatchObject({ 'half.conv.weight': 1, 'whole.conv.weight': 2 });
  });

  it('names the values of an identifier, and reports what is assumed', async () => {
    const { code, stdout } = await unet([
      ...[
        ...flags('state.safetensors', 'named'),
        '--map',
        at('map.json'),
        '--identifier',
        'site=north,south',
        '--json',
      ],
    ]);
    expect(code).toBe(0);
    const { pairs, assumed } = JSON.parse(stdout) as { pairs: object; assumed: object };
    expect(pairs).toMatchObject({ 'half.conv.weight': 'stem.weight' });
    expect(assumed).toMatchObject({ identifiers: null });
    const info = JSON.parse(readFileSync(path.join(at('named'), 'run.json'), 'utf8')) as { identifiers: object };
    expect(info.identifiers).toEqual({ site: { source: 'column', names: ['north', 'south'], trained: [0, 1] } });
    for (const given of ['site=a,b,c,d', 'sight=a', 'site', 'site=a,a']) {
      await refuses(2, [...flags('state.safetensors', 'other'), '--map', at('map.json'), '--identifier', given]);
    }
    expect(existsSync(at('other'))).toBe(false);
  });

  it('verifies outputs, auxiliary ones too, before the run is kept', async () => {
    await succeedsQuietly([...flags('state.safetensors', 'right'), '--map', at('map.json')]);
    const inputs = new Map([
      ['scan', tensor([1, 1, 4, 4, 4], 0.5, -1, 2)],
      ['site', { shape: [1], data: Int32Array.of(1) }],
    ]);
    writeFileSync(at('inputs.safetensors'), encodeSafetensors(inputs));
    await succeeds(['apply', at('right'), '--inputs', at('inputs.safetensors'), '-o', at('out.safetensors')]);
    const { tensors } = await readSafetensors(at('out.safetensors'));
    expect([...tensors.keys()].sort()).toEqual(['auxiliary/1', 'logits', 'probabilities']);
    // The names that recorded cases of other frameworks use.
    const outputs = { output_0: tensors.get('logits')!, output_1: tensors.get('auxiliary/1')! };
    const given = { input: inputs.get('scan')!, identifier: inputs.get('site')! };
    writeFileSync(at('case.safetensors'), encodeSafetensors(new Map(Object.entries({ ...given, ...outputs }))));
    const verify = ['--verify', at('case.safetensors')];
    const checked = await unet([
      ...flags('state.safetensors', 'checked'),
      '--map',
      at('map.json'),
      ...verify,
      '--json',
    ]);
    const { verified } = JSON.parse(checked.stdout) as { verified: { output: string; difference: number }[] };
    expect(verified.map(({ output }) => output)).toEqual(['logits', 'auxiliary/1']);
    expect(Math.max(...verified.map(({ difference }) => difference))).toBeLessThan(1e-5);
    const swapped = { ...map, 'half.conv.*': 'body.*', 'whole.conv.*': 'stem.*' };
    writeFileSync(at('swapped.json'), JSON.stringify(swapped));
    const message = await refuses(1, [...flags('state.safetensors', 'wrong'), '--map', at('swapped.json'), ...verify]);
    expect(message).toMatch(/UNET6172[^]*`logits` by [\d.e+-]+, `auxiliary\/1` by/);
    // As MONAI's U-Net++ does: the main output is the last, and nothing in the file shows it.
    const last = { ...given, output_0: outputs.output_1, output_1: outputs.output_0 };
    writeFileSync(at('last.safetensors'), encodeSafetensors(new Map(Object.entries(last))));
    const reversed = (run: string) => [
      ...flags('state.safetensors', run),
      ...['--map', at('map.json'), '--verify', at('last.safetensors')],
    ];
    const pair = ['--verify-output', 'logits=output_1', '--verify-output', 'auxiliary/1=output_0'];
    expect(await refuses(1, reversed('wrong'))).toMatch(/`logits` by [\d.e+-]+, `auxiliary\/1` by/);
    await succeedsQuietly([...reversed('paired'), ...pair]);
    expect(await refuses(1, [...reversed('wrong'), ...pair.slice(0, 2)])).toMatch(
      /`output_0` in [^]* is neither an input nor an output[^]*--verify-output OUTPUT=output_0/,
    );
    for (const [twice, complaint] of [
      [['logits=output_0', 'auxiliary/1=output_0'], /`output_0` is paired with both `logits` and `auxiliary\/1`/],
      [['logits=output_1', 'auxiliary/2=output_0'], /`auxiliary\/2` \(`output_0`\)[^]*neither an input nor an output/],
      [['logits=output_7'], /does not contain a tensor `output_7`/],
    ] as const) {
      const chosen = twice.flatMap((each) => ['--verify-output', each]);
      expect(await refuses(1, [...reversed('wrong'), ...chosen])).toMatch(complaint);
    }
    for (const given of [['logits'], ['logits=output_0', 'logits=output_1']]) {
      await refuses(2, [...reversed('wrong'), ...given.flatMap((each) => ['--verify-output', each])]);
    }
    await refuses(2, [...flags('state.safetensors', 'wrong'), '--verify-output', 'logits=output_0']);
    const doubled = { ...given, ...outputs, logits: outputs.output_0 };
    writeFileSync(at('doubled.safetensors'), encodeSafetensors(new Map(Object.entries(doubled))));
    const ambiguous = [
      ...flags('state.safetensors', 'wrong'),
      ...['--map', at('map.json'), '--verify', at('doubled.safetensors')],
    ];
    expect(await refuses(1, ambiguous)).toMatch(/`logits` is paired with both `(output_0|logits)` and/);
    writeFileSync(at('empty.safetensors'), encodeSafetensors(inputs));
    const empty = [
      ...flags('state.safetensors', 'wrong'),
      '--map',
      at('map.json'),
      '--verify',
      at('empty.safetensors'),
    ];
    expect(await refuses(1, empty)).toContain('contains no output to compare with');
    expect(existsSync(at('wrong'))).toBe(false);
  });

  const normed = writeSpec(
    'normed.unet',
    `model Normed {
  input scan: image(FLAIR)[D, H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(2, 3) -> batch_norm
}
`,
  );
  const usable = {
    'conv.weight': tensor([2, 1, 3, 3, 3], 1),
    'bn.weight': tensor([2], 1),
    'bn.bias': tensor([2], 0),
    'bn.running_mean': tensor([2], 0),
    'bn.running_var': tensor([2], 1),
  };
  const changed = (change: Record<string, HostTensor | undefined>): Uint8Array =>
    encodeSafetensors(
      new Map(
        Object.entries({ ...usable, ...change }).filter((each): each is [string, HostTensor] => each[1] !== undefined),
      ),
    );
  const counter = { shape: [2, 1, 3, 3, 3], data: new Int32Array(54) };
  const negative = tensor([2], 1, -1);

  it.each<[string, Uint8Array, string, RegExp]>([
    [
      'another rank',
      changed({ 'conv.weight': tensor([2, 1, 3, 3], 1) }),
      'UNET6052',
      /\[2, 1, 3, 3\] +\(4 axes, expected 5\)/,
    ],
    [
      'whole numbers',
      changed({ 'conv.weight': counter }),
      'UNET6068',
      /`conv.weight` has values of a whole-number type/,
    ],
    [
      'no running statistics',
      changed({ 'bn.running_mean': undefined, 'bn.running_var': undefined }),
      'UNET6052',
      /running statistics/,
    ],
    [
      'a negative variance',
      changed({ 'bn.running_var': negative }),
      'UNET6068',
      /`bn.running_var` has -1, and a variance/,
    ],
    [
      'a request for os.system',
      readFileSync(recorded('evil.pt')),
      'UNET6171',
      /asks for `posix\.system`[^]*Nothing was run/,
    ],
    ['that in the older format', readFileSync(recorded('evil-legacy.pt')), 'UNET6171', /asks for `posix\.system`/],
  ])('refuses %s with one message, and writes nothing', async (_, bytes, code, message) => {
    writeFileSync(at('bad.weights'), bytes);
    await refusesAll(['import', normed, '--weights', at('bad.weights'), '--map', at('normed.json')], code, message);
  });

  it('refuses a truncated file of 2 GiB with one message, and writes nothing', async () => {
    const header = JSON.stringify({ 'conv.weight': { dtype: 'F32', shape: [2 ** 30], data_offsets: [0, 2 ** 32] } });
    const head = Buffer.alloc(8 + header.length);
    head.writeBigUInt64LE(BigInt(header.length));
    head.write(header, 8);
    for (const [bytes, code] of [
      [head, 'UNET6051'],
      [readFileSync(recorded('types.pt')).subarray(0, 1000), 'UNET6170'],
    ] as const) {
      writeFileSync(at('cut.weights'), bytes);
      truncateSync(at('cut.weights'), 2 ** 31);
      const cut = ['import', normed, '--weights', at('cut.weights'), '--map', at('normed.json')];
      await refusesAll(cut, code, /truncated/);
    }
  });

  it.each<[string, Record<string, HostTensor>, string, RegExp]>([
    ['an input of another rank', { input: tensor([1, 1, 4, 4], 1) }, 'UNET6061', /`scan` has the shape \[1, 1, 4, 4\]/],
    [
      'logits of another rank',
      { logits: tensor([1, 2, 4, 4], 1) },
      'UNET6172',
      /`logits` [^]* has the shape \[1, 2, 4, 4\]/,
    ],
    ['logits that are no numbers', { logits: tensor([1, 2, 4, 4, 4], NaN) }, 'UNET6172', /`logits` by NaN/],
  ])('refuses a case with %s, and writes nothing', async (_, change, code, message) => {
    writeFileSync(at('good.weights'), changed({}));
    const good = { input: tensor([1, 1, 4, 4, 4], 1), logits: tensor([1, 2, 4, 4, 4], 1), ...change };
    writeFileSync(at('case.weights'), encodeSafetensors(new Map(Object.entries(good))));
    const verify = ['--map', at('normed.json'), '--verify', at('case.weights')];
    const text = await refuses(1, ['import', normed, '--weights', at('good.weights'), ...verify, '-o', at('bad')]);
    expect(text).toContain(`error ${code}:`);
    expect(text).toMatch(message);
    expect(existsSync(at('bad'))).toBe(false);
  });

  it('needs a run or a draft, and not both', async () => {
    const neither = ['import', spec, '--weights', at('state.safetensors')];
    expect(await refuses(2, neither)).toMatch(/either -o DIR[^]*or --write-map/);
    expect(await refuses(2, [...neither, '-o', at('x'), '--write-map', at('y')])).toMatch(/either -o/);
  });
});

/** An import that must fail with one error, and leave neither a run nor anything beside it. */
async function refusesAll(args: readonly string[], code: string, message: RegExp): Promise<void> {
  const before = readdirSync(scratch());
  const text = await refuses(1, [...args, '-o', at('bad')]);
  expect(text.match(/^error .*$/gm)).toEqual([expect.stringContaining(code)]);
  expect(text).toMatch(message);
  expect(readdirSync(scratch())).toEqual(before);
}

/** Runs a command that must succeed, whatever it warns of. */
async function succeedsQuietly(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await unet(args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}
