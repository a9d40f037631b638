import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { ENGINE_NAMES, listEngines, selectEngine } from '../../../runtime/engine/engines.js';
import { isMissing, reasonOf, repairUtil, type UtilModule } from '../../../runtime/engine/tensorflow.js';
import { layout } from '../../../runtime/layout.js';

describe('engines', () => {
  it('lists each with what it is or why it is not there', async () => {
    const engines = await listEngines();
    expect(engines.map(({ name }) => name)).toEqual(['tensorflow', 'wasm', 'cpu']);
    for (const { detail } of engines) expect(detail).toMatch(/\w+/);
    expect(engines.find(({ name }) => name === 'wasm')).toMatchObject({ available: true });
    expect(ENGINE_NAMES).toEqual(['auto', 'tensorflow', 'wasm', 'cpu']);
  });

  it.each(['wasm', 'cpu'])('%s runs and says nothing', async (name) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const engine = await selectEngine(name);
    expect(engine).toMatchObject({ name, layout: 'channels-last' });
    expect(tf.getBackend()).toBe(name);
    expect(layout()).toBe('channels-last');
    expect([...tf.add([1, 2], [3, 4]).dataSync()]).toEqual([4, 6]);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('auto takes the first that runs', async () => {
    const first = (await listEngines()).find(({ available }) => available)!;
    expect((await selectEngine('auto')).name).toBe(first.name);
  });

  it('names the engines where one is unknown', async () => {
    await expect(selectEngine('gpu')).rejects.toMatchObject({
      code: 'UNET5010',
      message: 'There is no engine `gpu`.',
      help: expect.stringMatching(/auto, tensorflow \(.*\), wasm \(.*SIMD.*\), cpu/) as string,
    });
  });

  it('says why an engine cannot run', async () => {
    const [tensorflow] = await listEngines();
    if (tensorflow!.available) return;
    await expect(selectEngine('tensorflow')).rejects.toMatchObject({
      code: 'UNET5011',
      message: expect.stringContaining('@tensorflow/tfjs-node-gpu: ') as string,
    });
  });
});

describe('loading tfjs-node', () => {
  it('puts back what newer Nodes lack in node:util, and leaves what is there', () => {
    const util: UtilModule = {};
    repairUtil(util);
    expect([null, undefined, 0].map((each) => util.isNullOrUndefined!(each))).toEqual([true, true, false]);
    expect(util.isArray!([])).toBe(true);
    const own = (): boolean => true;
    const present: UtilModule = { isNullOrUndefined: own };
    repairUtil(present);
    expect(present.isNullOrUndefined).toBe(own);
  });

  it('makes one line of a failure', () => {
    const missing = Object.assign(new Error("Cannot find package '@x/y' imported from z"), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
    expect(isMissing(missing, '@x/y')).toBe(true);
    expect(isMissing(missing, '@x/other')).toBe(false);
    expect(reasonOf(new Error('libcudart.so.11.0: cannot open shared object file\nat x'))).toBe(
      'libcudart.so.11.0: cannot open shared object file',
    );
  });
});
