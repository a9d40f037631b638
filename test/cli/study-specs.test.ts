import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, unet } from './run-unet.js';
import { writeSpec } from './tiny.js';

const studies = path.join(root, 'specs/studies');
const own = readdirSync(studies).map((name) => path.join(studies, name));

const spec = `model M {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, tumour)
  knob wide: bool = true off false
  mask = scan -> conv(8, 3) -> conv(8, 3) when wide -> conv(mask.classes, 1)
}
model Slim = M { wide = off }
protocol Short {
  split: kfold(4), patch: random([16, 16, 16])
  loss: dice, optimizer: adamw(lr: 1e-3), epochs: 1
}
`;

describe('studies through the command line', () => {
  it('checks those that come with the package', async () => {
    const { code, stderr } = await unet(['check', ...own]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${own.length} files checked: no problems found.\n` });
  });

  it('shows a fault of a study in its frame and exits 1', async () => {
    const file = writeSpec(
      'faulty-study.unet',
      `${spec}study S { protocol: Short, seeds: [1, 2, 1], folds: 4, base: M, variants: [Slim] }\n`,
    );
    const { code, stderr } = await unet(['check', file]);
    expect(code).toBe(1);
    expect(stderr).toContain('error UNET3063: The seed 1 is already in this study.');
    expect(stderr).toContain(`--> ${file}:12:42`);
    const { stdout } = await unet(['check', file, '--format', 'json']);
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; start: { column: number } }[] };
    expect(diagnostics.map(({ code, start }) => `${code} ${start.column}`)).toEqual(['UNET3063 42', 'UNET3064 53']);
  });

  it('exits 0 where a study is warned of', async () => {
    const rival = spec.replaceAll(' M ', ' Rival ').replaceAll('conv(8', 'conv(4').split('model Slim')[0] ?? '';
    const study = 'study S { protocol: Short, seeds: 1, base: M, rivals: [Rival unmatched "why not"] }\n';
    const { code, stderr } = await unet(['check', writeSpec('warned-study.unet', spec + rival + study)]);
    expect(code).toBe(0);
    expect(stderr).toContain('warning UNET4005');
  });

  it('formats a study once', async () => {
    const file = writeSpec(
      'loose-study.unet',
      'study S {\n  protocol:Short,seeds:1..3 // three\n  rivals:[A unmatched // why\n    "so",B equal params by width,]\n}\n',
    );
    expect((await unet(['fmt', file])).code).toBe(0);
    const once = readFileSync(file, 'utf8');
    expect(once).toBe(`study S {
  protocol: Short
  seeds: 1 .. 3 // three
  rivals: [
    // why
    A unmatched "so",
    B equal params by width
  ]
}
`);
    expect((await unet(['fmt', '--check', file])).code).toBe(0);
    expect((await unet(['fmt', '--check', ...own])).code).toBe(0);
  });
});
