/** Every route to a mask gives the same voxels, in the data set's label values. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeNifti } from '../../runtime/data/nifti-write.js';
import { readNifti } from '../../runtime/data/nifti.js';
import { asNnunet } from '../runtime/data/make-layouts.js';
import { maskByOnnx, readVoxels } from './mask-by-onnx.js';
import { copyData, makeData, tinySpec, writeSpec } from './tiny.js';
import { refuses, scratch, succeeds, unet, spawnEach } from './run-unet.js';

spawnEach();

const at = (name: string): string => path.join(scratch(), name);

/** Logits centred on 0 by site, so that few steps are enough for every class to occur and for the site to matter. */
const spread = tinySpec
  .replace(/head mask: .*/, 'head mask: identifier_norm(site, groups: 8) -> conv(mask.classes, 1)')
  .replace('dice(smooth: 1, classes: foreground)', 'dice(smooth: 1, classes: all)');
/** Two of the file's four channels and all classes, both in another order than the data set has them. */
const permuted = spread
  .replace('image(FLAIR, T1w, t1gd, T2w)', 'image(T2w, FLAIR)')
  .replace(/output mask: .*/, 'output mask: classes(background, `enhancing tumour`, edema, `non-enhancing tumor`)');
const regions = spread
  .replace('image(FLAIR, T1w, t1gd, T2w)', 'image(t1gd, T1w)')
  .replace(/output mask: .*/, 'output mask: regions(whole: [1, 2, 4], core: [2, 4], active: [4])')
  .replaceAll('mask.classes', 'mask.regions');

const heldOut = 'PHANTOM_006';
let data: string;
let image: string;
let site: string;

/** Gives the data set the label values 0, 1, 2 and 4. */
async function renumber(folder: string): Promise<void> {
  const file = path.join(folder, 'dataset.json');
  const json = JSON.parse(readFileSync(file, 'utf8')) as {
    labels: Record<string, string>;
    training: { label: string }[];
  };
  const { 3: last, ...labels } = json.labels;
  writeFileSync(file, JSON.stringify({ ...json, labels: { ...labels, 4: last } }));
  for (const { label } of json.training) {
    const place = { file: path.join(folder, label) };
    const { header, data: voxels } = await readNifti(place);
    const renumbered = Uint8Array.from(voxels, (value) => (value === 3 ? 4 : value));
    writeFileSync(place.file, gzipSync(encodeNifti(renumbered, header.geometry)));
  }
}

function train(spec: string, run: string): Promise<string> {
  const flags = ['--data', data, '-o', run, '--validation', heldOut, '--steps', '3', '--lr', '0.03'];
  return succeeds(['train', spec, ...flags]);
}

beforeAll(async () => {
  data = await copyData(await makeData(), 'renumbered');
  await renumber(data);
  image = path.join(data, 'imagesTr', `${heldOut}.nii.gz`);
  const rows = readFileSync(path.join(data, 'cases.csv'), 'utf8').split(/\r?\n/);
  site = rows.find((row) => row.startsWith(heldOut))!.split(',')[1]!;
});

