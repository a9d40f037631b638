import { describe, expect, it } from 'vitest';
import { decide } from '../../../runtime/inference/decide.js';

const label = (name: string, ...values: number[]) => ({ name, values });

/** [labels][voxels] as a tensor of one spatial axis. */
function tensor(rows: readonly (readonly number[])[]) {
  return { data: Float32Array.from(rows.flat()), shape: [rows.length, rows[0]!.length] };
}

describe('classes', () => {
  it('are the most probable one, the earlier of two equal', () => {
    const output = { kind: 'classes', labels: [label('none', 0), label('edema', 1), label('core', 2)] } as const;
    const decided = decide(
      tensor([
        [0.6, 0.1, 0.2, 0.4],
        [0.3, 0.7, 0.2, 0.4],
        [0.1, 0.2, 0.6, 0.2],
      ]),
      output,
    );
    expect(decided).toEqual({ data: Uint8Array.from([0, 1, 2, 0]), shape: [4] });
  });
});

describe('regions', () => {
  const nested = {
    kind: 'regions',
    labels: [label('whole', 1, 2, 3), label('core', 2, 3), label('active', 3)],
  } as const;

  it('become the value that lies in exactly those regions', () => {
    const decided = decide(
      tensor([
        [0.5, 0.9, 0.9, 0.9],
        [0.1, 0.2, 0.8, 0.6],
        [0, 0.1, 0.3, 0.9],
      ]),
      nested,
    );
    expect([...decided.data]).toEqual([0, 1, 2, 3]);
  });

  it('are painted in declared order where no value has their combination', () => {
    const decided = decide(
      tensor([
        [0.1, 0.9],
        [0.8, 0.1],
        [0.1, 0.9],
      ]),
      nested,
    );
    expect([...decided.data]).toEqual([2, 3]);
  });

  it('may cross each other', () => {
    const crossing = { kind: 'regions', labels: [label('left', 1, 3), label('right', 2, 3)] } as const;
    const decided = decide(
      tensor([
        [0.9, 0.1, 0.9],
        [0.1, 0.9, 0.9],
      ]),
      crossing,
    );
    expect([...decided.data]).toEqual([1, 2, 3]);
  });

  it('with several values that cannot be told apart become the lowest', () => {
    const two = { kind: 'regions', labels: [label('whole', 1, 2, 3), label('core', 2, 3)] } as const;
    expect([
      ...decide(
        tensor([
          [0.9, 0.9],
          [0.9, 0.1],
        ]),
        two,
      ).data,
    ]).toEqual([2, 1]);
  });
});
