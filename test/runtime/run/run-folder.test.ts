import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importedProtocol } from '../../../runtime/run/imported-protocol.js';
import { importModule } from '../../../runtime/run/load-module.js';
import { buildNetwork, openNetwork } from '../../../runtime/run/open-network.js';
import { createRun, openRun, selectedCheckpoint, setStatus } from '../../../runtime/run/run-folder.js';
import { runPaths } from '../../../runtime/training/run-paths.js';
import { sealInfo, type RunInfo } from '../../../runtime/run/run-info.js';
import { textDigest } from '../../../runtime/data/file-digest.js';
import { newProgress, saveCheckpoint } from '../../../runtime/training/checkpoint.js';
import { failWrites } from './full-disk.js';
import { moduleText, runContents } from './tiny-run.js';

let parent: string;
let directory: string;

beforeAll(() => tf.setBackend('cpu'));
beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'unet-run-'));
  directory = path.join(parent, 'run');
});
afterEach(() => rm(parent, { recursive: true }));

async function made() {
  const { run, lock } = await createRun(directory, runContents());
  lock.release();
  return run;
}

describe('createRun and openRun', () => {
  it('keep what a run is made of', async () => {
    const run = await made();
    const opened = await openRun(directory);
    expect(opened).toEqual(run);
    expect(opened.info).toMatchObject({ format: 3, status: 'created', model: 'Tiny', seed: 3 });
    expect(opened.info.versions).toMatchObject({ node: process.versions.node, tfjs: '4.22.0', 'unet-lang': '0.1.0' });
    expect(opened.files['spec.unet']).toBe(runContents().spec);
    expect((await readdir(directory)).sort()).toEqual(
      ['checkpoints', 'model.ts', 'protocol.json', 'run.json', 'spec.unet', 'split.json'].sort(),
    );
    await setStatus(run, 'done');
    expect((await openRun(directory)).info.status).toBe('done');
  });

  it('take an empty folder, and one whose making was cut short; refuse any other', async () => {
    await mkdir(path.join(directory, 'checkpoints'), { recursive: true });
    await writeFile(path.join(directory, 'model.ts'), 'half a mod');
    // Without the lock of a killed process these may be anybody's files.
    await expect(createRun(directory, runContents())).rejects.toMatchObject({ code: 'UNET6054' });
    expect(await readFile(path.join(directory, 'model.ts'), 'utf8')).toBe('half a mod');
    await writeFile(
      path.join(directory, 'run.lock'),
      JSON.stringify({ pid: 2 ** 22, host: hostname(), started: null }),
    );
    await made();
    await expect(createRun(directory, runContents())).rejects.toMatchObject({ code: 'UNET6054' });
    const other = path.join(parent, 'other');
    await mkdir(other);
    await writeFile(path.join(other, 'thesis.doc'), 'my only copy');
    await expect(createRun(other, runContents())).rejects.toMatchObject({ code: 'UNET6054' });
    expect(await readdir(other)).toEqual(['thesis.doc']);
    await expect(createRun(path.join(other, 'thesis.doc'), runContents())).rejects.toMatchObject({ code: 'UNET6054' });
  });

  it('hold the folder while it is written', async () => {
    const { lock } = await createRun(directory, runContents());
    expect(existsSync(path.join(directory, 'run.lock'))).toBe(true);
    lock.release();
  });

  it.skipIf(process.platform !== 'linux')(
    'fail on a full disk with a clear message, and leave the folder usable',
    async () => {
      const failing = await failWrites((file) => file.includes('protocol.json'));
      await expect(createRun(directory, runContents())).rejects.toMatchObject({ code: 'UNET6058' });
      failing.mockRestore();
      expect(existsSync(directory)).toBe(false);
      await made();
    },
  );

  it('name a file that was changed or lost', async () => {
    await made();
    await appendFile(path.join(directory, 'model.ts'), '\n');
    await expect(openRun(directory)).rejects.toMatchObject({ code: 'UNET6056' });
    await expect(openRun(directory)).rejects.toThrow(/model\.ts` was changed/);
    await rm(path.join(directory, 'model.ts'));
    await expect(openRun(directory)).rejects.toThrow(/model\.ts` is missing/);
  });

  it('tell what is no run, a malformed one, and one of another format', async () => {
    await expect(openRun(parent)).rejects.toMatchObject({ code: 'UNET6055' });
    await made();
    const file = path.join(directory, 'run.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('"seed": 3', '"seed": "three"'));
    await expect(openRun(directory)).rejects.toThrow(/invalid `seed`: expected a number, got "three"/);
    await writeFile(file, text.replace('"format": 3', '"format": 2'));
    await expect(openRun(directory)).rejects.toMatchObject({ code: 'UNET6060' });
    await writeFile(file, 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n');
    await expect(openRun(directory)).rejects.toMatchObject({
      message: expect.stringContaining('Git LFS pointer') as string,
      help: expect.stringContaining('git lfs pull') as string,
    });
    await writeFile(file, '{');
    await expect(openRun(directory)).rejects.toMatchObject({ code: 'UNET6055' });
  });
});

describe('a changed run.json', () => {
  it('is refused whichever of its values was changed', async () => {
    await made();
    const file = path.join(directory, 'run.json');
    const text = await readFile(file, 'utf8');
    const changes: [string, string][] = [
      ['"seed": 3', '"seed": 7'],
      ['"status": "created"', '"status": "done"'],
      ['"model": "Tiny"', '"model": "Tini"'],
    ];
    for (const [from, to] of changes) {
      expect(text).toContain(from);
      await writeFile(file, text.replace(from, to));
      await expect(openRun(directory)).rejects.toMatchObject({ code: 'UNET6056' });
      await expect(openRun(directory)).rejects.toThrow(/run\.json` was changed or damaged/);
    }
    await writeFile(file, text);
    const original = (await openRun(directory)).info;
    const bytes = Buffer.from(text);
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(file, altered);
      const found = await openRun(directory).catch((error: unknown) => error);
      // White space between values may change, and nothing else.
      if (!(found instanceof Error)) expect(found).toMatchObject({ info: original });
      else expect(found, `bit ${bit}`).toMatchObject({ name: 'UserError' });
    }
  });

  it.each(['split.json', 'protocol.json'])('whose checksum was changed too shows that %s is no JSON', async (name) => {
    await made();
    const file = path.join(directory, 'run.json');
    const { checksum: _, ...info } = JSON.parse(await readFile(file, 'utf8')) as RunInfo & { checksum: string };
    await writeFile(path.join(directory, name), 'garbage');
    const checksums = { ...info.checksums, [name]: textDigest('garbage') };
    await writeFile(file, JSON.stringify(sealInfo({ ...info, checksums })));
    await expect(openRun(directory)).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringContaining(`${name}\` is not valid JSON`) as string,
    });
  });
});

describe('networks of a run', () => {
  it('are built from generated code with the layers of this process, from the seed of the run', async () => {
    const run = await made();
    const module = await importModule(moduleText());
    expect(module.description.name).toBe('Tiny');
    const [a, b] = [buildNetwork(run, module), buildNetwork(run, module)];
    expect(a.weights.map(({ id }) => id)).toEqual(['first.weight', 'first.bias', 'last.weight']);
    const values = a.weights.map(({ variable }) => [...variable.dataSync()]);
    expect(b.weights.map(({ variable }) => [...variable.dataSync()])).toEqual(values);
    expect(values[0]!.some((value) => value !== 0)).toBe(true);
  });

  it('take the weights of the checkpoint that the protocol selects', async () => {
    const run = await made();
    const module = await importModule(moduleText());
    await expect(openNetwork(run, module)).rejects.toMatchObject({ code: 'UNET6064' });
    const { last, best } = runPaths(directory);
    const network = buildNetwork(run, module);
    for (const [file, value] of [
      [last, 1],
      [best, 2],
    ] as const) {
      network.weights.forEach(({ variable }) => variable.assign(tf.fill(variable.shape, value)));
      await saveCheckpoint(file, network, undefined, newProgress());
    }
    expect((await openNetwork(run, module)).weights[0]!.variable.dataSync()[0]).toBe(1);
    const byBest = { ...run, protocol: { ...run.protocol, select: { kind: 'best', metric: 'mean_dice' } as const } };
    expect(selectedCheckpoint(byBest)).toBe(best);
    expect((await openNetwork(byBest, module)).weights[0]!.variable.dataSync()[0]).toBe(2);
  });

  it('come from modules that export what they must', async () => {
    await expect(importModule('export const build = 1;')).rejects.toThrow(/does not export/);
    const { build } = await importModule(moduleText());
    expect(build().weights).toHaveLength(3);
  });
});

describe('importedProtocol', () => {
  it('is the release’s loss and optimiser at a constant rate', () => {
    expect(importedProtocol([8, 8, 8], ['D', 'H', 'W'])).toMatchObject({
      loss: [
        { kind: 'dice', weight: 1, smooth: 1, classes: 'foreground', over: 'case', denominator: 'sums', weights: null },
        { kind: 'cross_entropy', weight: 0.5, weights: null },
      ],
      optimizer: { lr: 5e-5, weightDecay: 1e-5, clipNorm: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      schedule: { kind: 'constant' },
    });
  });
});
