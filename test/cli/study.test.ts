import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sealFolder } from '../../runtime/study/checksums.js';
import type { StudyReport } from '../../runtime/study/report/report.js';
import { jsonText } from '../../text/json.js';
import { expectNoStack, refuses, scratch, succeeds, unet } from './run-unet.js';
import { screenLines } from './screen.js';
import { inTerminal, noTerminal } from './terminal.js';
import { copyData, writeSpec } from './tiny.js';
import { copyStudy, makeStudyData, readJson, runArguments, tinyModels, tinyStudy } from './tiny-study.js';

/** Studies are many processes: on a machine that has other things to do they take their time. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const study = path.join(scratch(), 'étude 1');
/** Made on the first seed, so that it has pictures. */
const run = 'runs/Slim/seed-1-fold-0';
let spec: string;
let data: string;
let shown: string;

beforeAll(async () => {
  spec = writeSpec('study.unet', tinyStudy);
  data = await makeStudyData();
  shown = await succeeds(runArguments(spec, data, study));
});

interface Score {
  readonly case: string;
  readonly class: string;
  dice: number | null;
}

function runFolders(folder: string, rows: readonly string[]): string[] {
  return rows.flatMap((row) =>
    [1, 2].flatMap((seed) => [0, 1].map((fold) => path.join(folder, 'runs', row, `seed-${seed}-fold-${fold}`))),
  );
}

function outcomes(): string[] {
  return runFolders(study, ['Tiny', 'Slim']).map((folder) => readFileSync(path.join(folder, 'outcome.json'), 'utf8'));
}

/** Replaces `before` in a file of a study, where it must stand. */
function edit(folder: string, file: string, before: string | RegExp, after: string): void {
  const place = path.join(folder, file);
  const text = readFileSync(place, 'utf8');
  const changed = text.replace(before, after);
  expect(changed).not.toBe(text);
  writeFileSync(place, changed);
}

/** Gives a changed `study.json` the checksum of what it says now. */
function reseal(folder: string): void {
  const place = path.join(folder, 'study.json');
  const { checksum: _, ...record } = readJson<{ checksum: string }>(folder, 'study.json');
  const checksum = createHash('sha256')
    .update(`${JSON.stringify(record, null, 2)}\n`)
    .digest('hex');
  writeFileSync(place, JSON.stringify({ ...record, checksum }));
}

describe('unet study plan', () => {
  it('says what would run and trains nothing', async () => {
    const plan = JSON.parse(await succeeds(['study', 'plan', spec, '--data', data, '--format', 'json'])) as object;
    expect(plan).toMatchObject({
      study: 'Small',
      digest: readJson<{ digest: string }>(study, 'study.json').digest,
      jobs: 8,
      rows: [
        // 4 x 4 x 27 + 4 x 4 x 27 + 4 x 4 + 4
        { variant: 'Tiny', kind: 'base', change: '', params: 884, patch: [8, 8, 8], refusals: [] },
        { variant: 'Slim', kind: 'variant', change: 'extra = off', params: 452, refusals: [] },
      ],
    });
    const text = await succeeds(['study', 'plan', spec, '--data', data]);
    expect(text).toContain('8 jobs (2 rows × 2 seeds × 2 folds)');
    // 4 cases: 2 / 2^4.
    expect(plan).toMatchObject({ bestPossible: { cases: 4, comparisons: 1, smallestHolmP: 0.125, canShow: false } });
    expect(text).toContain('warning UNET6118: This study cannot show a significant difference, whatever its results: ');
    expect(text).toContain('Use at least 6 test cases.');
  });

  it('refuses a row that is not what it says, and so does run, before anything trains', async () => {
    const conditioned = tinyStudy
      .replace('model Tiny', 'use "unet:lib/dalight.unet"\n\nmodel Tiny')
      .replace('  output mask', '  input site: identifier(3)\n  output mask')
      .replace('-> relu ->', '-> identifier_norm(site, groups: 2) when extra -> relu ->')
      .replace('select: last', 'select: last\n  identify: [site: column("site")]');
    const file = writeSpec('conditioned.unet', conditioned);
    const alike = await copyData(data, 'one-site');
    edit(alike, 'cases.csv', /,(south|west)/g, ',north');
    const { code, stdout } = await unet(['study', 'plan', file, '--data', alike, '--format', 'json']);
    expect(code).toBe(1);
    const { rows } = JSON.parse(stdout) as { rows: { refusals: string[] }[] };
    const nothing =
      'The identifier `site` comes from the column `site`, which has the same value for all cases and therefore carries no information.';
    expect(rows.map(({ refusals }) => refusals)).toEqual([[nothing], []]);
    const out = path.join(scratch(), 'conditioned');
    expect(await refuses(1, runArguments(file, alike, out))).toContain('error UNET6117: `Tiny`');
    expect(existsSync(out)).toBe(false);
  });
});

