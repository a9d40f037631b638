import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dalight, refuses, root, scratch, succeeds, unet } from './run-unet.js';
import { tinySpec, writeSpec } from './tiny.js';

const noCsa = path.join(root, 'specs/ablations/no-csa.unet');

describe('unet diff', () => {
  it('compares two files as text, Markdown, JSON and HTML', async () => {
    expect(await succeeds(['diff', dalight, noCsa])).toMatch(/^DALight3D → NoCSA: architecture only$/m);
    expect(await succeeds(['diff', dalight, noCsa, '--format', 'markdown'])).toContain('| csa | true | false |');
    const json = JSON.parse(await succeeds(['diff', dalight, noCsa, '--format', 'json'])) as { class: string };
    expect(json).toMatchObject({ class: 'architecture', params: { delta: -294_552 } });
    const html = await succeeds(['diff', dalight, noCsa, '--format', 'html']);
    expect(html).toMatch(/^<!doctype html>[\s\S]*<img src="data:image\/svg\+xml;base64,[\s\S]*<\/html>\n$/);
    const page = path.join(scratch(), 'diff.html');
    for (const _ of ['written', 'replaced']) {
      expect(await succeeds(['diff', dalight, noCsa, '--format', 'html', '-o', page])).toBe(`${page}\n`);
    }
    expect(readFileSync(page, 'utf8')).toContain('architecture only');
    expect(await refuses(1, ['diff', dalight, noCsa, '-o', noCsa])).toContain('UNET6150');
  });

  it('takes models of one file, and knobs set from outside', async () => {
    const file = writeSpec('models.unet', `${tinySpec}\nmodel Wide = Tiny { width = 16 }\n`);
    const models = await succeeds(['diff', `${file}#Tiny`, `${file}#Wide`, '--patch', '16,16,16']);
    expect(models).toContain('width  8       16');
    const knobs = await succeeds(['diff', `${file}#Tiny`, '--set', 'width=16', '--patch', '16,16,16']);
    expect(knobs.split('\n').slice(4)).toEqual(models.split('\n').slice(4));
    expect(await refuses(2, ['diff', file, `${file}#Nope`])).toContain(`with ${file}#NAME`);
    expect(await refuses(2, ['diff', `${file}#Tiny`, `${file}#Nope`])).toContain('has no model `Nope`');
  });

  it('tells another task, as other inputs, outputs or axes make it, from another network', async () => {
    const models = `use "unet:lib/unet.unet"
model Volume {
  input  scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  knob widths: list(int) = [8, 16]
  encoder { widths: widths, level(c): two_convs(c), down: max_pool(2) }
  decoder { up(c): resize(linear, scale: 2) -> conv(c, 1), fuse: concat_up_skip, level(c): two_convs(c) }
  head mask: conv(mask.classes, 1, bias: true)
}
model Slice    = Volume { input scan: image(T1w)[H, W] }
model Channels = Volume { input scan: image(T1w, FLAIR)[D, H, W] }
model Regions  = Volume { output mask: regions(whole: [1]) }
model Labels   = Volume { output mask: classes(background, lesion) }
model Fixed    = Volume { input scan: image(T1w)[D = 32, H, W] }
model Wide     = Volume { widths = [16, 32] }
protocol P { patch: random([32, 32, 32]), loss: cross_entropy, optimizer: adamw(lr: 1e-3), epochs: 1 }
`;
    const file = writeSpec('tasks.unet', models);
    const classes = async (name: string): Promise<unknown> => {
      const { stdout } = await unet(['diff', `${file}#Volume`, `${file}#${name}`, '--format', 'json']);
      const found = JSON.parse(stdout) as { class: string; protocol: readonly { name: string }[] };
      return [found.class, ...found.protocol.map((each) => each.name)];
    };
    expect(await classes('Slice')).toEqual(['protocol', 'image', 'legal patch']);
    expect(await classes('Channels')).toEqual(['protocol', 'image']);
    expect(await classes('Regions')).toEqual(['protocol', 'labels']);
    expect(await classes('Labels')).toEqual(['protocol', 'labels']);
    // A fixed size that is that of the protocol's patch: the data are the same.
    expect(await classes('Fixed')).toEqual(['architecture']);
    expect(await classes('Wide')).toEqual(['architecture']);
  });

  it('tells a change of training from one of the network', async () => {
    const file = writeSpec('one.unet', tinySpec);
    const other = writeSpec('two.unet', tinySpec.replace('lr: 3e-3', 'lr: 1e-3'));
    const { stdout } = await unet(['diff', file, other, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      class: 'protocol',
      changes: [],
      protocol: [{ name: 'optimizer.lr', before: '0.003', after: '0.001' }],
    });
    expect(await succeeds(['diff', file, file])).toContain('same network');
  });

  it('compares at a patch that both allow', async () => {
    const specs = (name: string): string => path.join(root, 'specs', name);
    expect(await succeeds(['diff', specs('unetr.unet'), specs('unet3d.unet')])).toContain('totals at D = 96');
    const plain = await succeeds(['diff', specs('unet2d-2015.unet'), specs('unet3d.unet')]);
    expect(plain).toContain('totals at H = 188, W = 188 before, D = 64');
    expect(await refuses(1, ['diff', dalight, specs('unet3d.unet'), '--patch', '60,60,60'])).toContain('UNET3016');
  });

  it('asks for what it lacks, and shows what is wrong with a spec', async () => {
    expect(await refuses(2, ['diff', dalight])).toContain('--set');
    expect(await refuses(1, ['diff', dalight, 'nope.unet'])).toContain('cannot be read');
    expect(await refuses(1, ['diff', dalight, writeSpec('bad.unet', 'model A {\n')])).toContain('UNET1002');
  });
});

const git = (folder: string, ...args: string[]): string => {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd: folder, encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
};

describe('in a git repository', () => {
  const folder = path.join(scratch(), 'repository');
  const net = path.join(folder, 'nets/net.unet');
  const block = (channels: string): string => `block level(out: int) {\n x: [C, ...S]\n x -> conv(${channels}, 3)\n}\n`;
  const spec = tinySpec.replace('use "unet:lib/unet.unet"', 'use "unet:lib/unet.unet"\nuse "../lib/blocks.unet"');

  beforeAll(() => {
    mkdirSync(path.dirname(net), { recursive: true });
    mkdirSync(path.join(folder, 'lib'), { recursive: true });
    git(folder, 'init', '-q');
    writeFileSync(path.join(folder, 'lib/blocks.unet'), block('out'));
    writeFileSync(net, spec.replace('level(c): conv(c, 3) -> gelu', 'level(c): level(c) -> gelu'));
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'first');
    writeFileSync(path.join(folder, 'lib/blocks.unet'), block('2 * out'));
  });

  it('compares with a commit, with all that the file used then', async () => {
    const changed = await succeeds(['diff', 'HEAD:nets/net.unet', 'nets/net.unet'], { cwd: folder });
    expect(changed).toMatch(/~ changed +decoder\.level0\.level\.conv/);
    const below = await succeeds(['diff', 'HEAD:net.unet', 'net.unet'], { cwd: path.dirname(net) });
    expect(below.split('\n').slice(2)).toEqual(changed.split('\n').slice(2));
    expect(await succeeds(['diff', 'HEAD:net.unet', 'HEAD:net.unet'], { cwd: path.dirname(net) })).toContain(
      'same network',
    );
  });

  it('says what git does not know', async () => {
    expect(await refuses(2, ['diff', 'nope:nets/net.unet', 'nets/net.unet'], { cwd: folder })).toContain(
      'git commit `nope`',
    );
    expect(await refuses(2, ['diff', '--', '--version:nets/net.unet', 'nets/net.unet'], { cwd: folder })).toContain(
      'git commit `--version`',
    );
    expect(await refuses(1, ['diff', 'HEAD:nets/no.unet', 'nets/net.unet'], { cwd: folder })).toContain(
      'cannot be read',
    );
  });

  it('is what git difftool shows', () => {
    writeFileSync(net, readFileSync(net, 'utf8').replace('int = 8', 'int = 16'));
    const command = `"${process.execPath}" "${path.join(root, 'dist/cli/main.js')}" diff "$LOCAL" "$REMOTE" --at "$MERGED"`;
    const tool = [
      '-c',
      `difftool.unet.cmd=${command}`,
      'difftool',
      '--tool=unet',
      '--no-prompt',
      '--',
      'nets/net.unet',
    ];
    expect(git(folder, ...tool)).toContain('width  8       16');
  });
});

