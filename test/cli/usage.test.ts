import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../cli/exit.js';
import { createProgram } from '../../cli/program.js';
import { dalight, refuses, root, succeeds, unet } from './run-unet.js';

const commands = createProgram().commands.flatMap((command) =>
  command.commands.length === 0 ? [[command.name()]] : command.commands.map((child) => [command.name(), child.name()]),
);

describe('unet', () => {
  it('alone prints its help and exits 2', async () => {
    const { code, stderr } = await unet([]);
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: unet');
    expect(stderr).toContain('quickstart');
  });

  it('says its exit codes in its help, and docs/commands.md says them too', async () => {
    const help = await succeeds(['--help']);
    const page = readFileSync(path.join(root, 'docs/commands.md'), 'utf8');
    for (const code of Object.values(exitCodes)) {
      expect(help).toMatch(new RegExp(`^ {2}${code} +[A-Z]`, 'm'));
      expect(page).toMatch(new RegExp(`^\\| ${code} \\| `, 'm'));
    }
  });

  it('says its version', async () => {
    expect(await succeeds(['--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(commands.map((words) => words.join(' ')))(
    '%s has help with examples, whose flags there are',
    async (name) => {
      const help = await succeeds([...name.split(' '), '--help']);
      expect(help).toContain(`Usage: unet ${name}`);
      const examples = help.match(/^ {2}\$ unet .*$/gm) ?? [];
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        expect(example).toContain(`unet ${name}`);
        for (const flag of example.match(/ --?[a-z]+/g) ?? []) expect(help).toMatch(new RegExp(`^ .*${flag}\\b`, 'm'));
      }
    },
  );

  it.each([
    [['nope'], "Unknown command 'nope'"],
    [['chekc', 'x'], 'Did you mean check?'],
    [['check', '--nope', 'x'], "Unknown option '--nope'"],
    [['check'], 'Missing required argument'],
    [['check', 'x', '--format', 'yaml'], 'Allowed choices are text, json'],
    [['report', dalight, '--patch', '64,0,64'], 'whole numbers'],
    [['report', dalight, '--patch', '64,64'], '--patch has 2 sizes, but `DALight3D` has the axes D, H, W'],
    [['report', dalight, '--patch', '64'], '--patch has 1 size, but'],
    [['report', dalight, '--set', 'width'], 'knob=value'],
    [['report', dalight, '--model', 'Nope'], 'has no model `Nope`'],
    [['train', dalight, '-o', 'x'], '--data'],
    [['train', dalight, '--data', 'x', '-o', 'y', '--lr', '0'], 'greater than 0'],
    [['train', dalight, '--data', 'x', '-o', 'y', '--lr', '1e4'], 'at most 1000'],
    [['train', dalight, '--data', 'x', '-o', 'y', '--engine', 'abacus'], 'Allowed choices'],
    [['predict', 'x', '-o', 'm.nii.gz'], 'Expected either --data, or --image'],
    [['predict', 'x', '--image', 'a.nii', '-o', 'm.png'], 'must end in .nii.gz or .nii'],
    [['export', 'x', '-o', 'y', '--format', 'keras'], 'Allowed choices are onnx, tfjs, safetensors'],
    [['data', 'nope'], 'Unknown command'],
    [['explain', 'UNET0000'], 'Unknown diagnostic code `UNET0000`'],
    [['explain', '../../package'], 'Unknown diagnostic code'],
    [['explain', 'NOPE'], 'Run `unet explain` to list all codes.'],
    [['explain', 'UNET30711'], '`UNET3071`'],
  ])('%j is bad usage', async (args, message) => {
    expect(await refuses(2, args)).toContain(message);
  });

  it.each([
    [['check', 'nope.unet'], 'cannot be read'],
    [['fmt', 'nope.unet'], 'cannot be read'],
    [['report', 'nope.unet#Net'], '`nope.unet` cannot be read'],
    [['report', path.join(root, 'specs')], 'is a folder'],
    [['diff', dalight, 'nope.unet'], 'cannot be read'],
    [['study', 'plan', 'nope.unet', '--data', 'nope'], 'cannot be read'],
    [['ablate', 'nope.unet', '--data', 'nope', '-o', 'nope'], 'cannot be read'],
    [['train', dalight, '--data', 'nope', '-o', 'nope'], 'UNET6001'],
    [['data', 'check', 'nope'], 'UNET6001'],
    [['import', dalight, '--weights', 'nope.safetensors', '-o', 'nope'], 'UNET6051'],
    [['import', dalight, '--weights', root, '-o', 'nope'], 'is a folder'],
    [['apply', 'nope', '--inputs', 'nope.safetensors', '-o', 'out.safetensors'], 'UNET6055'],
    [['evaluate', 'nope', '--data', 'nope'], 'UNET6055'],
    [['predict', 'nope', '--image', 'nope.nii', '-o', 'mask.nii'], 'UNET6055'],
    [['export', 'nope', '--format', 'onnx', '-o', 'net.onnx'], 'UNET6055'],
    [['study', 'report', 'nope'], 'UNET'],
  ])('%j is a fault of files', async (args, message) => {
    expect(await refuses(1, args)).toContain(message);
  });

  it('explains a code, however it is written', async () => {
    const page = await succeeds(['explain', 'UNET6013']);
    expect(page).toMatch(/^# UNET6013: /);
    expect(await succeeds(['explain', 'unet6013'])).toBe(page);
    expect(await succeeds(['explain', '6013'])).toBe(page);
  });

  it('colours messages on a terminal alone, and not under NO_COLOR', async () => {
    expect(await refuses(1, ['check', 'nope.unet'], { env: { CI: '1' } })).not.toContain('\u001B');
    if (spawnSync('script', ['--version']).status !== 0) return;
    expect(onTerminal({ NO_COLOR: '' })).toContain('\u001B[31m');
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\u001B[31m');
  });
});

/** What a terminal shows of a failing command (util-linux `script` makes the terminal). */
function onTerminal(env: Readonly<Record<string, string>>): string {
  const command = `"${process.execPath}" "${path.join(root, 'dist/cli/main.js')}" check nope.unet`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm', ...env },
  });
  return stdout.toString();
}