describe('a data set with problems', () => {
  it('is refused before anything is made if two cases share a label, unless that is allowed', async () => {
    const shared = await copyData(data, 'shared-label');
    const [first, second] = [1, 2].map((k) => path.join(shared, 'labelsTr', `PHANTOM_00${k}.nii.gz`));
    writeFileSync(second!, readFileSync(first!));
    edit(shared, 'cases.csv', /PHANTOM_/g, 'P_');
    const plan = async (...flags: string[]) => unet(['study', 'plan', spec, '--data', shared, ...flags]);
    const refused = await plan();
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('error UNET6032: Cases `PHANTOM_001`, `PHANTOM_002` have the same label');
    expect(refused.stdout).toContain('warning UNET6039: No row of `cases.csv`');
    const out = path.join(scratch(), 'shared-label-study');
    expect(await refuses(1, runArguments(spec, shared, out))).toContain('error UNET6032');
    expect(existsSync(out)).toBe(false);
    const allowed = await plan('--allow-shared-labels', '--format', 'json');
    expect(allowed.code).toBe(0);
    const { cautions } = JSON.parse(allowed.stdout) as { cautions: { code: string; variants: string[] }[] };
    expect(cautions.find(({ code }) => code === 'UNET6032')).toMatchObject({
      severity: 'warning',
      cases: ['PHANTOM_001', 'PHANTOM_002'],
      variants: ['Tiny', 'Slim'],
      folds: [0, 1],
    });
  });
});

