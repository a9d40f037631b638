/**
 * Draws the pictures of the README and the docs from specs of the package; with `--check` fails where a file differs.
 * `--study DIR` takes the figures of the README's table from the folder of the study in `docs/pictures/overview.unet`;
 * `--page DIR` takes the picture of a report page from the folder of the tutorial's study (needs chromium).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { emitDiagram } from '../compiler/emit/diagram/diagram.js';
import type { Network } from '../compiler/ir/ir.js';
import { bindModel, lower, openProgram, ownModels } from '../compiler/program/program.js';
import type { StudyReport } from '../runtime/study/report/report.js';
import { generateFile } from './generated-file.js';
import { drawOverview } from './pictures/overview.js';
import { figuresOf, type StudyFigures } from './pictures/study-figures.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'docs/pictures';
const figuresFile = path.join(root, folder, 'overview.json');

/** The specs in a page of the docs, as files of the docs that exist in memory only. */
const written = new Map(
  ['tutorial', 'coming-from'].flatMap((page) => {
    const fences = readFileSync(path.join(root, `docs/${page}.md`), 'utf8').matchAll(
      /^```unet(?: file=(\S+))?\n([^]*?)^```$/gm,
    );
    return [...fences].map(([, name, text = ''], index) => [
      path.join(root, `docs/${name ?? `${page}-${index}.unet`}`),
      text,
    ]);
  }),
);

const host = {
  readFile: (file: string) => {
    const text = written.get(file);
    if (text !== undefined) return new TextEncoder().encode(text);
    return existsSync(file) ? readFileSync(file) : undefined;
  },
  resolve: (from: string, to: string) =>
    to.startsWith('unet:') ? path.join(root, 'specs', to.slice(5)) : path.resolve(path.dirname(from), to),
};

/** The network of a model, by default of the first that a spec declares. */
function networkOf(file: string, name?: string): Network {
  const program = openProgram(host, path.join(root, file));
  const declaration = program && ownModels(program).find((model) => name === undefined || model.name.name === name);
  if (program === undefined || declaration === undefined) throw new Error(`${file} does not declare the model.`);
  const model = bindModel(program, declaration);
  const network = model === undefined ? undefined : lower(program, model).network;
  if (network === undefined) throw new Error(`${file} has errors: run \`npx unet check ${file}\`.`);
  return network;
}

/** Writes the figures of a finished study to the folder of pictures. */
function takeFigures(study: string): void {
  const args = [path.join(root, 'cli/unet.cjs'), 'study', 'report', study, '--format', 'json'];
  const report = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as StudyReport;
  writeFileSync(figuresFile, `${JSON.stringify(figuresOf(report), null, 2)}\n`);
}

/** Takes a picture of the top of a study's report page. */
function takePage(study: string): void {
  const page = pathToFileURL(path.resolve(study, 'report.html')).href;
  const picture = path.join(root, folder, 'tutorial-report.png');
  const flags = ['--headless', '--no-sandbox', '--hide-scrollbars', '--window-size=1180,1000'];
  execFileSync('chromium', [...flags, `--screenshot=${picture}`, page], { stdio: 'ignore' });
}

function write(name: string, picture: string): void {
  generateFile(`${folder}/${name}.svg`, picture, 'generate-pictures.ts');
}

const [option, study] = process.argv.slice(2);
if (option === '--study' && study !== undefined) takeFigures(study);
if (option === '--page' && study !== undefined) takePage(study);

const spec = `${folder}/overview.unet`;
const overview = {
  file: 'overview.unet',
  spec: readFileSync(path.join(root, spec), 'utf8').replace(/^[^]*?(?=^use )/m, ''),
  component: 'model NoGate',
  network: networkOf(spec, 'NoGate'),
  base: networkOf(spec, 'Gated'),
  figures: JSON.parse(readFileSync(figuresFile, 'utf8')) as StudyFigures,
  row: 'NoGate',
};
write('overview-light', await drawOverview(overview, 'light'));
write('overview-dark', await drawOverview(overview, 'dark'));

/** Draws a network for readers of either theme. */
async function draw(name: string, network: Network, patch: readonly number[], base?: Network): Promise<void> {
  write(name, await emitDiagram(network, { patch, base, theme: 'auto' }));
}

const cube = [64, 64, 64];
await draw('no-csa', networkOf('specs/ablations/no-csa.unet'), cube, networkOf('specs/dalight3d.unet'));
await draw('unet-plus-plus', networkOf('specs/unet-plus-plus.unet'), cube);
const plain = networkOf('docs/unet.unet');
await draw('tutorial-plain', plain, [32, 32, 32]);
await draw('tutorial-no-norm', networkOf('docs/no-norm.unet'), [32, 32, 32], plain);
await draw('basic-unet', networkOf('docs/coming-from-0.unet'), cube);
