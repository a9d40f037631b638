import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dalight, refuses, root, scratch, succeeds, unet, expectNoStack } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

/** A disk of 1 MiB, where this process may mount one (as root, on Linux). */
const disk = path.join(scratch(), 'disk');
mkdirSync(disk);
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0;

afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
});

/** Leaves about `free` bytes. */
function fill(free: number): void {
  writeFileSync(path.join(disk, 'filler'), '');
  for (let size = 4096; ; size += 4096) {
    try {
      writeFileSync(path.join(disk, 'filler'), Buffer.alloc(size));
    } catch {
      writeFileSync(path.join(disk, 'filler'), Buffer.alloc(Math.max(0, size - 4096 - free)));
      return;
    }
  }
}

describe.skipIf(!mounted)('a full disk', () => {
  let spec: string;
  let data: string;

  beforeAll(async () => {
    spec = writeSpec('tiny.unet', tinySpec);
    data = await makeData();
  });

  it('leaves a spec as it was when it is formatted', async () => {
    const file = path.join(disk, 'spec.unet');
    const long = readFileSync(dalight, 'utf8').replaceAll('  ', '   ').replaceAll('"lib/', '"unet:lib/');
    writeFileSync(file, long);
    fill(0);
    expect(await refuses(1, ['fmt', file])).toMatch(/spec\.unet.*the disk is full/);
    expect(readFileSync(file, 'utf8')).toBe(long);
    rmSync(path.join(disk, 'filler'));
    await succeeds(['fmt', file]);
    rmSync(file);
  });

  it('ends commands that write with one message and no half file', async () => {
    fill(0);
    const generated = await refuses(1, ['compile', path.join(root, 'specs/unetr.unet'), '-o', disk]);
    expect(generated).toContain('the disk is full');
    expect(await refuses(1, ['data', 'synth', '-o', path.join(disk, 'd'), '--cases', '1'])).toContain(
      'the disk is full',
    );
    expect(await refuses(1, ['train', spec, '--data', data, '-o', path.join(disk, 'run')])).toContain(
      'the disk is full',
    );
    expect(readdirSync(disk, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([]);
    for (const name of readdirSync(disk)) rmSync(path.join(disk, name), { recursive: true });
  });

  it('stops a training, which goes on when there is room', async () => {
    const run = path.join(disk, 'run');
    await succeeds(['train', spec, '--data', data, '-o', run, '--steps', '4', '--protocol', 'Tiny16']);
    const checkpoint = readFileSync(path.join(run, 'checkpoints', 'last.safetensors'));
    rmSync(run, { recursive: true });
    // Room for the sealed files and the first checkpoint, not for the second beside it.
    fill(checkpoint.length + 72 * 1024);
    const stopped = await unet(['train', spec, '--data', data, '-o', run, '--steps', '12']);
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toMatch(/UNET6058.*safetensors.*the disk is full/);
    expectNoStack(stopped.stderr);
    rmSync(path.join(disk, 'filler'));
    await succeeds(['train', spec, '--data', data, '-o', run, '--resume']);
  });

  it('full of prepared cases is said, too', async () => {
    const cache = path.join(disk, 'cache');
    for (const name of readdirSync(disk)) rmSync(path.join(disk, name), { recursive: true });
    fill(8192);
    const { code, stderr } = await unet(['train', spec, '--data', data, '-o', path.join(scratch(), 'r')], {
      env: { UNET_CACHE: cache },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/UNET6020.*the disk is full/);
    expectNoStack(stderr);
  });
});
