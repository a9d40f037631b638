import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { changeInfo } from './change-info.js';
import { dalight, refuses, scratch, succeeds } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

let spec: string;
let data: string;
let run: string;

beforeAll(async () => {
  spec = writeSpec('tiny.unet', tinySpec);
  data = await makeData();
  run = path.join(scratch(), 'run');
  await succeeds(['train', spec, '--data', data, '-o', run, '--steps', '1']);
});

/** A copy of the run to spoil. */
function copyRun(name: string): string {
  const copy = path.join(scratch(), name);
  cpSync(run, copy, { recursive: true });
  return copy;
}

const train = (folder: string, ...flags: string[]): string[] => ['train', spec, '--data', data, '-o', folder, ...flags];
/** Enters the checksum of a changed file in `run.json`. */
function seal(folder: string, name: string): void {
  const digest = createHash('sha256').update(readFileSync(path.join(folder, name)));
  changeInfo(folder, ({ checksums }) => ({ checksums: { ...checksums, [name]: digest.digest('hex') } }));
}

const mask = path.join(scratch(), 'mask.nii.gz');
const predict = (folder: string): string[] => ['predict', folder, '--data', data, '--case', 'PHANTOM_001', '-o', mask];

describe('Run folder', () => {
  it('is not written over', async () => {
    const before = readFileSync(path.join(run, 'run.json'), 'utf8');
    expect(await refuses(1, train(run))).toMatch(/UNET6054[^]*--resume/);
    expect(readFileSync(path.join(run, 'run.json'), 'utf8')).toBe(before);
    const notes = path.join(scratch(), 'notes');
    mkdirSync(notes);
    writeFileSync(path.join(notes, 'thesis.txt'), 'years of work');
    expect(await refuses(1, train(notes))).toContain('UNET6054');
    expect(await refuses(1, train(path.join(notes, 'thesis.txt')))).toContain('UNET6054');
    expect(readFileSync(path.join(notes, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('that is none is not gone on with', async () => {
    const empty = path.join(scratch(), 'empty');
    mkdirSync(empty);
    expect(await refuses(1, train(empty, '--resume'))).toMatch(/UNET6055.*no `run\.json`/);
    expect(await refuses(1, predict(path.join(scratch(), 'nowhere')))).toContain('UNET6055');
    expect(await refuses(1, predict(data))).toContain('UNET6055');
  });

  it('goes on as it was made', async () => {
    expect(await refuses(2, train(run, '--resume', '--steps', '9'))).toContain('--steps');
    expect(await refuses(2, train(run, '--resume', '--set', 'width=16'))).toContain('--set');
    expect(await refuses(2, train(run, '--resume', '--seed', '2'))).toContain('--seed');
    for (const other of [
      ['--fold', '1'],
      ['--protocol', 'Quick'],
    ]) {
      expect(await refuses(2, train(run, '--resume', ...other))).toContain(`\`${other.join(' ')}\``);
    }
    expect(await refuses(2, ['train', dalight, '--data', data, '-o', run, '--resume'])).toContain('`Tiny`');
  });

  it.each(['spec.unet', 'model.ts', 'protocol.json', 'split.json'])('with a changed %s is refused', async (name) => {
    const changed = copyRun(`changed-${name}`);
    const file = path.join(changed, name);
    writeFileSync(file, `${readFileSync(file, 'utf8')} `);
    const message = await refuses(1, predict(changed));
    expect(message).toMatch(/UNET6056.*was changed/);
    expect(message).toContain(file);
  });

  it('with a file gone or half a run.json is refused', async () => {
    const changed = copyRun('gone');
    rmSync(path.join(changed, 'model.ts'));
    expect(await refuses(1, train(changed, '--resume'))).toMatch(/UNET6056.*is missing/);
    const info = path.join(changed, 'run.json');
    writeFileSync(info, readFileSync(info).subarray(0, 60));
    expect(await refuses(1, predict(changed))).toMatch(/UNET6055.*run\.json/);
  });

  it('whose checkpoint or metrics are lost is not resumed', async () => {
    const lost = copyRun('lost');
    rmSync(path.join(lost, 'metrics.jsonl'));
    expect(await refuses(1, train(lost, '--resume'))).toMatch(/UNET6066.*metrics\.jsonl` are missing/);
    writeFileSync(path.join(lost, 'metrics.jsonl'), '\0'.repeat(10_000));
    expect(await refuses(1, train(lost, '--resume'))).toMatch(/UNET6066.*are damaged: their lines/);
    writeFileSync(
      path.join(lost, 'metrics.jsonl'),
      readFileSync(path.join(run, 'metrics.jsonl'), 'utf8').replace('{', '['),
    );
    expect(await refuses(1, train(lost, '--resume'))).toMatch(/UNET6066.*damaged in line 1/);
    rmSync(path.join(lost, 'checkpoints', 'last.safetensors'));
    rmSync(path.join(lost, 'metrics.jsonl'));
    expect(await refuses(1, train(lost, '--resume'))).toMatch(/UNET6067.*last\.safetensors` is missing/);
  });

  it('is data: no code in it runs, and its spec must compile to the network that was trained', async () => {
    const changed = copyRun('code');
    const evil = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(path.join(changed, 'ran'))}, '');`;
    for (const name of ['model.ts', 'model.js', 'spec.js', 'index.js']) writeFileSync(path.join(changed, name), evil);
    seal(changed, 'model.ts');
    await succeeds(predict(changed));
    await succeeds(['evaluate', changed, '--data', data]);
    await succeeds(train(changed, '--resume'));
    expect(existsSync(path.join(changed, 'ran'))).toBe(false);

    const file = path.join(changed, 'spec.unet');
    const wider = readFileSync(file, 'utf8').replace('width: int = 8', 'width: int = 6');
    writeFileSync(file, wider);
    seal(changed, 'spec.unet');
    for (const command of [predict(changed), ['evaluate', changed, '--data', data], train(changed, '--resume')]) {
      expect(await refuses(1, command)).toMatch(/UNET6071.*version \d+\.\d+\.\d+ .*different network/);
    }
  });

  it('with a corrupted checkpoint is refused, and the file is named', async () => {
    const changed = copyRun('corrupted');
    const file = path.join(changed, 'checkpoints', 'last.safetensors');
    const bytes = readFileSync(file);
    const spoilt = Buffer.from(bytes);
    spoilt.writeUInt8(spoilt.readUInt8(bytes.length - 5) ^ 1, bytes.length - 5);
    for (const each of [spoilt, bytes.subarray(0, bytes.length / 2), Buffer.from('{"not":"safetensors"}')]) {
      writeFileSync(file, each);
      const message = await refuses(1, predict(changed));
      expect(message).toContain('UNET6059');
      expect(message).toContain(file);
    }
    expect(await refuses(1, train(changed, '--resume'))).toContain('UNET6059');
    rmSync(path.join(changed, 'checkpoints'), { recursive: true });
    expect(await refuses(1, predict(changed))).toContain('UNET6064');
  });
});
