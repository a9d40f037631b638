/**
 * Numbers drawn from a name, bit for bit as `record/draw.py` draws them: weights and images of the recorded cases need
 * no place in a file.
 */

/** FNV-1a, 32 bits, over ASCII. */
function seedOf(name: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
  return state;
}

/** `count` integers of 32 bits: the finaliser of MurmurHash3 over seed + i * golden ratio. */
export function drawBits(name: string, count: number): Uint32Array {
  const seed = seedOf(name);
  const bits = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    let x = (seed + Math.imul(index, 0x9e3779b9)) >>> 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    bits[index] = x ^ (x >>> 16);
  }
  return bits;
}

/** Values in [centre - spread, centre + spread). */
export function drawUniform(name: string, count: number, centre: number, spread: number): Float32Array {
  const bits = drawBits(name, count);
  const values = new Float32Array(count);
  for (let index = 0; index < count; index++) values[index] = centre + spread * ((bits[index]! >>> 8) / 2 ** 23 - 1);
  return values;
}
