import { describe, expect, it } from 'vitest';
import { refuses, succeeds, unet } from './run-unet.js';

interface Report {
  readonly auto: string | null;
  readonly engines: readonly {
    readonly name: string;
    readonly available: boolean;
    readonly detail: string;
    readonly faults: readonly string[];
    readonly capabilities: readonly { readonly op: string; readonly kernels: readonly string[] }[];
    readonly checks?: readonly { readonly passed: boolean }[];
    readonly losses?: readonly number[];
  }[];
}

describe('unet engines', () => {
  it('says of each engine what it is or why it is not there, and what each operation has on it', async () => {
    const text = await succeeds(['engines']);
    expect(text).toMatch(/^cpu +yes TensorFlow\.js cpu backend/m);
    expect(text).toMatch(/^wasm +yes TensorFlow\.js wasm backend/m);
    expect(text).toMatch(
      /^tensorflow +(yes libtensorflow|no: not installed; run\s+`npm install .*\/tfjs-node(-gpu)?@4\.22`|no: @)/m,
    );
    expect(text).toMatch(
      /^webgpu +(yes|no: no driver|no: not installed; run\s+`npm install .*-webgpu@4\.22 webgpu@0\.6`)/m,
    );
    expect(text).toMatch(/^cpu +(all \d+|\d+ of \d+) operations/m);
    expect(text).not.toMatch(/^conv /m);
    expect(text).toContain('(selected by `auto`)');
    expect(await succeeds(['engines', '--ops', '--engine', 'cpu'])).toMatch(/^conv +.*kernel, gradient/m);
  });

  it(
    'verifies: operations against cpu and finite differences, training against cpu',
    { timeout: 300_000 },
    async () => {
      const report = JSON.parse(
        await succeeds(['engines', '--verify', '--engine', 'wasm', '--format', 'json']),
      ) as Report;
      expect(report.engines.map(({ name }) => name)).toEqual(['wasm', 'cpu']);
      for (const { faults, checks, losses } of report.engines) {
        expect(faults).toEqual([]);
        expect(checks!.length).toBeGreaterThan(50);
        expect(losses).toHaveLength(20);
        // The rate is high enough that a wrong gradient shows in the losses.
        expect(losses!.at(-1)).toBeLessThan(0.96 * losses![0]!);
      }
    },
  );

  it('takes engine and threads also from the environment, and refuses what there is not', async () => {
    expect(await refuses(2, ['engines', '--engine', 'abacus'])).toContain('Allowed choices are auto, ');
    expect(await refuses(2, ['engines', '--threads', '0'])).toContain('whole number of at least 1');
    const { code, stderr } = await unet(['predict', 'x', '-o', 'm.nii.gz'], { env: { UNET_ENGINE: 'abacus' } });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('UNET_ENGINE') as string });
  });

  it('takes an empty variable for one that is not set', async () => {
    const arguments_ = ['predict', 'nowhere', '--image', 'x.nii.gz', '-o', 'm.nii.gz'];
    const env = { UNET_ENGINE: '', UNET_THREADS: ' ', UNET_ONNX_MODE: '' };
    expect(await refuses(1, arguments_, { env })).toContain('UNET6055');
  });
});
