import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

async function modeOf(value: string): Promise<string> {
  vi.stubEnv('UNET_ONNX_MODE', value);
  vi.resetModules();
  const { onnxMode } = await import('../../../../runtime/engine/onnx/settings.js');
  return onnxMode();
}

it('takes the mode from the environment, and refuses one that does not exist', async () => {
  expect(await modeOf('eager')).toBe('eager');
  expect(await modeOf('compiled')).toBe('compiled');
  expect(await modeOf('')).toBe('compiled');
  await expect(modeOf('lazy')).rejects.toMatchObject({
    code: 'UNET6160',
    message: 'The environment variable `UNET_ONNX_MODE` is `lazy`; expected `compiled` or `eager`.',
  });
});
