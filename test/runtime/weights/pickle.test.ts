import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../runtime/files/byte-source.js';
import { findAllowed, storageOf } from '../../../runtime/weights/python/allowed.js';
import { PickleBytes } from '../../../runtime/weights/python/pickle-bytes.js';
import { PickleError } from '../../../runtime/weights/python/pickle-error.js';
import { unpickle } from '../../../runtime/weights/python/pickle.js';
import type { NumpyArray } from '../../../runtime/weights/python/values.js';
import { type PythonValue } from '../../../runtime/weights/python/values.js';

/** The refusal of a name. */
class Refused extends Error {}

const host = {
  find(module: string, name: string): PythonValue {
    const found = findAllowed(module, name);
    if (found === undefined) throw new Refused(`${module}.${name}`);
    return found;
  },
  load: storageOf,
};

function read(bytes: Uint8Array): PythonValue {
  return unpickle(new PickleBytes(bytesSource(bytes), 0), host);
}

const text = (code: string): Uint8Array => Buffer.from(code, 'latin1');

describe('unpickle', () => {
  it.each([0, 1, 2, 3, 4, 5])('reads every kind of value in protocol %i', (protocol) => {
    const value = read(readFileSync(path.join(import.meta.dirname, `recorded/protocol${protocol}.pkl`)));
    expect(Array.isArray(value)).toBe(true);
    const values = value as PythonValue[];
    // Python 3 writes bytes before protocol 3 as a call of `_codecs.encode`, and a bytearray before 5 as another one.
    expect(values.slice(0, 15)).toEqual([
      ...[null, true, false, 1, -1, 255, 65536, -(2 ** 31), 2 ** 40, 2n ** 70n, -(2n ** 70n), 0.5, -1e300],
      ...['text', 'ü'],
    ]);
    expect(Buffer.from(values[15] as Uint8Array)).toEqual(Buffer.from([0, 255]));
    expect(values.slice(16, 21)).toEqual([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]);
    expect(values.slice(21, 26)).toEqual([
      new Map([['a', [1, new Map([['b', 2]])]]]),
      new Set([1, 2]),
      new Set([3]),
      new Map([['k', 'v']]),
      new Map([['d', [1]]]),
    ]);
    expect(Buffer.from(values[26] as Uint8Array).toString()).toBe('ab');
    const [array, scalar, again] = values.slice(27) as NumpyArray[];
    expect([array!.shape, array!.type.element, new Float32Array(Uint8Array.from(array!.bytes).buffer)]).toEqual([
      [3],
      'F32',
      Float32Array.of(0, 1, 2),
    ]);
    expect(new Float64Array(Uint8Array.from(scalar!.bytes).buffer)).toEqual(Float64Array.of(2.5));
    expect(again).toBe(array);
  });

  it.each([
    ['GLOBAL', 'cos\nsystem\n.', 'os.system'],
    ['INST', "(S'ls'\nios\nsystem\n.", 'os.system'],
    ['STACK_GLOBAL', '\x8c\x08builtins\x8c\x04eval\x93.', 'builtins.eval'],
    ['an attribute of what is allowed', 'ctorch\nload\n.', 'torch.load'],
    ['a dotted name', '\x8c\x05torch\x8c\x0cSize.__new__\x93.', 'torch.Size.__new__'],
    ['a property of objects', 'ctorch\nconstructor\n.', 'torch.constructor'],
    ['a storage of another module', 'cos\nFloatStorage\n.', 'os.FloatStorage'],
  ])('refuses a name that is not allowed: %s', (_, code, name) => {
    expect(() => read(text(code))).toThrow(new Refused(name));
  });

  it.each([
    ['an unknown operation', '\x00', /operation 0x00/],
    ['an extension', '\x82\x01.', /operation 0x82/],
    ['a buffer outside', '\x97.', /operation 0x97/],
    ['a later protocol', '\x80\x06N.', /protocol is 6/],
    ['an empty stack', '.', /empty stack/],
    ['a mark that is not there', 't.', /mark/],
    ['a value below a mark', 'N(R.', /empty stack/],
    ['a value that was never stored', 'h\x07.', /never stored/],
    ['a call of a number', 'K\x01)R.', /not a function/],
    ['a call of a type', 'cnumpy\nndarray\n)R.', /only names a type/],
    ['a call without a tuple', 'ctorch\nSize\nNR.', /without a tuple/],
    ['a long number', '\x8b\xff\xff\x00\x00', /truncated/],
    ['a string beyond the end', '\x8d\xff\xff\xff\xff\xff\xff\x00\x00a.', /truncated/],
    ['items of a list', ']NNs.', /not a dictionary/],
    ['a tensor beyond its storage', tensorCode(2, 3), /reaches beyond its storage/],
    ['a tensor with a negative size', tensorCode(9, -1), /invalid arguments/],
  ])('reports %s', (_, code, fault) => {
    expect(() => read(text(code))).toThrow(fault);
    expect(() => read(text(code))).toThrow(PickleError);
  });

  it('reads a nest a million deep, and a value that contains itself many times, without effort', () => {
    const deep = read(Buffer.concat([Buffer.alloc(1_000_000, ']'), Buffer.alloc(999_999, 'a'), text('.')]));
    expect(Array.isArray(deep)).toBe(true);
    const doubled = `]${'q\x00]h\x00ah\x00a'.repeat(100)}.`;
    expect(Array.isArray(read(text(doubled)))).toBe(true);
  });

  it('stops at five million operations', () => {
    expect(() => read(Buffer.alloc(5_000_001, 'N'))).toThrow(/more than 5000000 operations/);
  });

  it('reads or refuses any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          read(bytes);
        } catch (error) {
          expect(error instanceof PickleError || error instanceof Refused).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** A tensor of `size` values whose storage has `count`. */
function tensorCode(count: number, size: number): string {
  const id = `(S'storage'\nctorch\nFloatStorage\nS'0'\nS'cpu'\nI${count}\ntQ`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${id}I0\n(I${size}\nt(I1\ntI00\nNtR.`;
}
