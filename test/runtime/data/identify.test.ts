import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../runtime/data/dataset.js';
import { identifyCases } from '../../../runtime/data/identify.js';
import { describeModel, temporaryFolder, tinySet, userErrorOf } from './make.js';

const root = temporaryFolder();
const table = 'case,site\nCASE_00,west\nCASE_01,\nCASE_02,east\nCASE_03,west\n';
const dataset = await openDataset(tinySet(join(root, 'set'), { cases: 4, table }));
const column = (name: string) => [{ input: 'site', source: { kind: 'column', name } }] as const;
const hash = [{ input: 'site', source: { kind: 'hash_case' } }] as const;

describe('identifyCases', () => {
  it('numbers a column’s values by name; an empty cell is none', () => {
    const { inputs } = identifyCases(dataset, describeModel(), column('site'));
    expect(inputs['site']).toEqual({
      source: 'column',
      names: ['east', 'west'],
      byCase: { CASE_00: 1, CASE_01: -1, CASE_02: 0, CASE_03: 1 },
      written: { CASE_00: 'west', CASE_01: '', CASE_02: 'east', CASE_03: 'west' },
      unknown: [],
    });
  });

  it('keeps a trained network’s numbers on other data and tells what it does not know', () => {
    const { inputs } = identifyCases(dataset, describeModel(), column('site'), { site: ['north', 'west'] });
    expect(inputs['site']?.byCase).toEqual({ CASE_00: 1, CASE_01: -1, CASE_02: -1, CASE_03: 1 });
    expect(inputs['site']?.unknown).toEqual(['east']);
  });

  it('hashes without salt: another process gives the same', () => {
    const { inputs } = identifyCases(dataset, describeModel(), hash);
    const script = `console.log(JSON.stringify(['CASE_00','CASE_01','CASE_02','CASE_03'].map((id) =>
      require('crypto').createHash('sha256').update(id).digest().readUInt32BE(0) % 8)))`;
    const theirs = JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })) as number[];
    expect(Object.values(inputs['site']?.byCase ?? {})).toEqual(theirs);
    expect(inputs['site']?.source).toBe('hash_case');
  });

  it('gives none to an input the protocol does not name, and nothing to a network without inputs', () => {
    expect(identifyCases(dataset, describeModel(), []).inputs['site']?.byCase['CASE_00']).toBe(-1);
    const bare = describeModel({ inputs: describeModel().inputs.slice(0, 1) });
    expect(identifyCases(dataset, bare, column('site')).inputs).toEqual({});
  });

  it('refuses an unknown column, too many values, another input’s name', async () => {
    const near = await userErrorOf(() => identifyCases(dataset, describeModel(), column('sight')));
    expect(near.code).toBe('UNET6016');
    expect((await userErrorOf(() => identifyCases(dataset, describeModel(), column('sit')))).help).toContain('`site`');
    const [scan] = describeModel().inputs;
    const narrow = describeModel({ inputs: [scan as never, { kind: 'identifier', name: 'site', count: 1 }] });
    const many = await userErrorOf(() => identifyCases(dataset, narrow, column('site')));
    expect([many.code, many.help]).toEqual(['UNET6027', 'Declare `site: identifier(2)`.']);
    const other = [{ input: 'scanner', source: { kind: 'hash_case' } }] as const;
    expect((await userErrorOf(() => identifyCases(dataset, describeModel(), other))).code).toBe('UNET6016');
  });
});