describe('a network of two permuted channels and permuted classes', () => {
  const run = at('run');
  const spec = (): string => writeSpec('permuted.unet', permuted);
  const mask = at('case.nii.gz');

  beforeAll(async () => {
    await train(spec(), run);
    await succeeds(['predict', run, '--data', data, '--case', heldOut, '-o', mask, '--probabilities', at('p.nii.gz')]);
  });

  it('writes the label values of the data set', () => {
    expect([...new Set(Array.from(readVoxels(mask).voxels))].sort()).toEqual([0, 1, 2, 4]);
  });

  it('segments a lone image alike, to the byte, and otherwise without its site', async () => {
    const out = at('image.nii.gz');
    const flags = ['--identifier', ` site = ${site} `, '--probabilities', at('q.nii.gz'), '--json'];
    const told = await succeeds(['predict', run, '--image', image, '-o', out, ...flags]);
    expect(readFileSync(out).equals(readFileSync(mask))).toBe(true);
    expect(readFileSync(at('q.nii.gz')).equals(readFileSync(at('p.nii.gz')))).toBe(true);
    const { labels, cautions } = JSON.parse(told) as { labels: object[]; cautions: object[] };
    expect(labels).toMatchObject([
      { name: 'background', values: [0] },
      { name: 'enhancing tumour', values: [4] },
      { name: 'edema', values: [1] },
      { name: 'non-enhancing tumor', values: [2] },
    ]);
    expect(cautions).toEqual([]);
    const { stderr, stdout } = await unet(['predict', run, '--image', image, '-o', at('siteless.nii.gz'), '--json']);
    expect(stderr).toMatch(/warning UNET6042: Case `PHANTOM_006` has no value of the identifier `site`/);
    expect(JSON.parse(stdout)).toMatchObject({ cautions: [{ code: 'UNET6042', cases: [heldOut] }] });
    expect(readFileSync(at('siteless.nii.gz')).equals(readFileSync(mask))).toBe(false);
  });

  it('segments files of one channel each, and a folder of cases, of which one is damaged', async () => {
    const folder = await asNnunet(data, at('nnunet'));
    const scans = path.join(folder, 'imagesTr');
    const channel = (k: number): string => path.join(scans, `${heldOut}_000${k}.nii.gz`);
    const images = [`t2=${channel(3)}`, `FLAIR=${channel(0)}`, channel(2), channel(1)];
    const flags = images.flatMap((each) => ['--image', each]);
    const out = at('channels.nii.gz');
    await succeeds(['predict', run, ...flags, '--identifier', `site=${site}`, '-o', out]);
    expect(readFileSync(out).equals(readFileSync(mask))).toBe(true);
    expect(await refuses(2, ['predict', run, ...flags.slice(0, 4), '-o', out])).toMatch(/`T1w` has no file/);
    expect(await refuses(2, ['predict', run, ...flags, '--image', mask, '-o', out])).toMatch(/unclear which channel/);

    writeFileSync(path.join(scans, 'PHANTOM_002_0001.nii.gz'), 'damaged');
    const masks = at('masks');
    const ended = await unet(['predict', run, '--data', folder, '-o', masks, '--json']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /UNET600\d.*`PHANTOM_002`.*PHANTOM_002_0001[^]*1 case could not be predicted.*5 other/,
    );
    const { cases, failed } = JSON.parse(ended.stdout) as { cases: { written: string[] }[]; failed: object[] };
    const others = [1, 3, 4, 5, 6].map((k) => path.join(masks, `PHANTOM_00${k}.nii.gz`));
    expect(cases.map(({ written }) => written)).toEqual(others.map((each) => [each]));
    expect(failed).toMatchObject([{ case: 'PHANTOM_002' }]);
    expect(readdirSync(masks).sort()).toEqual(others.map((each) => path.basename(each)));
    expect(readFileSync(path.join(masks, `${heldOut}.nii.gz`)).equals(readFileSync(mask))).toBe(true);

    const scores = (...from: string[]): Promise<string> =>
      succeeds(['evaluate', ...from, '--data', data, '--case', heldOut, '--format', 'json']);
    const rows = async (text: Promise<string>) =>
      (JSON.parse(await text) as { cases: { class: string }[] }).cases.sort((a, b) => (a.class < b.class ? -1 : 1));
    expect(await rows(scores('--masks', masks))).toEqual(await rows(scores(run)));
    expect(await refuses(1, ['predict', run, '--data', folder, '-o', scans])).toMatch(/UNET6150|UNET6151/);
    expect(await refuses(2, ['predict', run, '--data', folder, '-o', out])).toMatch(/is the name of a file/);
    expect(await refuses(2, ['evaluate', run, '--masks', masks, '--data', data])).toMatch(/either a run, or --masks/);
  });

  it('does so after an export to safetensors and an import', async () => {
    const [weights, imported] = [at('w.safetensors'), at('imported')];
    await succeeds(['export', run, '--format', 'safetensors', '-o', weights]);
    const told = await succeeds(['import', spec(), '--weights', weights, '-o', imported, '--json']);
    expect(JSON.parse(told)).toMatchObject({ patch: [8, 8, 8], assumed: null, cautions: [] });
    const out = at('imported.nii.gz');
    await succeeds(['predict', imported, '--image', image, '--identifier', `site=${site}`, '-o', out]);
    expect(readFileSync(out).equals(readFileSync(mask))).toBe(true);
    // The imported run knows which images it was trained on.
    const message = await refuses(1, ['evaluate', imported, '--data', data, '--case', 'PHANTOM_001']);
    expect(message).toMatch(/UNET6031: The network was trained on 1 of 1 case to score: `PHANTOM_001`\./);
  });

  it('does so through ONNX and the metadata of the file, as docs/formats.md describes', async () => {
    const model = at('net.onnx');
    await succeeds(['export', run, '--format', 'onnx', '-o', model]);
    const found = await maskByOnnx(model, image, { site });
    expect(Buffer.from(found).equals(Buffer.from(Uint8Array.from(readVoxels(mask).voxels)))).toBe(true);
  });

  it('reports what it has to assume of weights without metadata', async () => {
    const { decodeSafetensors, encodeSafetensors } = await import('../../runtime/files/safetensors.js');
    const { tensors } = decodeSafetensors(readFileSync(at('w.safetensors')), 'w');
    writeFileSync(at('bare.safetensors'), encodeSafetensors(tensors));
    const bare = at('bare');
    const told = await unet(['import', spec(), '--weights', at('bare.safetensors'), '-o', bare, '--json']);
    expect(told.stderr).toMatch(/warning UNET6047: .*zscore\(nonzero\).*`T2w`, `FLAIR` in this order.*class indices/);
    expect(JSON.parse(told.stdout)).toMatchObject({
      assumed: { normalize: 'images are normalised with zscore(nonzero)', identifiers: expect.any(String) as string },
    });
    // The file has four channels, and the run takes it to have two.
    const { stderr, code } = await unet(['predict', bare, '--image', image, '-o', at('bare.nii.gz')]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /warning UNET6047[^]*warning UNET6047: The run does not contain channel names[^]*error UNET6008/,
    );
    const informed = at('informed');
    const flags = ['--weights', at('bare.safetensors'), '-o', informed, '--protocol', 'Tiny16', '--data', data];
    expect(JSON.parse(await succeeds(['import', spec(), ...flags, '--json']))).toMatchObject({ cautions: [] });
    const out = at('informed.nii.gz');
    await succeeds(['predict', informed, '--image', image, '--identifier', `site=${site}`, '-o', out]);
    expect(readFileSync(out).equals(readFileSync(mask))).toBe(true);
  });

  it('refuses identifiers that it does not have', async () => {
    const refused = (identifier: string): Promise<string> =>
      refuses(2, ['predict', run, '--image', image, '-o', at('no.nii.gz'), '--identifier', identifier]);
    expect(await refused('sit=north')).toMatch(/has no identifier `sit`[^]*Did you mean `site`\?/);
    expect(await refused('site=nowhere')).toMatch(/has no value `nowhere`/);
    expect(await refused('north')).toContain('must have the form input=value');
  });
});

it('a network of regions writes the same mask for a case and for its image', async () => {
  const run = at('regions');
  await train(writeSpec('regions.unet', regions), run);
  await succeeds(['predict', run, '--data', data, '--case', heldOut, '-o', at('r1.nii.gz')]);
  await succeeds(['predict', run, '--image', image, '--identifier', `site=${site}`, '-o', at('r2.nii.gz')]);
  expect(readFileSync(at('r2.nii.gz')).equals(readFileSync(at('r1.nii.gz')))).toBe(true);
  expect([...new Set(Array.from(readVoxels(at('r1.nii.gz')).voxels))].sort()).toEqual([0, 1, 2, 4]);
});
