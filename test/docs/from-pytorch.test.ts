/** The commands of docs/from-pytorch.md, run on what its Python wrote (record-from-pytorch.py). */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, scratch, unet, type Ended } from '../cli/run-unet.js';

const guide = readFileSync(path.join(root, 'docs/from-pytorch.md'), 'utf8');
const at = (name: string): string => path.join(scratch(), name);

/** The fenced texts of a language. */
const fences = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);

/** The commands, each with the lines that it is said to print. */
const commands = fences('console')
  .flatMap((text) => text.split(/^\$ /m).slice(1))
  .map((text) => text.trimEnd().split('\n'))
  .map(([command = '', ...printed]) => ({ command, printed: printed.filter((line) => line !== '...') }));

/** Runs a command of the guide in the folder of the test: paths become absolute there, and are relative in what it prints. */
async function run(command: string): Promise<Ended> {
  const isPath = (word: string): boolean => /\.(unet|pt|json|nii\.gz)$|^runs\/|^phantoms$/.test(word);
  const [, ...args] = command.split(' ').map((word) => (isPath(word) ? at(word) : word));
  const { code, stdout, stderr } = await unet(args);
  const relative = (text: string): string => text.replaceAll(`${scratch()}/`, '');
  return { code, stdout: relative(stdout), stderr: relative(stderr) };
}

beforeAll(() => {
  cpSync(path.join(root, 'test/docs/recorded'), scratch(), { recursive: true });
  const [map = ''] = fences('json');
  const swapped = map
    .replace('norm_act.norm.*": "enc{i}.1.*', 'norm_act.norm.*": "enc{i}.4.*')
    .replace('norm_act2.norm.*": "enc{i}.4.*', 'norm_act2.norm.*": "enc{i}.1.*');
  writeFileSync(at('net.unet'), fences('unet')[0]!);
  writeFileSync(at('map.json'), map);
  writeFileSync(at('swapped.json'), swapped);
});

describe('docs/from-pytorch.md', () => {
  it('prints what the guide shows, command by command', async () => {
    expect(commands).toHaveLength(5);
    const synth = /`(unet data synth [^`]+)`/.exec(guide)![1]!;
    expect((await run(`${synth} --size 24,24,24`)).code).toBe(0);
    for (const { command, printed } of commands) {
      const { code, stdout, stderr } = await run(command);
      const output = `${stdout}${stderr}`;
      const fails = printed.some((line) => line.startsWith('error '));
      expect({ command, code, stderr: fails || code === 0 ? '' : stderr }).toEqual({
        command,
        code: fails ? 1 : 0,
        stderr: '',
      });
      for (const line of printed) expect(alike(output)).toContain(alike(line));
    }
    expect(existsSync(at('mask.nii.gz'))).toBe(true);
    expect(existsSync(at('runs/net2'))).toBe(false);
  });

  it('shows a part of the draft as it is', () => {
    const drafted = readFileSync(at('names.json'), 'utf8').replace(/\s+/g, ' ');
    const [shown = ''] = fences('text');
    for (const part of shown.replace(/\s+/g, ' ').split('...'))
      expect(drafted).toContain(part.replace(/[\]} ,]+$/, '').trim());
  });
});

/** A line without its spacing, and without the last digits of rounding errors, which differ between engines. */
function alike(text: string): string {
  return text.replace(/\d\.\de-\d/g, 'tiny').replace(/[ \t]+/g, ' ');
}