describe('unet study run', () => {
  it('keeps the scores of every test case and class', () => {
    const { folds } = readJson<{ folds: { fold: number; test: string[] }[] }>(study, 'protocol.json');
    const classes = ['edema', 'non-enhancing tumor', 'enhancing tumour'];
    for (const folder of runFolders(study, ['Tiny', 'Slim'])) {
      const scores = readJson<{ classes: Score[] }>(folder, 'scores.json').classes;
      const { test } = folds.find(({ fold }) => folder.endsWith(`-fold-${fold}`))!;
      expect(scores.map((row) => [row.case, row.class])).toEqual(
        test.flatMap((id) => classes.map((name) => [id, name])),
      );
      expect(readFileSync(path.join(folder, 'log.txt'), 'utf8')).toContain('2 cases for training, 2 for testing, fold');
      for (const { dice } of scores) expect(dice).toEqual(expect.any(Number));
    }
    expect(folds.flatMap(({ test }) => test).sort()).toEqual([1, 2, 3, 4].map((id) => `PHANTOM_00${id}`));
  });

  it('has rows whose seeds and folds predict together', async () => {
    const place = (name: string): string => path.join(scratch(), name);
    const predict = (...runs: readonly string[]): string[] => [
      'predict',
      ...runs,
      '--data',
      data,
      '--case',
      'PHANTOM_001',
    ];
    const told = await succeeds([...predict(study), '--row', 'Slim', '-o', place('row.nii.gz'), '--json']);
    expect(JSON.parse(told)).toMatchObject({ runs: runFolders(study, ['Slim']) });
    await succeeds([...predict(...runFolders(study, ['Slim'])), '-o', place('runs.nii.gz')]);
    expect(readFileSync(place('row.nii.gz')).equals(readFileSync(place('runs.nii.gz')))).toBe(true);
    const unknown = await refuses(2, [...predict(study), '--row', 'Slam', '-o', place('no.nii.gz')]);
    expect(unknown).toMatch(/has no row `Slam`[^]*Did you mean `Slim`\?/);
  });

  it('writes a report of the form that tools read, its means those of the scores', () => {
    const report = readJson<StudyReport>(study, 'report.json');
    expect(report.protocol.digest).toBe(readJson<{ digest: string }>(study, 'study.json').digest);
    expect(report.rows.map(({ variant, params, runs }) => [variant, params, runs.length])).toEqual([
      ['Tiny', 884, 4],
      ['Slim', 452, 4],
    ]);
    const [base, slim] = report.rows;
    expect(base).not.toHaveProperty('difference');
    const number: unknown = expect.any(Number);
    const interval = [number, number];
    const p = { wilcoxon: number, permutation: number };
    expect(slim).toMatchObject({
      macs: number,
      metrics: { dice: { mean: number, ci: interval, n: 4 } },
      difference: { dice: { mean: number, ci: interval, p, pHolm: p } },
      matched: true,
      selected: 'last',
    });
    const means = [base, slim].map((row) => {
      const values = row!.runs.flatMap(
        (each) => readJson<{ classes: Score[] }>(study, each.run, 'scores.json').classes,
      );
      return values.reduce((sum, { dice }) => sum + dice!, 0) / values.length;
    });
    expect(base!.metrics.dice!.mean).toBeCloseTo(means[0]!, 12);
    expect(slim!.metrics.dice!.mean).toBeCloseTo(means[1]!, 12);
    expect(slim!.difference!.dice!.mean).toBeCloseTo(means[1]! - means[0]!, 12);
    expect(shown).toContain(path.join(study, 'report.html'));
    expect(readFileSync(path.join(study, 'report.html'), 'utf8')).toContain('data:image/png;base64,');
  });

  it('does nothing anew when run again', async () => {
    const before = outcomes();
    const { code, stdout, stderr } = await unet(runArguments(spec, data, study));
    expect({ code, stdout }).toEqual({ code: 0, stdout: shown });
    expect(stderr).toContain('8 of 8 jobs were already done');
    expect(stderr).not.toContain('started');
    expect(outcomes()).toEqual(before);
  });

  it('runs the jobs of a new variant and adds its row to the table', async () => {
    const folder = copyStudy(study, 'wider');
    const wider = writeSpec('wider.unet', tinyStudy.replace('[Slim]', '[Slim, Wide]'));
    const { code, stderr } = await unet(runArguments(wider, data, folder));
    expect(code).toBe(0);
    expect(stderr.match(/^started .*/gm)?.sort()).toEqual(
      [1, 2].flatMap((seed) => [0, 1].map((fold) => `started Wide, seed ${seed}, fold ${fold}`)),
    );
    const { rows } = readJson<StudyReport>(folder, 'report.json');
    expect(rows.map(({ variant }) => variant)).toEqual(['Tiny', 'Slim', 'Wide']);
    expect(rows[2]!.difference!.dice!.n).toBe(4);
    expect(rows.slice(0, 1)).toEqual(readJson<StudyReport>(study, 'report.json').rows.slice(0, 1));
    expect(await succeeds(['study', 'verify', folder])).toContain('files match their checksums');
    // The row cannot be taken out of it again.
    expect(await refuses(1, runArguments(spec, data, folder))).toMatch(/UNET6115.*`Wide` is no longer in the spec/);
  });

  it('checks a row that is added to a study as it checks those of a new one', async () => {
    const folder = copyStudy(study, 'idle-part');
    const idle = `model Idle {
  input scan: image(FLAIR, T1w, t1gd, T2w)[D, H, W]
  output mask: classes(background, edema, \`non-enhancing tumor\`, \`enhancing tumour\`)
  let unused = scan -> conv(3, 3)
  mask = scan -> conv(3, 3) -> relu -> conv(mask.classes, 1, bias: true)
}
`;
    const more = writeSpec(
      'idle.unet',
      idle + tinyStudy.replace('variants: [Slim]', 'variants: [Slim], rivals: [Idle]'),
    );
    expect(await refuses(1, runArguments(more, data, folder))).toContain('error UNET6117: `Idle`');
    expect(readJson<{ rows: object[] }>(folder, 'study.json').rows).toHaveLength(2);
  });

  it('refuses another protocol in the same folder and names the place', async () => {
    const faster = writeSpec('faster.unet', tinyStudy.replace('lr: 3e-3', 'lr: 4e-3'));
    const message = await refuses(1, runArguments(faster, data, study));
    expect(message).toContain('error UNET6115');
    expect(message).toContain('protocol.optimizer.lr was 0.003 and is now 0.004');
  });

  it('refuses another network under a name of the table', async () => {
    const other = writeSpec('other.unet', tinyStudy.replace('knob width: int = 4', 'knob width: int = 5'));
    expect(await refuses(1, runArguments(other, data, study))).toContain('`Tiny` is now a different network');
  });

  it('refuses data that changed by a voxel, and so does a job under way', async () => {
    const changed = await copyData(data, 'changed');
    const label = path.join('labelsTr', 'PHANTOM_001.nii.gz');
    const bytes = gunzipSync(readFileSync(path.join(changed, label)));
    bytes[352 + 2000] = 3 - bytes[352 + 2000]!;
    writeFileSync(path.join(changed, label), gzipSync(bytes));
    const message = await refuses(1, runArguments(spec, changed, study));
    expect(message).toContain('error UNET6115');
    expect(message).toContain('files.labelsTr/PHANTOM_001.nii.gz was "');
    const folder = copyStudy(study, 'changed-data');
    rmSync(path.join(folder, run), { recursive: true });
    edit(folder, 'study.json', data, changed);
    reseal(folder);
    expect((await unet(['study', 'job', folder, run])).code).toBe(1);
    const log = readFileSync(path.join(folder, run, 'log.txt'), 'utf8');
    expect(log).toContain('error UNET6112: Case `PHANTOM_001`');
    expect(log).toContain(label);
    expect(existsSync(path.join(folder, run, 'scores.json'))).toBe(false);
  });
});

