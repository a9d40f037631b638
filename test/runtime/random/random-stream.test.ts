import { expect, it } from 'vitest';
import { randomStream } from '../../../runtime/random/random-stream.js';

it('addNormals adds the numbers that normal gives, wherever the stream stands', () => {
  const [fast, slow] = [randomStream(3, 'a'), randomStream(3, 'a')];
  for (const length of [0, 1, 2, 3, 0, 5, 8, 1, 7]) {
    const start = Float32Array.from({ length }, (_, k) => k - 2);
    const added = start.slice();
    fast.addNormals(added, 0.3);
    expect(added).toEqual(start.map((value) => value + 0.3 * slow.normal()));
    if (length > 3) expect(fast.normal()).toBe(slow.normal());
    expect(fast.uniform()).toBe(slow.uniform());
  }
});
