import { totalmem } from 'node:os';

/** What a container allows; 0 and numbers beyond any machine say that there is no limit. */
const allowed = process.constrainedMemory();

/** Most memory that freed tensors may hold for the next ones. */
const LIMIT_BYTES = Math.min(totalmem(), allowed > 0 ? allowed : Infinity) / 4;

/**
 * Memory of freed tensors, by length, for the next tensors of that length: a step makes the same ones again and again,
 * and memory fresh from the system costs more than most kernels.
 */
export class BufferPool {
  private readonly free = new Map<number, Float32Array[]>();
  /** Arrays that we made, and that nobody outside of the backend has seen. */
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

  /** Forgets an array that others may look into: it is never given out again. */
  disown(array: object): void {
    this.own.delete(array);
  }

  isOwn(array: object): boolean {
    return this.own.has(array);
  }

  /** Takes an array back once its tensor is gone. */
  giveBack(array: object): void {
    if (!(array instanceof Float32Array) || !this.own.has(array)) return;
    if (this.heldBytes + array.byteLength > LIMIT_BYTES) return;
    this.heldBytes += array.byteLength;
    const list = this.free.get(array.length);
    if (list === undefined) this.free.set(array.length, [array]);
    else list.push(array);
  }

  /** Lets go of all memory that is held for later. */
  clear(): void {
    this.free.clear();
    this.heldBytes = 0;
  }
}