it.skipIf(noTerminal)('draws no line of a study over another on a terminal', async () => {
  const folder = copyStudy(study, 'on-terminal');
  for (const run of ['runs/Slim/seed-1-fold-0', 'runs/Tiny/seed-2-fold-1'])
    rmSync(path.join(folder, run), { recursive: true });
  const { code, shown: written } = await inTerminal(runArguments(spec, data, folder));
  expect(code).toBe(0);
  const lines = await screenLines(written, { columns: 100, rows: 24 });
  expect(lines.filter((line) => /^done [78]\/8 {2}(Slim|Tiny), seed/.test(line))).toHaveLength(2);
  const bar = lines.findIndex((line) => /^jobs #+ 8\/8 {2}0 running/.test(line));
  const table = await succeeds(['study', 'report', folder]);
  const first = lines.findIndex((line) => line.startsWith('variant'));
  expect(bar).toBeGreaterThan(lines.findLastIndex((line) => line.startsWith('done ')));
  expect(lines.slice(bar + 1, first).filter((line) => line !== '')[0]).toBe('Small');
  // The figures of every row, which the narrow table of the terminal has as well as the wide one.
  for (const interval of table.match(/\[0\.\d+, 0\.\d+\]/g)!) expect(lines.slice(first).join('\n')).toContain(interval);
  expect(lines.at(-1)).toBe(`report  ${path.join(folder, 'report.html')}`);
});

describe('a job that fails', () => {
  it('is told with the end of its log, stops no other, and is done once put right', async () => {
    const file = writeSpec(
      'short.unet',
      `${tinyModels}study Short { protocol: Steps, seeds: 1, folds: [0], base: Tiny, variants: [Slim] }\n`,
    );
    const folder = path.join(scratch(), 'failing');
    const foreign = path.join(folder, 'runs/Tiny/seed-1-fold-0/notes.doc');
    mkdirSync(path.dirname(foreign), { recursive: true });
    writeFileSync(foreign, 'mine');
    const { code, stdout, stderr } = await unet(runArguments(file, data, folder));
    expect(code).toBe(1);
    expectNoStack(stderr);
    expect(stderr).toContain('failed  Tiny, seed 1, fold 0: The process exited with code 1.');
    expect(stderr).toContain('error UNET6054');
    expect(stderr).toMatch(/done \d\/2 {2}Slim, seed 1, fold 0/);
    expect(stderr).toContain('1 job of');
    expect(stdout).toContain('report  ');
    expect(readFileSync(foreign, 'utf8')).toBe('mine');
    const { jobs } = readJson<StudyReport>(folder, 'report.json').study;
    expect(jobs).toEqual({ total: 2, done: 1 });
    const status = await succeeds(['study', 'status', folder]);
    expect(status).toContain('Short: 1 done, 1 failed of 2 jobs');
    expect(status).toContain('error UNET6054');
    rmSync(foreign);
    const scores = readFileSync(path.join(folder, run, 'scores.json'));
    const again = await unet(runArguments(file, data, folder));
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).not.toContain('started Slim');
    expect(readJson<StudyReport>(folder, 'report.json').study.jobs).toEqual({ total: 2, done: 2 });
    expect(readFileSync(path.join(folder, run, 'scores.json'))).toEqual(scores);
    expect(await succeeds(['study', 'status', folder])).toContain('Short: 2 done of 2 jobs');
    expect(await succeeds(['study', 'verify', folder])).toContain('files match their checksums');
  });
});

