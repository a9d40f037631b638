import { totalmem } from 'node:os';

/** The memory limit of the container; 0 and numbers beyond any machine mean that there is no limit. */
const allowed = process.constrainedMemory();

/** The maximum amount of freed memory that is kept for reuse. */
const LIMIT_BYTES = Math.min(totalmem(), allowed > 0 ? allowed : Infinity) / 4;

/**
 * Memory of freed tensors, by length, for new tensors of the same length: a step creates the same tensors again and
 * again, and memory fresh from the system costs more than most kernels.
 */
export class BufferPool {
  private readonly free = new Map<number, Float32Array[]>();
  /** Arrays that were created here and are not known outside the backend. */
  private readonly own = new WeakSet<object>();
  private heldBytes = 0;

  take(length: number): Float32Array {
    const array = this.free.get(length)?.pop();
    if (array !== undefined) {
      this.heldBytes -= array.byteLength;
      return array;
    }
    const fresh = new Float32Array(length);
    this.own.add(fresh);
    return fresh;
  }

  /** Forgets an array that others may reference: it is never reused. */
  disown(array: object): void {
    this.own.delete(array);
  }

  isOwn(array: object): boolean {
    return this.own.has(array);
  }

  /** Takes back an array once its tensor is disposed of. */
  giveBack(array: object): void {
    if (!(array instanceof Float32Array) || !this.own.has(array)) return;
    if (this.heldBytes + array.byteLength > LIMIT_BYTES) return;
    this.heldBytes += array.byteLength;
    const list = this.free.get(array.length);
    if (list === undefined) this.free.set(array.length, [array]);
    else list.push(array);
  }

  /** Releases all memory kept for reuse. */
  clear(): void {
    this.free.clear();
    this.heldBytes = 0;
  }
}
