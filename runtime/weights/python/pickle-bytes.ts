import type { ByteSource } from '../../files/byte-source.js';
import { PickleError } from './pickle-error.js';

/** Bytes read from the source at a time. */
const window = 2 ** 16;

/** Bytes of the longest line of an operation that is written in letters. */
const longestLine = 2 ** 20;

/** The bytes of a pickle, from a place in a source on; only what the pickle uses is read. */
export class PickleBytes {
  private buffer: Buffer = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly source: ByteSource,
    /** The place of the next byte. */
    public place: number,
  ) {}

  /** A copy of the next bytes. */
  take(length: number): Buffer {
    if (length > this.source.size - this.place) throw new PickleError('it ends in the middle (the file is truncated)');
    const begin = this.place - this.start;
    const bytes =
      begin >= 0 && begin + length <= this.buffer.length
        ? Buffer.from(this.buffer.subarray(begin, begin + length))
        : this.source.read(this.place, length);
    this.place += length;
    return bytes;
  }

  byte(): number {
    const begin = this.place - this.start;
    if (begin < 0 || begin >= this.buffer.length) this.fill();
    const byte = this.buffer[this.place - this.start];
    if (byte === undefined) throw new PickleError('it ends in the middle (the file is truncated)');
    this.place++;
    return byte;
  }

  /** A little-endian count of `width` bytes. */
  count(width: 4 | 8): number {
    const bytes = this.take(width);
    const value = width === 4 ? bytes.readUInt32LE() : Number(bytes.readBigUInt64LE());
    if (!Number.isSafeInteger(value)) throw new PickleError('a length in it is too large');
    return value;
  }

  /** The text up to the next line break, which is skipped; each byte is a character. */
  line(): string {
    const bytes: number[] = [];
    for (let byte = this.byte(); byte !== 0x0a; byte = this.byte()) {
      if (bytes.length === longestLine) throw new PickleError('a line in it is too long');
      bytes.push(byte);
    }
    return Buffer.from(bytes).toString('latin1');
  }

  private fill(): void {
    this.start = this.place;
    this.buffer = this.source.read(this.place, window);
  }
}
