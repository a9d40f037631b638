import { describe, expect, it } from 'vitest';
import type { Network } from '../../../../compiler/ir/ir.js';
import { weightsOf } from '../../../../compiler/ir/ir.js';
import { markConditionalUse } from '../../../../compiler/ir/passes/mark-conditional-use.js';
import { removeUnreached } from '../../../../compiler/ir/passes/remove-unreached.js';
import { verify } from '../../../../compiler/ir/verify.js';
import { allKinds } from '../../emit/tfjs/all-kinds.js';
import { NetworkBuilder } from '../../network-builder.js';

function picked(): Network {
  const net = new NetworkBuilder();
  const scan = net.image('scan', ['T1w'], ['D']);
  const site = net.identifier('site', 3);
  const table = net.param('table', { N: 3, C: 4 });
  const fallback = net.param('fallback', { C: 4 });
  const both = net.param('both', { N: 3, C: 4 });
  const x = net.conv(scan, 'x', 4, 3);
  const row = net.op('pick', 'row', { count: 3 }, [table, site, fallback]);
  const other = net.op('pick', 'other', { count: 3 }, [both, site]);
  const direct = net.op('reduce', 'direct', { function: 'sum', over: ['N'] }, [both]);
  const sum = net.binary('+', 'sum', net.binary('+', 'a', x, row), net.binary('+', 'b', other, direct));
  net.conv(x, 'dead', 7, 3);
  return net.output('mask', ['a', 'b', 'c', 'd'], sum).network();
}

describe('removeUnreached', () => {
  it('drops what no output needs, and only that', () => {
    const before = picked();
    const after = removeUnreached(before);
    expect(before.ops.map(({ id }) => id).filter((id) => !after.ops.some((op) => op.id === id))).toEqual(['dead']);
    expect(verify(after)).toEqual([]);
    expect(removeUnreached(after)).toEqual(after);
  });

  it('keeps the owner of shared weights and auxiliary outputs', () => {
    expect(removeUnreached(allKinds()).ops).toEqual(allKinds().ops);
    const net = new NetworkBuilder();
    const scan = net.image('scan', ['T1w'], ['D']);
    net.conv(scan, 'owner', 1, 3);
    const user = net.conv(scan, 'user', 1, 3, {}, { sharedWith: 'owner' });
    const after = removeUnreached(net.output('mask', ['a'], user).network());
    expect(after.ops.map(({ id }) => id)).toEqual(['scan', 'owner', 'user']);
    expect(verify(after)).toEqual([]);
  });
});

describe('markConditionalUse', () => {
  it('says when a table and its fallback take part, and marks nothing else', () => {
    const after = markConditionalUse(picked());
    expect(verify(after)).toEqual([]);
    const uses = Object.fromEntries(weightsOf(after).map(({ id, usedWhen }) => [id, usedWhen]));
    expect(uses).toMatchObject({
      table: { input: 'site', given: true },
      fallback: { input: 'site', given: false },
    });
    expect([uses['both'], uses['x.weight']]).toEqual([undefined, undefined]);
  });
});
