/** `check` and `fmt` beyond a file: standard input, settings, watching; and what follows a message. */
import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { dalight, root, scratch, startUnet, succeeds, unet } from './run-unet.js';

const main = path.join(root, 'dist/cli/main.js');
const model = `model M {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  mask = scan -> conv(mask.classes, 1)
}
`;

function piped(args: readonly string[], input: string): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { input, cwd: root });
  return { code: status, stdout: stdout.toString(), stderr: stderr.toString() };
}

describe('standard input', () => {
  it('is checked, with imports resolved from --at', () => {
    const used = 'use "../unet3d.unet"\nmodel Narrow = UNet3D { width = 16 }\n';
    expect(piped(['check', '-', '--at', 'specs/ablations/new.unet'], used)).toMatchObject({ code: 0 });
    const { code, stderr } = piped(['check', '-'], used);
    expect([code, stderr]).toEqual([1, expect.stringContaining('<stdin>:1:5')]);
  });

  it('is formatted to standard output, and only listed with --check', () => {
    const untidy = model.replaceAll('  ', ' ');
    expect(piped(['fmt', '-'], untidy)).toEqual({ code: 0, stdout: model, stderr: '' });
    expect(piped(['fmt', '--check', '-'], untidy)).toEqual({ code: 1, stdout: '-\n', stderr: '' });
  });
});

it('check --set reports what a setting breaks', async () => {
  expect(await succeeds(['check', `${dalight}#DALight3D`, '--set', 'width=32'])).toBe('');
  const { code, stderr } = await unet(['check', dalight, '--set', 'width=30']);
  expect(code).toBe(1);
  expect(stderr).toContain('error UNET3007');
});

describe('the command that explains', () => {
  const wrong = path.join(scratch(), 'wrong.unet');
  writeFileSync(wrong, model.replace('scan ->', 'scna -> nrom ->'));

  it('is the last line, once, with every code', async () => {
    const { stderr } = await unet(['check', wrong]);
    const codes = [...new Set(stderr.match(/(?<=^error )UNET\d{4}/gm))].sort();
    expect(stderr.endsWith(`\n\nFor more: unet explain ${codes.join(' ')}\n`)).toBe(true);
    expect(stderr.match(/For more/g)).toHaveLength(1);
    expect((await succeeds(['explain', ...codes])).match(/^# UNET/gm)).toHaveLength(codes.length);
  });

  it('is not shown with --quiet or --json, nor without an error', async () => {
    for (const args of [
      ['check', wrong, '--quiet'],
      ['check', wrong, '--json'],
      ['check', dalight],
    ]) {
      expect((await unet(args)).stderr).not.toContain('For more');
    }
  });
});

it('--json and another --format contradict each other', async () => {
  const { code, stderr } = await unet(['report', dalight, '--json', '--format', 'markdown']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--json and --format markdown contradict each other')]);
});

it('--color is before NO_COLOR, which is before FORCE_COLOR', async () => {
  const isColoured = async (args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> =>
    (await unet(['check', 'nope.unet', ...args], { env })).stderr.includes('\u001B[31m');
  expect(await isColoured([], { FORCE_COLOR: '1', NO_COLOR: '' })).toBe(true);
  expect(await isColoured([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
  expect(await isColoured(['--color', 'always'], { NO_COLOR: '1' })).toBe(true);
});

it('--watch checks again when an imported file is replaced, and Ctrl-C ends it with 130', async () => {
  const [file, used] = [path.join(scratch(), 'watched.unet'), path.join(scratch(), 'used.unet')];
  writeFileSync(used, model);
  writeFileSync(file, 'use "used.unet"\nmodel N = M { }\n');
  const running = startUnet(['check', file, '--watch']);
  await running.saw('press Ctrl-C to stop');
  writeFileSync(`${used}.new`, model.replace('scan ->', 'scna ->'));
  renameSync(`${used}.new`, used);
  await running.saw('error UNET2001');
  await running.saw('For more');
  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(130);
}, 60_000);