describe('the folder of a study', () => {
  it('is run by one process at a time', async () => {
    const folder = copyStudy(study, 'held');
    writeFileSync(path.join(folder, 'run.lock'), JSON.stringify({ pid: process.pid, host: hostname(), started: null }));
    const message = await refuses(1, runArguments(spec, data, folder));
    expect(message).toContain('error UNET6057');
    expect(message).toContain(`The study \`${folder}\` is in use by process ${process.pid}`);
  });

  it('is its own: not a data set, and nothing that somebody put beside it is vouched for', async () => {
    const message = await refuses(1, runArguments(spec, data, data));
    expect(message).toContain('error UNET6115');
    expect(readdirSync(data).filter((name) => ['study.json', 'variants', 'run.lock'].includes(name))).toEqual([]);
    const folder = copyStudy(study, 'with-notes');
    writeFileSync(path.join(folder, 'notes.txt'), 'mine');
    await succeeds(runArguments(spec, data, folder));
    const { code, stdout } = await unet(['study', 'verify', folder]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `stale: \`notes.txt\` was added by hand\n1 mismatch in ${folder}\n`,
    });
  });

  it('heals a damaged checkpoint: the job starts anew and comes to the same', async () => {
    const folder = copyStudy(study, 'damaged');
    const scores = readFileSync(path.join(folder, run, 'scores.json'));
    for (const file of ['scores.json', 'outcome.json', 'checksums.json']) rmSync(path.join(folder, run, file));
    truncateSync(path.join(folder, run, 'checkpoints/last.safetensors'), 3000);
    await succeeds(runArguments(spec, data, folder));
    expect(readFileSync(path.join(folder, run, 'scores.json'))).toEqual(scores);
    const log = readFileSync(path.join(folder, run, 'log.txt'), 'utf8');
    expect(log).toContain('cannot be used: ');
    expect(log).toContain('The job restarts from the first step.');
    expect(await succeeds(['study', 'verify', folder])).toContain('files match their checksums');
  });
});

