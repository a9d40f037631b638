/** Files that Debian's PyTorch and NumPy wrote (`record.py`), in which every tensor holds 1, 2, 3, ... */
import {
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { UserError } from '../../../runtime/errors/user-error.js';
import { openWeights, type WeightsFile } from '../../../runtime/weights/open-weights.js';

const recorded = (name: string): string => path.join(import.meta.dirname, 'recorded', name);
const scratch = mkdtempSync(path.join(tmpdir(), 'unet-weights-'));
afterAll(() => rmSync(scratch, { recursive: true }));

async function open<T>(file: string, use: (weights: WeightsFile) => Promise<T> | T): Promise<T> {
  const weights = await openWeights(file);
  try {
    return await use(weights);
  } finally {
    weights.close();
  }
}

/** Shape and values of each tensor. */
function contentOf(file: string): Promise<Record<string, unknown>> {
  return open(file, async ({ tensors }) => {
    const content: Record<string, unknown> = {};
    for (const [name, tensor] of tensors) {
      const { shape, data } = await tensor.read();
      content[name] = [tensor.type, shape, Array.from(data as Iterable<number | bigint>, Number)];
    }
    return content;
  });
}

async function refusal(file: string): Promise<UserError> {
  const error: unknown = await contentOf(file).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toContain(`\`${file}\``);
  return error as UserError;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const whole = (type: string) => [type, [2, 3], upTo(6)];
const types = {
  float64: whole('F64'),
  float32: whole('F32'),
  float16: whole('F16'),
  bfloat16: whole('BF16'),
  int64: whole('I64'),
  int32: whole('I32'),
  int16: whole('I16'),
  int8: whole('I8'),
  uint8: whole('U8'),
  bool: ['BOOL', [2], [1, 0]],
  scalar: ['F32', [], [7]],
  empty: ['F32', [0, 4], []],
};
const views = {
  base: ['F32', [4, 6], upTo(24)],
  transposed: ['F32', [6, 4], upTo(6).flatMap((row) => [row, row + 6, row + 12, row + 18])],
  part: ['F32', [2, 3], [9, 10, 11, 15, 16, 17]],
  every_second: ['F32', [4, 3], upTo(12).map((each) => 2 * each - 1)],
  broadcast: ['F32', [3, 2], upTo(6).map(() => 1)],
  channels_last: ['F32', [1, 2, 3, 2], upTo(12)],
};

describe('a file of PyTorch', () => {
  it.each(['types.pt', 'types-legacy.pt'])('%s: reads every type', async (name) => {
    expect(await contentOf(recorded(name))).toEqual(types);
  });

  // `broadcast` is [1, 1] expanded along its second axis: [3, 2] in row-major order.
  it.each(['views.pt', 'views-legacy.pt'])('%s: reads views that share a storage', async (name) => {
    expect(await contentOf(recorded(name))).toEqual(views);
  });

  it('reads parameters as their tensors', async () => {
    expect(await contentOf(recorded('parameters.pt'))).toEqual({
      weight: ['F32', [2, 2], upTo(4)],
      other: ['F32', [2], upTo(2)],
    });
  });

  it('finds the weights of a checkpoint of nnU-Net', async () => {
    await open(recorded('nnunet.pth'), async ({ tensors, path: keys, prefix }) => {
      expect({ keys, prefix }).toEqual({ keys: ['network_weights'], prefix: '' });
      expect([...tensors].map(([name, { type, shape }]) => [name, type, shape])).toEqual([
        ['conv.weight', 'F32', [2, 1, 3, 3, 3]],
        ['norm.weight', 'F32', [2]],
        ['norm.bias', 'F32', [2]],
        ['norm.running_mean', 'F32', [2]],
        ['norm.running_var', 'F32', [2]],
        ['norm.num_batches_tracked', 'I64', []],
        ['head.weight', 'F32', [2, 2, 1, 1, 1]],
        ['head.bias', 'F32', [2]],
      ]);
      expect([...(await tensors.get('conv.weight')!.read()).data]).toEqual(upTo(54));
    });
  });

  it('finds nested weights and removes the prefixes of wrappers', async () => {
    await open(recorded('wrapped.pt'), ({ tensors, path: keys, prefix }) => {
      expect({ keys, prefix }).toEqual({ keys: ['model_state_dict'], prefix: 'module._orig_mod.' });
      expect([...tensors.keys()][0]).toBe('conv.weight');
    });
  });

  it('lists a tensor of an unsupported type and refuses to read it', async () => {
    await open(recorded('complex.pt'), async ({ tensors }) => {
      expect((await tensors.get('a')!.read()).data).toEqual(Float32Array.of(1, 2));
      await expect(tensors.get('real')!.read()).rejects.toThrow(/complex64, which cannot be read/);
    });
  });

  it.each(['evil.pt', 'evil-legacy.pt'])('%s: names what it asks for, and runs nothing', async (name) => {
    const { code, message } = await refusal(recorded(name));
    expect({ code, message }).toEqual({
      code: 'UNET6171',
      message: `\`${recorded(name)}\` asks for \`posix.system\`, which is not needed for weights. Nothing was run.`,
    });
    expect(existsSync('/tmp/unet-was-here')).toBe(false);
  });

  it('names the class of a whole model', async () => {
    expect((await refusal(recorded('whole-model.pt'))).message).toContain('asks for `__main__.Net`');
  });

  it('refuses what a big-endian machine saved', async () => {
    for (const name of ['big-endian.pt', 'big-endian-legacy.pt']) {
      expect((await refusal(recorded(name))).message).toMatch(/saved on a big-endian machine/);
    }
  });

  it.each(['types.pt', 'types-legacy.pt'])('%s: reports any place where it is cut off', async (name) => {
    const bytes = readFileSync(recorded(name));
    const file = path.join(scratch, name);
    for (let length = 200; length < bytes.length; length += 307) {
      writeFileSync(file, bytes.subarray(0, length));
      const { code, message } = await refusal(file);
      expect([length, code]).toEqual([length, 'UNET6170']);
      expect(message).toMatch(/truncated/);
    }
  });

  it.each(['types.pt', 'types-legacy.pt', 'nnunet.pth'])(
    '%s: refuses changed bytes, or reads the same',
    async (name) => {
      const bytes = readFileSync(recorded(name));
      const file = path.join(scratch, `changed-${name}`);
      for (let place = 0; place < bytes.length; place += 61) {
        const changed = Buffer.from(bytes);
        changed[place] = changed[place]! ^ (1 << (place % 8));
        writeFileSync(file, changed);
        const error: unknown = await contentOf(file).then(
          () => undefined,
          (caught: unknown) => caught,
        );
        if (error !== undefined) expect([place, error]).toEqual([place, expect.any(UserError)]);
      }
    },
  );
});

/** A file of 2 GiB that takes no space, with `head` at its start. */
function sparse(name: string, head: Uint8Array): string {
  const file = path.join(scratch, name);
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, head);
  ftruncateSync(descriptor, 2 ** 31);
  closeSync(descriptor);
  return file;
}

describe('a truncated file of 2 GiB', () => {
  const header = JSON.stringify({ a: { dtype: 'F32', shape: [2 ** 30], data_offsets: [0, 2 ** 32] } });
  const safetensors = Buffer.alloc(8 + header.length);
  safetensors.writeBigUInt64LE(BigInt(header.length));
  safetensors.write(header, 8);

  it.each([
    ['a.safetensors', safetensors, 'UNET6051'],
    ['a.pt', readFileSync(recorded('types.pt')).subarray(0, 1000), 'UNET6170'],
    ['a-legacy.pt', readFileSync(recorded('types-legacy.pt')).subarray(0, 900), 'UNET6170'],
    ['a.npz', readFileSync(recorded('plain.npz')).subarray(0, 500), 'UNET6170'],
  ])('%s is refused without reading it', async (name, head, code) => {
    const before = process.memoryUsage().arrayBuffers;
    const error = await refusal(sparse(name, head));
    expect(error.code).toBe(code);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
  });
});

const arrays = {
  plain: ['F32', [2, 3], upTo(6)],
  fortran: ['F64', [2, 3], upTo(6)],
  half: ['F16', [3], upTo(3)],
  scalar: ['F32', [], [7]],
  int: ['I64', [3], upTo(3)],
};

describe('an archive of NumPy', () => {
  it.each(['plain.npz', 'packed.npz'])('%s: reads its arrays', async (name) => {
    expect(await contentOf(recorded(name))).toEqual(arrays);
  });

  it('lists arrays of other types and refuses to read them', async () => {
    await open(recorded('foreign.npz'), async ({ tensors }) => {
      await expect(tensors.get('big')!.read()).rejects.toThrow(/has the type >f4/);
      await expect(tensors.get('objects')!.read()).rejects.toThrow(/has the type \|O/);
    });
  });

  it('reports damage by its checksum', async () => {
    const bytes = readFileSync(recorded('plain.npz'));
    const place = bytes.indexOf(Buffer.from(Float32Array.of(1, 2, 3).buffer));
    bytes[place] = 1;
    const file = path.join(scratch, 'damaged.npz');
    writeFileSync(file, bytes);
    expect((await refusal(file)).message).toContain('`plain.npy` in it does not match its checksum');
  });
});

describe('An archive made to do harm', () => {
  /** The recorded archive with its entries changed, packed. */
  function changed(name: string, change: (entries: Record<string, Uint8Array>) => void): string {
    const entries = unzipSync(readFileSync(recorded(name)));
    change(entries);
    const file = path.join(scratch, `harmful-${name}`);
    writeFileSync(file, zipSync(entries, { level: 9 }));
    return file;
  }

  it('may name a type of values like a property of objects', async () => {
    const file = changed('plain.npz', (entries) => {
      for (const [name, bytes] of Object.entries(entries)) {
        const text = Buffer.from(bytes).toString('latin1');
        entries[name] = Buffer.from(text.replace(/'descr': '[^']*',/, "'descr': 'constructor',"), 'latin1');
      }
    });
    expect((await refusal(file)).code).toBe('UNET6068');
  });

  it.each([
    ['plain.npz', /\.npy$/],
    ['views.pt', /data\/0$/],
  ])('is not unpacked far beyond what %s needs', async (name, entry) => {
    const file = changed(name, (entries) => {
      const large = Object.keys(entries).find((each) => entry.test(each))!;
      entries[large] = Buffer.concat([entries[large]!, Buffer.alloc(2 ** 22)]);
    });
    const error = await refusal(file);
    expect(error.code).toBe('UNET6170');
    expect(error.message).toContain('the maximum is');
  });
});
