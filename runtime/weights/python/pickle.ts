/**
 * Reads Python's pickle format, protocols 0 to 5 (https://github.com/python/cpython/blob/main/Lib/pickletools.py), into
 * plain data. A pickle is a program for a stack machine that may name any function of Python to be called. This machine
 * has no functions but those of the caller's allow list, which only construct data.
 */
import { PythonGlobal, type PythonValue, type Stateful } from './values.js';
import type { PickleBytes } from './pickle-bytes.js';
import { PickleError } from './pickle-error.js';

/** The world of a pickle. */
export interface PickleHost {
  /** The class or function of this name. @throws if it is not allowed */
  find(module: string, name: string): PythonValue;
  /** An object outside the pickle, which it names. @throws if there are none */
  load(id: PythonValue): PythonValue;
}

/** Operations that a pickle may take; the checkpoint of a thousand tensors takes about a hundred thousand. */
const mostOperations = 5_000_000;

/** Bytes of the largest whole number. */
const largestNumber = 1024;

/** The stack's mark. */
const MARK = Symbol('mark');
type Slot = PythonValue | typeof MARK;

function isStateful(value: Slot): value is Slot & Stateful {
  return typeof value === 'object' && value !== null && 'setState' in value;
}

/** A little-endian two's complement number; exact numbers as `number`. */
function wholeNumber(bytes: Uint8Array): number | bigint {
  if (bytes.length > largestNumber) throw new PickleError(`it contains a number of ${bytes.length} bytes`);
  const hex = Buffer.from(bytes).reverse().toString('hex');
  return exact(BigInt.asIntN(8 * bytes.length, BigInt(hex === '' ? 0 : `0x${hex}`)));
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Python's encoding `raw-unicode-escape`: Latin-1, with escapes for every other character. */
function unescaped(line: string): string {
  return line.replace(/\\u([0-9a-f]{4})|\\U([0-9a-f]{8})/gi, (text, short?: string, long?: string) => {
    const point = parseInt(short ?? long ?? '', 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : text;
  });
}

/** The stack machine, for one pickle. */
class Machine {
  private readonly stack: Slot[] = [];
  /** Where each mark lies, so that finding one takes no search. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PythonValue>();

  constructor(
    private readonly bytes: PickleBytes,
    private readonly host: PickleHost,
  ) {}

  run(): PythonValue {
    for (let count = 0; count < mostOperations; count++) {
      const code = this.bytes.byte();
      if (code === 0x2e) return this.pop();
      this.step(code);
    }
    throw new PickleError(`it has more than ${mostOperations} operations`);
  }

  private push(value: PythonValue): void {
    this.stack.push(value);
  }

  private pop(): PythonValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) throw new PickleError('it takes a value from an empty stack');
    return value;
  }

  private top(): PythonValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) throw new PickleError('it uses a value of an empty stack');
    return value;
  }

  /** The values above the last mark, which is removed too. */
  private popMark(): PythonValue[] {
    const place = this.marks.pop();
    if (place === undefined || this.stack[place] !== MARK) throw new PickleError('it uses a mark that is not there');
    const values = this.stack.slice(place + 1) as PythonValue[];
    this.stack.length = place;
    return values;
  }

  private popText(): string {
    const text = this.pop();
    if (typeof text !== 'string') throw new PickleError('a name in it is not a string');
    return text;
  }

  private remember(place: number): void {
    this.memo.set(place, this.top());
  }

  private recall(place: number): void {
    const value = this.memo.get(place);
    if (value === undefined) throw new PickleError(`it recalls the value ${place}, which it never stored`);
    this.push(value);
  }

  private call(callee: PythonValue, values: PythonValue): PythonValue {
    if (!(callee instanceof PythonGlobal)) throw new PickleError('it calls a value that is not a function');
    if (!Array.isArray(values)) throw new PickleError(`it calls \`${callee.name}\` without a tuple of arguments`);
    if (callee.call === undefined) throw new PickleError(`it calls \`${callee.name}\`, which only names a type`);
    return callee.call(values);
  }

  private setItems(values: readonly PythonValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map)) throw new PickleError('it sets items of a value that is not a dictionary');
    if (values.length % 2 !== 0) throw new PickleError('a dictionary in it has a key without a value');
    for (let index = 0; index < values.length; index += 2) dictionary.set(values[index]!, values[index + 1]!);
  }

  private append(values: readonly PythonValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new PickleError('it appends to a value that is not a list');
    for (const value of values) list.push(value);
  }

  private add(values: readonly PythonValue[]): void {
    const set = this.top();
    if (!(set instanceof Set)) throw new PickleError('it adds to a value that is not a set');
    for (const value of values) set.add(value);
  }

  /** Gives an object its state. A dictionary of Python may have attributes too, which are dropped. */
  private build(): void {
    const state = this.pop();
    const object = this.top();
    if (isStateful(object)) object.setState(state);
    else if (!(object instanceof Map)) throw new PickleError('it sets the state of a value that has none');
  }

  private dictionaryOf(values: readonly PythonValue[]): void {
    this.push(new Map());
    this.setItems(values);
  }

  /** Protocol 0 writes whole numbers as text; `00` and `01` are booleans. */
  private numberText(text: string): PythonValue {
    if (text === '00' || text === '01') return text === '01';
    if (!/^-?\d{1,2000}L?$/.test(text)) throw new PickleError('a number in it is malformed');
    return exact(BigInt(text.replace('L', '')));
  }

  private floatText(text: string): number {
    const value = Number(text.replace(/^(-?)inf$/, '$1Infinity'));
    if (text.trim() === '' || (Number.isNaN(value) && text !== 'nan')) {
      throw new PickleError('a number in it is malformed');
    }
    return value;
  }

  private step(code: number): void {
    const { bytes } = this;
    switch (String.fromCharCode(code)) {
      case '\x80': {
        const protocol = bytes.byte();
        if (protocol > 5) throw new PickleError(`its protocol is ${protocol}; 0 to 5 are known`);
        return;
      }
      case '\x95': // FRAME
        bytes.count(8);
        return;
      case '(':
        this.marks.push(this.stack.length);
        this.stack.push(MARK);
        return;
      case '0': // POP, also of a mark
        if (this.stack.at(-1) === MARK) this.popMark();
        else this.pop();
        return;
      case '1':
        this.popMark();
        return;
      case '2':
        return this.push(this.top());
      case 'N':
        return this.push(null);
      case '\x88':
        return this.push(true);
      case '\x89':
        return this.push(false);
      case 'I':
      case 'L':
        return this.push(this.numberText(bytes.line()));
      case 'F':
        return this.push(this.floatText(bytes.line()));
      case 'J':
        return this.push(bytes.take(4).readInt32LE());
      case 'K':
        return this.push(bytes.byte());
      case 'M':
        return this.push(bytes.take(2).readUInt16LE());
      case 'G':
        return this.push(bytes.take(8).readDoubleBE());
      case '\x8a':
        return this.push(wholeNumber(bytes.take(bytes.byte())));
      case '\x8b':
        return this.push(wholeNumber(bytes.take(bytes.count(4))));
      case 'V':
        return this.push(unescaped(bytes.line()));
      case 'S': // Strings of Python 2 are text here, as `encoding="latin1"` reads them.
        return this.push(bytes.line().replace(/^(['"])(.*)\1$/, '$2'));
      case 'U':
        return this.push(bytes.take(bytes.byte()).toString('latin1'));
      case 'T':
        return this.push(bytes.take(bytes.count(4)).toString('latin1'));
      case 'X':
        return this.push(bytes.take(bytes.count(4)).toString('utf8'));
      case '\x8c':
        return this.push(bytes.take(bytes.byte()).toString('utf8'));
      case '\x8d':
        return this.push(bytes.take(bytes.count(8)).toString('utf8'));
      case 'C':
        return this.push(bytes.take(bytes.byte()));
      case 'B':
        return this.push(bytes.take(bytes.count(4)));
      case '\x8e':
      case '\x96':
        return this.push(bytes.take(bytes.count(8)));
      case ']':
      case ')':
        return this.push([]);
      case 'l':
      case 't':
        return this.push(this.popMark());
      case '\x85':
        return this.push([this.pop()]);
      case '\x86': {
        const second = this.pop();
        return this.push([this.pop(), second]);
      }
      case '\x87': {
        const third = this.pop();
        const second = this.pop();
        return this.push([this.pop(), second, third]);
      }
      case 'a':
        return this.append([this.pop()]);
      case 'e':
        return this.append(this.popMark());
      case '}':
        return this.push(new Map());
      case 'd':
        return this.dictionaryOf(this.popMark());
      case 's': {
        const value = this.pop();
        return this.setItems([this.pop(), value]);
      }
      case 'u':
        return this.setItems(this.popMark());
      case '\x8f':
        return this.push(new Set());
      case '\x90':
        return this.add(this.popMark());
      case '\x91':
        return this.push(new Set(this.popMark()));
      case 'p':
        return this.remember(Number(this.numberText(bytes.line())));
      case 'q':
        return this.remember(bytes.byte());
      case 'r':
        return this.remember(bytes.count(4));
      case '\x94':
        return this.remember(this.memo.size);
      case 'g':
        return this.recall(Number(this.numberText(bytes.line())));
      case 'h':
        return this.recall(bytes.byte());
      case 'j':
        return this.recall(bytes.count(4));
      case 'c':
        return this.push(this.host.find(bytes.line(), bytes.line()));
      case '\x93': {
        const name = this.popText();
        return this.push(this.host.find(this.popText(), name));
      }
      case 'R': // REDUCE and NEWOBJ: a function or class and its arguments
      case '\x81': {
        const values = this.pop();
        return this.push(this.call(this.pop(), values));
      }
      case 'i': {
        const found = this.host.find(bytes.line(), bytes.line());
        return this.push(this.call(found, this.popMark()));
      }
      case 'o': {
        const [callee = null, ...values] = this.popMark();
        return this.push(this.call(callee, values));
      }
      case 'b':
        return this.build();
      case 'P':
        return this.push(this.host.load(bytes.line()));
      case 'Q':
        return this.push(this.host.load(this.pop()));
      default:
        throw new PickleError(`its operation 0x${code.toString(16).padStart(2, '0')} is unknown or not supported`);
    }
  }
}

/**
 * Reads one pickle; `bytes` is then at the byte after it.
 * @throws PickleError for an invalid pickle; what `host` throws
 */
export function unpickle(bytes: PickleBytes, host: PickleHost): PythonValue {
  return new Machine(bytes, host).run();
}