describe('unet study status', () => {
  it('shows where each job stands', async () => {
    const text = await succeeds(['study', 'status', study]);
    expect(text).toContain('Small: 8 done of 8 jobs');
    const json = JSON.parse(await succeeds(['study', 'status', study, '--format', 'json'])) as { jobs: object[] };
    expect(json).toMatchObject({ study: 'Small', counts: { done: 8, failed: 0, waiting: 0 } });
    const cut = copyStudy(study, 'cut-short');
    rmSync(path.join(cut, run, 'checksums.json'));
    writeFileSync(path.join(cut, run, 'log.txt'), 'step 2/3, epoch 1/2: the last words\n');
    const after = await succeeds(['study', 'status', cut]);
    expect(after).toMatch(/7 done, 1 interrupted of 8 jobs\n\n.*: The job was stopped or killed[^]*the last words/);
    const values = readJson<{ classes: Score[] }>(study, run, 'scores.json').classes.map(({ dice }) => dice!);
    expect(json.jobs).toHaveLength(8);
    expect(json.jobs.find((job) => 'run' in job && job.run === run)).toEqual({
      variant: 'Slim',
      seed: 1,
      fold: 0,
      run,
      state: 'done',
      step: 3,
      dice: expect.closeTo(values.reduce((sum, value) => sum + value, 0) / values.length, 12) as number,
    });
  });

  it('names a folder that is no study', async () => {
    expect(await refuses(1, ['study', 'status', data])).toContain('error UNET6110');
  });
});

