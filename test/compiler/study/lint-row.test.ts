import { describe, expect, test } from 'vitest';
import { bindModel, lower, ownModels } from '../../../compiler/program/program.js';
import type { Protocol } from '../../../contract/protocol.js';
import { lintRow, type IdentifierColumn, type LintedRow } from '../../../compiler/study/lint-row.js';
import { openText } from '../spec-text.js';

/** Every model a text declares, in order. */
function rowsOf(text: string): readonly LintedRow[] {
  const program = openText(text);
  return ownModels(program).map((declaration) => {
    const { network, unreached, diagnostics } = lower(program, bindModel(program, declaration)!);
    if (network === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '));
    return { name: declaration.name.name, network, unreached, patch: [16, 16, 16] };
  });
}

const fromColumn: Protocol['identify'] = [{ input: 'site', source: { kind: 'column', name: 'site' } }];
const fromHash: Protocol['identify'] = [{ input: 'site', source: { kind: 'hash_case' } }];

interface Context {
  readonly identify?: Protocol['identify'];
  readonly columns?: readonly IdentifierColumn[];
}

/** Findings of the row called `name`, the last by default, as `severity kind text`. */
function lint(rows: readonly LintedRow[], { identify = fromColumn, columns }: Context = {}, name?: string): string[] {
  const row = rows.find((each) => each.name === name) ?? rows.at(-1)!;
  const context = { rows, identify, batch: 1, ...(columns === undefined ? {} : { columns }) };
  return lintRow(row, context).map(({ severity, kind, text }) => `${severity} ${kind}: ${text}`);
}

const identified = (fallback: string): string => `
block place(id: identifier) {
  x: [C, ...S]
  param gamma: [id.count, C] = 1 ${fallback}
  param absent_gamma: [C] = 1 ${fallback}
  x * pick(gamma, id, absent: absent_gamma)
}
model Base {
  input scan: image(T1w)[D, H, W]
  input site: identifier(5)
  output mask: classes(background, tumour)
  knob norm: layer = place(site) off instance_norm
  mask = scan -> conv(4, 3) -> norm -> relu -> conv(2, 1)
}
`;

/** @param trained different values of the training cases of each fold */
const column = (
  distinct: number,
  given: number,
  trained: readonly number[] = [distinct],
): readonly IdentifierColumn[] => [
  { input: 'site', distinct, given, cases: 10, trained: trained.map((each, fold) => ({ fold, distinct: each })) },
];

describe('lintRow', () => {
  test('refuses a variant that is its base, or an earlier row', () => {
    const rows = rowsOf(`${identified('fallback')}
model Same = Base { norm = place(site) }
model Without = Base { norm = off }
model Again = Base { norm = instance_norm }`);
    expect(lint(rows, {}, 'Same')[0]).toBe(
      'refuse same-graph: `Same` is the same network as the base `Base`: its change has no effect.',
    );
    expect(lint(rows, {}, 'Without')).toEqual([]);
    expect(lint(rows, {}, 'Again')).toEqual([
      'refuse same-graph: `Again` is the same network as the row `Without`: its change has no effect.',
    ]);
  });

  test('says what an identifier without information is worth, and only where one is read', () => {
    const rows = rowsOf(`${identified('fallback')}\nmodel Without = Base { norm = off }`);
    const about = (context: Context): string[] =>
      lint(rows, context, 'Base').filter((each) => each.includes(' identifier: '));
    expect(about({ identify: [] })).toEqual([
      'note identifier: The identifier `site` has no source in the protocol, so it has no value for any case.',
    ]);
    expect(about({ identify: fromHash })[0]).toMatch(/^note identifier: .* hash of the case name/);
    expect(about({ columns: column(1, 10) })[0]).toMatch(/^refuse identifier: .* the same value for all cases/);
    expect(about({ columns: column(10, 10) })[0]).toMatch(
      /^refuse identifier: .* a different value for each of the 10/,
    );
    expect(about({ columns: column(0, 0) })[0]).toMatch(/^refuse identifier: .* no case has a value/);
    expect(about({ columns: column(3, 10) })[0]).toMatch(
      /^note identifier: .* 3 values: of the 5 rows in its tables, 2 are never trained\.$/,
    );
    expect(about({ columns: column(5, 10) })).toEqual([]);
    // A site whose cases are all tested in fold 1 is not trained there.
    expect(about({ columns: column(2, 10, [2, 1]) })[0]).toMatch(
      /2 values: of the 5 rows in its tables, 3 are not trained in fold 0, 4 are not trained in fold 1\.$/,
    );
    expect(about({ columns: column(5, 10, [5, 4]) })[0]).toMatch(/tables, 1 is not trained in fold 1\.$/);
    expect(about({})).toEqual([]);
    expect(lint(rows, { identify: [] }, 'Without')).toEqual([]);
  });

  test('lists fallbacks with their count, and refuses what is not declared one', () => {
    const fallbacks = (context: Context): string[] =>
      lint(rowsOf(identified('fallback')), context).filter((each) => !each.includes(' identifier: '));
    expect(fallbacks({})).toEqual([
      'note fallback: No gradient reaches 4 parameters in `mask.norm.absent_gamma`: every case has `site` (declared `fallback`).',
    ]);
    expect(fallbacks({ identify: [] })).toEqual([
      'note fallback: No gradient reaches 20 parameters in `mask.norm.gamma`: no case has `site` (declared `fallback`).',
    ]);
    expect(fallbacks({ columns: column(5, 9) })).toEqual([]);
    expect(lint(rowsOf(identified('')), {})).toEqual([
      'refuse no-gradient: No gradient reaches 4 parameters in `mask.norm.absent_gamma`: every case has `site`.',
    ]);
  });

  test('tells of a branch that no output needs, unless another row needs it', () => {
    const model = (end: string): string => `
model Base {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  knob gate: bool = false
  let main = scan -> conv(4, 3)
  let side = scan -> conv(4, 1) -> relu
  mask = ${end} -> conv(2, 1)
}`;
    const alone = lint(rowsOf(model('(if gate then main + side else main)')));
    expect(alone).toEqual([
      'refuse unreached: No output of `Base` depends on `side.relu` (2 operations, 4 parameters), so it is not part of the network.',
    ]);
    const rows = rowsOf(`${model('(if gate then main + side else main)')}\nmodel Gated = Base { gate = true }`);
    expect(lint(rows, {}, 'Base')).toEqual([]);
    expect(lint(rows, {}, 'Gated')).toEqual([]);
    expect(lint(rowsOf(model('main').replace('conv(4, 1) -> relu', 'relu')))).toEqual([
      'note unreached: No output of `Base` depends on `side.relu` (1 operation, 0 parameters), so it is not part of the network.',
    ]);
  });

  test('has only notes on DALight-3D and its ablations, with their counts', () => {
    const rows = rowsOf(`use "dalight3d.unet"
model Full = DALight3D {}
model NoCSA = DALight3D { csa = off }
model NoIdentifierNorm = DALight3D { norm = off }
model NoSepConv = DALight3D { convolution = off }
model NoSSFB = DALight3D { join = off }`);
    const found = rows.map((row) => [
      row.name,
      ...lintRow(row, { rows, identify: fromColumn, batch: 1 }).map(({ severity, kind, params }) => [
        severity,
        kind,
        params,
      ]),
    ]);
    const fallback = ['note', 'fallback', 3072];
    expect(found).toEqual([
      ['Full', fallback],
      ['NoCSA', fallback],
      ['NoIdentifierNorm'],
      ['NoSepConv', fallback],
      ['NoSSFB', fallback],
    ]);
  });

  test('notes a batch norm of few values, and refuses one of a single value', () => {
    const normed = (level: string): string => `
model Base {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(4, 3) -> batch_norm -> ${level} -> conv(mask.classes, 1)
}`;
    const deep = 'max_pool(4) -> batch_norm -> resize(trilinear, scale: 4)';
    expect(lint(rowsOf(normed(deep)))).toEqual([
      'note batch-norm: `mask.batch_norm2` of `Base` normalises a batch by 64 values per channel (of a single case): their variance has a standard error of at least 18 %.',
    ]);
    expect(lint(rowsOf(normed(deep.replace('4', '16').replace('4', '16'))))).toEqual([
      'refuse batch-norm: `mask.batch_norm2` of `Base` has a single value per channel in a batch of 1, so it cannot be trained.',
    ]);
    expect(lint(rowsOf(normed('max_pool(2) -> batch_norm -> resize(trilinear, scale: 2)')))).toEqual([]);
    expect(lint(rowsOf(normed(deep.replace('batch_norm', 'batch_norm(frozen: true)'))))).toEqual([]);
  });
});