describe('unet diagram', () => {
  const out = (name: string): string => path.join(scratch(), name);

  it('writes SVG and PNG, the same bytes each time', async () => {
    expect(await succeeds(['diagram', dalight, '-o', out('a.svg')])).toBe(`${out('a.svg')}\n`);
    await succeeds(['diagram', dalight, '-o', out('b.svg')]);
    const svg = readFileSync(out('a.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n<!-- Generated by unet [0-9a-f]{16} -->\n$/);
    expect(svg).toContain('2,219,074 parameters');
    expect(readFileSync(out('b.svg'), 'utf8')).toBe(svg);
    await succeeds(['diagram', dalight, '-o', out('a.png'), '--scale', '0.5']);
    expect(readFileSync(out('a.png')).subarray(1, 4).toString()).toBe('PNG');
  });

  it('marks what a variant changes', async () => {
    await succeeds(['diagram', noCsa, '--diff', '-o', out('variant.svg')]);
    const svg = readFileSync(out('variant.svg'), 'utf8');
    expect(svg).toContain('NoCSA (csa = false) compared with DALight3D');
    expect(svg).toContain('>− cross slice attention<');
    await succeeds(['diagram', noCsa, '--diff', dalight, '-o', out('named.svg')]);
    expect(readFileSync(out('named.svg'), 'utf8')).toBe(svg);
    await succeeds(['diagram', dalight, '--set', 'csa=off', '--diff', '-o', out('set.svg')]);
    expect(readFileSync(out('set.svg'), 'utf8')).toContain('>− cross slice attention<');
  });

  it('draws for dark grounds, and TikZ for papers', async () => {
    await succeeds(['diagram', dalight, '-o', out('dark.svg'), '--theme', 'dark']);
    await succeeds(['diagram', dalight, '-o', out('auto.svg')]);
    expect(readFileSync(out('dark.svg'), 'utf8')).not.toContain('<style>');
    expect(readFileSync(out('auto.svg'), 'utf8')).toContain('prefers-color-scheme:dark');
    await succeeds(['diagram', dalight, '-o', out('net.tex')]);
    expect(readFileSync(out('net.tex'), 'utf8')).toMatch(/\\end\{document\}\n% Generated by unet [0-9a-f]{16}\n$/);
    // A file of ours may be replaced, an edited one may not.
    await succeeds(['diagram', dalight, '-o', out('net.tex'), '--theme', 'dark']);
    writeFileSync(out('net.tex'), '% mine');
    expect(await refuses(1, ['diagram', dalight, '-o', out('net.tex')])).toContain('UNET6152');
  });

  it('refuses what it cannot draw or write', async () => {
    expect(await refuses(2, ['diagram', dalight, '-o', out('a.pdf')])).toContain('.svg, .png or .tex');
    expect(await refuses(2, ['diagram', dalight, '--diff', '-o', out('c.svg')])).toContain('is not a variant');
    expect(await refuses(2, ['diagram', dalight, '-o', out('c.png'), '--scale', '1000'])).toContain('too large');
    expect(await refuses(1, ['diagram', dalight, '-o', out('no/such/folder.svg')])).toContain('UNET6058');
  });
});