describe('unet study report', () => {
  it('comes in five forms, on standard output or in a file', async () => {
    const forms = {
      text: /Conclusions/,
      json: /^\{\n {2}"format": 5,/,
      csv: /^[^\n]*variant[^\n]*\n(.*\n)*.*Slim/,
      latex: /\\toprule/,
      html: /^<!doctype html>/i,
    };
    for (const [format, start] of Object.entries(forms)) {
      const file = path.join(scratch(), `report.${format}`);
      const named = format === 'json' ? jsonText({ written: [file] }) : `${file}\n`;
      expect(await succeeds(['study', 'report', study, '--format', format, '-o', file])).toBe(named);
      expect(readFileSync(file, 'utf8')).toMatch(start);
    }
    const bare = await succeeds(['study', 'report', study, '--format', 'latex', '--notes', 'none']);
    expect(bare).not.toContain('tablenotes');
    const misused = await refuses(2, ['study', 'report', study, '--format', 'csv', '--notes', 'full']);
    expect(misused).toContain('--notes requires --format text or latex.');
    const page = readFileSync(path.join(study, 'report.html'), 'utf8');
    expect(page.match(/alt="The architecture of /g)).toHaveLength(2);
    expect(page).toContain('alt="The architecture of Slim, with its differences from Tiny marked."');
    expect(page).toMatch(/alt="[^"]* \(best case\): the prediction of Slim/);
    expect(page).toMatch(/<dt>machine<\/dt><dd><div>.*, \d+ cores?, [\d.]+ GiB of memory, /);
    const written = readFileSync(path.join(scratch(), 'report.html'), 'utf8');
    expect(written.slice(0, page.length)).toBe(page);
    expect(written.slice(page.length)).toMatch(/^<!-- Generated by unet [0-9a-f]{16} -->\n$/);
    expect(await succeeds(['study', 'report', study, '--format', 'json'])).toBe(
      readFileSync(path.join(study, 'report.json'), 'utf8'),
    );
  });

  it('makes no table of scores that were changed', async () => {
    const folder = copyStudy(study, 'forged-report');
    edit(folder, `${run}/scores.json`, /"dice": [0-9.e-]+/, '"dice": 0.99');
    const before = readFileSync(path.join(folder, 'report.json'), 'utf8');
    for (const command of [['study', 'report', folder], runArguments(spec, data, folder)]) {
      const message = await refuses(1, command);
      expect(message).toContain('error UNET6116');
      expect(message).toContain(`${run}/scores.json`);
    }
    expect(readFileSync(path.join(folder, 'report.json'), 'utf8')).toBe(before);
  });

  it('makes no table with another picture, or of fewer seeds than were run', async () => {
    const { test } = readJson<{ folds: { test: string[] }[] }>(study, 'protocol.json').folds[0]!;
    const pictured = copyStudy(study, 'other-picture');
    appendFileSync(path.join(pictured, `${run}/overlays/${test[0]}.png`), '.');
    expect(await refuses(1, ['study', 'report', pictured])).toContain(`overlays/${test[0]}.png`);
    const dropped = copyStudy(study, 'dropped-seed');
    const { seeds } = readJson<{ seeds: number[] }>(dropped, 'study.json');
    expect(seeds).toEqual([1, 2]);
    edit(dropped, 'study.json', /"seeds": \[\s*1,\s*2\s*\]/, '"seeds": [1]');
    const message = await refuses(1, ['study', 'report', dropped]);
    expect(message).toContain('error UNET6111');
    expect(message).toContain(path.join(dropped, 'study.json'));
  });
});

describe('a run that was sealed again by hand', () => {
  /** A copy whose scores were changed, and whose run was given checksums that vouch for them. */
  async function forged(name: string): Promise<string> {
    const folder = copyStudy(study, name);
    edit(folder, `${run}/scores.json`, /"dice": [0-9.e-]+/, '"dice": 0.99');
    await sealFolder(path.join(folder, run));
    return folder;
  }

  it('makes no table, is not sealed by the study, and is named by verify', async () => {
    const folder = await forged('resealed');
    const before = readFileSync(path.join(folder, 'checksums.json'), 'utf8');
    for (const command of [['study', 'report', folder], runArguments(spec, data, folder)])
      expect(await refuses(1, command)).toContain(`error UNET6141: \`${path.join(folder, run, 'checksums.json')}\``);
    expect(readFileSync(path.join(folder, 'checksums.json'), 'utf8')).toBe(before);
    const { code, stdout } = await unet(['study', 'verify', folder]);
    expect(code).toBe(1);
    expect(stdout).toContain(`\`${run}/checksums.json\` differs from the one recorded in \`journal.jsonl\``);
  });

  it('is repeated when its folder is removed, and the journal keeps both', async () => {
    const folder = await forged('repeated');
    rmSync(path.join(folder, run), { recursive: true });
    await succeeds(runArguments(spec, data, folder));
    expect(await succeeds(['study', 'verify', folder])).toContain('files match their checksums');
    const journal = readFileSync(path.join(folder, 'journal.jsonl'), 'utf8').trim().split('\n');
    const events = journal.map((line) => JSON.parse(line) as { event: string; run: string | null });
    expect(events[0]!.event).toBe('created');
    expect(events.filter((entry) => entry.run === run).map(({ event }) => event)).toEqual([
      'sealed',
      'removed',
      'sealed',
    ]);
  });

  it.each([
    ['removed', (file: string) => rmSync(file)],
    [
      'shortened at its beginning',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/^.*\n/, '')),
    ],
    [
      'edited',
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/"checksums":"./, '"checksums":"x')),
    ],
  ])('is not hidden by a journal that was %s', async (how, spoil) => {
    const folder = await forged(`journal-${how.replaceAll(' ', '-')}`);
    spoil(path.join(folder, 'journal.jsonl'));
    expect(await refuses(1, ['study', 'report', folder])).toContain('error UNET6140');
    expect((await unet(['study', 'verify', folder])).stdout).toContain('journal.jsonl');
  });
});

