import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ModelDescription } from '../../contract/model-description.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { differenceOf, predict } from '../../runtime/export/compare.js';
import { runOnnx } from '../../runtime/export/run-onnx.js';
import { modelFolder } from '../../runtime/index.js';
import { encodeSafetensors, readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { trainableNetwork } from '../../runtime/network/trainable-network.js';
import type { RunInfo } from '../../runtime/run/run-info.js';
import { changeInfo } from './change-info.js';
import { refuses, scratch, succeeds, spawnEach } from './run-unet.js';
import { makeData, tinySpec, writeSpec } from './tiny.js';

spawnEach();

const at = (name: string): string => path.join(scratch(), name);
const spec = (): string => writeSpec('tiny.unet', tinySpec);
const run = at('run');
const inputs = new Map<string, HostTensor>([
  ['scan', { shape: [2, 4, 8, 6, 10], data: Float32Array.from({ length: 3840 }, (_, i) => Math.sin(i)) }],
  ['site', { shape: [2], data: BigInt64Array.of(1n, -1n) }],
]);
/** What the run answers by `unet apply`. */
let logits: HostTensor;

async function applied(folder: string): Promise<HostTensor> {
  const out = at('out.safetensors');
  await succeeds(['apply', folder, '--inputs', at('in.safetensors'), '-o', out, '--engine', 'cpu']);
  return (await readSafetensors(out)).tensors.get('logits')!;
}

const exported = (format: string, out: string, ...flags: string[]): string[] => [
  'export',
  run,
  '--format',
  format,
  '-o',
  out,
  ...flags,
];

beforeAll(async () => {
  // A knob set from outside, so that the run's spec holds the model and the variant of it that was trained.
  const data = await makeData();
  await succeeds(['train', spec(), '--data', data, '-o', run, '--steps', '2', '--set', 'width=16']);
  writeFileSync(at('in.safetensors'), encodeSafetensors(inputs));
  logits = await applied(run);
});

describe('unet export', () => {
  it('writes an ONNX file that computes what the run does, and says how it knows', async () => {
    const out = at('tiny.onnx');
    expect(await succeeds(exported('onnx', out))).toMatch(
      /^\S+tiny\.onnx: Tiny, \d+ weights, equal to the network to within \d\.\de-\d+ at 16 × 16 × 16\n$/,
    );
    const found = runOnnx(readFileSync(out), inputs);
    expect([...found.keys()]).toEqual(['mask']);
    expect(differenceOf(found.get('mask'), logits)).toBeLessThan(1e-5);
    const again = at('again.onnx');
    expect(await succeeds(exported('onnx', again, '--no-check'))).toMatch(/: Tiny, \d+ weights\n$/);
    expect(readFileSync(again).equals(readFileSync(out))).toBe(true);
  });

  it('writes a tf.LayersModel that loads with the runtime alone, over one written before', async () => {
    const folder = at('tfjs');
    await succeeds(exported('tfjs', folder));
    expect(await succeeds(exported('tfjs', folder))).toMatch(/: Tiny, \d+ weights\n$/);
    expect(readdirSync(folder).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect(readdirSync(scratch()).filter((name) => name.includes('.tmp'))).toEqual([]);
    await selectEngine('cpu');
    const model = await tf.loadLayersModel(modelFolder(folder));
    const metadata = model.getUserDefinedMetadata() as { description: ModelDescription; identifiers: string };
    const found = predict(trainableNetwork(model, metadata.description), inputs);
    expect(differenceOf(found.get('mask'), logits)).toBe(0);
    expect(Object.keys(JSON.parse(metadata.identifiers) as object)).toEqual(['site']);
  });

  it('writes weights that `unet import` takes without a map', async () => {
    const out = at('tiny.safetensors');
    expect(await succeeds(exported('safetensors', out))).toMatch(/: Tiny, \d+ weights\n$/);
    const { tensors, metadata } = await readSafetensors(out);
    expect(metadata['model']).toBe('Tiny');
    expect(tensors.get('head.mask.conv.weight')?.shape).toEqual([4, 16, 1, 1, 1]);
    const imported = at('imported');
    await succeeds(['import', spec(), '--set', 'width=16', '--weights', out, '-o', imported]);
    expect(await applied(imported)).toEqual(logits);
    expect(await refuses(1, ['import', spec(), '--set', 'width=16', '--weights', out, '-o', imported])).toMatch(
      /UNET6054[^]*empty folder/,
    );
  });

  it('writes weights that are not taken for channels or classes in another order', async () => {
    const out = at('ordered.safetensors');
    await succeeds(exported('safetensors', out));
    const refusal = async (from: string, to: string) => {
      const other = writeSpec('other-order.unet', tinySpec.replace(from, to));
      return refuses(1, ['import', other, '--set', 'width=16', '--weights', out, '-o', at('other-order')]);
    };
    const channels = await refusal('FLAIR, T1w, t1gd', 't1gd, T1w, flair');
    expect(channels).toMatch(/UNET6052: .* channel `t1gd` at a different position[^]*help: .*: FLAIR, T1w, t1gd, T2w;/);
    const classes = await refusal(
      'background, edema, `non-enhancing tumor`',
      'background, `non-enhancing tumor`, edema',
    );
    expect(classes).toMatch(/UNET6052: .* class `non-enhancing tumor` at a different position/);
    expect(existsSync(at('other-order'))).toBe(false);
  });
});

/** A copy of the run with changes in its run.json. */
function changed(name: string, change: Partial<RunInfo>): string {
  const copy = at(name);
  cpSync(run, copy, { recursive: true });
  changeInfo(copy, () => change);
  return copy;
}

describe('unet export refuses', () => {
  it('a file whose name says something else', async () => {
    expect(await refuses(2, exported('onnx', at('net.bin')))).toContain('must end in .onnx');
    expect(existsSync(at('net.bin'))).toBe(false);
  });

  it('what is no run, and a run that is not finished', async () => {
    const nowhere = ['export', at('nowhere'), '--format', 'onnx', '-o', at('net.onnx')];
    expect(await refuses(1, nowhere)).toContain('UNET6055');
    const stopped = changed('stopped', { status: 'interrupted' });
    const message = await refuses(1, ['export', stopped, '--format', 'onnx', '-o', at('net.onnx')]);
    expect(message).toMatch(/UNET6070.*is not finished: its training was interrupted[^]*--resume/);
    expect(existsSync(at('net.onnx'))).toBe(false);
  });

  it('a spec that gives another network than the run trained', async () => {
    const versions = { node: '20', tfjs: '4', 'unet-lang': '0.0.9' };
    const other = changed('other', { graph: '0'.repeat(64), versions });
    const message = await refuses(1, ['export', other, '--format', 'onnx', '-o', at('net.onnx')]);
    expect(message).toMatch(/UNET6071[^]*version 0\.0\.9/);
  });

  it('to write where it cannot, or over what is not its own', async () => {
    expect(await refuses(1, exported('onnx', at('no/such/net.onnx')))).toContain('UNET6058');
    const notes = at('notes');
    mkdirSync(notes);
    writeFileSync(path.join(notes, 'thesis.txt'), 'years of work');
    expect(await refuses(1, exported('tfjs', notes))).toContain('UNET6054');
    expect(readFileSync(path.join(notes, 'thesis.txt'), 'utf8')).toBe('years of work');
    expect(readdirSync(notes)).toEqual(['thesis.txt']);
  });
});
