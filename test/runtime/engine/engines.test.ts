import * as tf from '@tensorflow/tfjs';
import { describe, expect, it, vi } from 'vitest';
import { ENGINE_NAMES, ENGINES } from '../../../runtime/engine/catalogue.js';
import { listEngines, selectEngine } from '../../../runtime/engine/engines.js';
import { isMissing, reasonOf } from '../../../runtime/engine/reason.js';
import { repairUtil, setVariables, type UtilModule } from '../../../runtime/engine/tensorflow.js';
import { layout } from '../../../runtime/ops/layout.js';

describe('engines', () => {
  it('lists each with what it is or why it is not there', async () => {
    const engines = await listEngines();
    expect(engines.map(({ name }) => name)).toEqual(ENGINES.map(({ name }) => name));
    for (const { detail } of engines) expect(detail).toMatch(/\w+/);
    expect(engines.find(({ name }) => name === 'wasm')).toMatchObject({ available: true });
    expect(ENGINE_NAMES).toEqual(['auto', ...engines.map(({ name }) => name)]);
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
    const choosable = ENGINES.filter(({ auto }) => auto).map(({ name }): string => name);
    const first = (await listEngines()).find(({ name, available }) => available && choosable.includes(name))!;
    expect((await selectEngine('auto')).name).toBe(first.name);
  });

  it('names the engines where one is unknown', async () => {
    await expect(selectEngine('gpu')).rejects.toMatchObject({
      code: 'UNET5010',
      message: 'Unknown engine `gpu`.',
      help: expect.stringMatching(/auto, .*tensorflow \(.*\), webgpu \(.*\), wasm \(.*SIMD.*\), cpu/) as string,
    });
  });

  it('says which settings do nothing on an engine', async () => {
    expect((await selectEngine('cpu', { threads: 2 })).unsupported).toEqual(['threads']);
    expect((await selectEngine('cpu')).unsupported).toEqual([]);
  });

  it('says why an engine cannot run', async () => {
    const tensorflow = (await listEngines()).find(({ name }) => name === 'tensorflow');
    if (tensorflow!.available) return;
    await expect(selectEngine('tensorflow')).rejects.toMatchObject({
      code: 'UNET5011',
      message: expect.stringMatching(
        /^The engine `tensorflow` is not available on this machine: .*@tensorflow\/tfjs-node/,
      ) as string,
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

  it('hands settings on in the environment, where a person has not set them', () => {
    const environment: NodeJS.ProcessEnv = { TF_FORCE_GPU_ALLOW_GROWTH: 'false' };
    setVariables({ threads: 3 }, environment);
    expect(environment).toEqual({ TF_FORCE_GPU_ALLOW_GROWTH: 'false', TF_NUM_INTRAOP_THREADS: '3' });
    const empty: NodeJS.ProcessEnv = {};
    setVariables({}, empty);
    expect(empty).toEqual({ TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
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