describe('unet study verify', () => {
  /** What verify says of a copy that something was done to. */
  async function faultsOf(name: string, spoil: (folder: string) => void): Promise<string> {
    const folder = copyStudy(study, name);
    spoil(folder);
    const { code, stdout, stderr } = await unet(['study', 'verify', folder]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    return stdout;
  }

  it('finds nothing wrong with what the jobs made', async () => {
    expect(await succeeds(['study', 'verify', study])).toMatch(/\d{2,} files match their checksums and \d{3} figures/);
    const json = await succeeds(['study', 'verify', study, '--format', 'json']);
    expect(JSON.parse(json)).toMatchObject({ faults: [] });
  });

  it('names scores edited by hand, and the cells that no longer follow from them', async () => {
    const said = await faultsOf('forged', (folder) =>
      edit(folder, `${run}/scores.json`, /"dice": [0-9.e-]+/, '"dice": 0.99'),
    );
    expect(said).toContain(`\`${run}/scores.json\` was changed`);
    expect(said).toMatch(
      /`Slim`: `metrics\.dice\.mean` is [0-9.e-]+ in the report but [0-9.e-]+ according to the files of the study/,
    );
    expect(said).not.toContain('`Tiny`');
  });

  it('names a report edited by hand, its cell and the value of the scores', async () => {
    const { mean } = readJson<StudyReport>(study, 'report.json').rows[1]!.metrics.dice!;
    const said = await faultsOf('better', (folder) => edit(folder, 'report.json', `"mean": ${mean}`, '"mean": 0.9'));
    expect(said).toContain('`report.json` was changed');
    expect(said).toContain(`is 0.9 in the report but ${mean} according to the files of the study`);
  });

  it.each([
    ['a byte in a log', `${run}/log.txt`],
    ['the page', 'report.html'],
    ['a checkpoint', `${run}/checkpoints/last.safetensors`],
  ])('names %s that was changed', async (_, file) => {
    const said = await faultsOf(`changed-${path.basename(file)}`, (folder) => {
      appendFileSync(path.join(folder, file), '\n');
    });
    expect(said).toBe(
      `stale: \`${file}\` was changed since it was written\n1 mismatch in ${path.join(scratch(), `changed-${path.basename(file)}`)}\n`,
    );
  });

  it('names a picture that is gone', async () => {
    const { test } = readJson<{ folds: { test: string[] }[] }>(study, 'protocol.json').folds[0]!;
    const picture = `${run}/overlays/${test[0]}.png`;
    const said = await faultsOf('lost-picture', (folder) => rmSync(path.join(folder, picture)));
    expect(said).toContain(`\`${picture}\` is missing`);
  });

  it('refuses a study whose protocol was changed', async () => {
    const folder = copyStudy(study, 'other-protocol');
    edit(folder, 'protocol.json', '"lr": 0.003', '"lr": 0.001');
    const message = await refuses(1, ['study', 'verify', folder]);
    expect(message).toContain('error UNET6111');
    expect(message).toContain(path.join(folder, 'protocol.json'));
  });
});

describe('unet ablate', () => {
  const command = (models: string, out: string): string[] => [
    ...['ablate', models, '--model', 'Tiny', '--protocol', 'Steps', '--data', data, '-o', out],
    ...['--seeds', '3', '--folds', '1', '--jobs', '2', '--threads', '1'],
  ];

  it.skipIf(noTerminal)('asks a person before it starts, and trains nothing when declined', async () => {
    const out = path.join(scratch(), 'declined');
    const { code, shown } = await inTerminal(command(writeSpec('asked.unet', tinyModels), out), 'n\n');
    expect(code).toBe(130);
    expect(shown).toMatch(
      /2 jobs \(2 rows × 1 seed × 1 fold\), 2 at a time .*: about .* \(estimate\)[^]*warning UNET6118/,
    );
    expect(shown).toMatch(/Run these 2 jobs\? \[y\/N\][^]*Cancelled: nothing was trained\./);
    expect(existsSync(out)).toBe(false);
  });

  it('makes its rows of the off values of the knobs', async () => {
    const models = writeSpec('models.unet', tinyModels);
    const out = path.join(scratch(), 'ablation');
    const { code, stderr } = await unet(command(models, out));
    expect(stderr).toContain('2 jobs (2 rows × 1 seed × 1 fold)');
    expect(stderr).not.toContain('[y/N]');
    expect({ code, started: stderr.match(/^started .*/gm)?.length }).toEqual({ code: 0, started: 2 });
    const { rows, study: about } = readJson<StudyReport>(out, 'report.json');
    expect(about).toMatchObject({ seeds: [3], folds: [1], jobs: { total: 2, done: 2 } });
    expect(rows.map(({ change, params }) => [change, params])).toEqual([
      ['', 884],
      ['extra = off', 452],
    ]);
  });
});
