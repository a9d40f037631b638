import { emitDiagram, emitTikz } from '../../compiler/emit/diagram/diagram.js';
import type { FigureOptions } from '../../compiler/emit/diagram/build-figure.js';
import type { Network } from '../../compiler/ir/ir.js';
import { bindModel, lower, variantBase } from '../../compiler/program/program.js';
import { markPng, markText } from '../../runtime/files/marker.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { FileError, UsageError } from '../exit.js';
import { filesOfSpec, type OutputFlags } from '../inputs.js';
import { readOperand } from '../operand.js';
import { legalPatch } from '../patch.js';
import { printResult, type ResultFlags } from '../result.js';
import { compileSpec, oneModel, type CompiledSpec } from '../spec.js';

/** Flags of the command. */
export interface DiagramFlags extends ResultFlags, OutputFlags {
  readonly model?: string;
  readonly set: string[];
  readonly patch?: number[];
  readonly output: string;
  /** The spec to compare with; true for the model that a variant (or `--set`) starts from. */
  readonly diff?: string | true;
  readonly scale: number;
  readonly theme: 'auto' | 'light' | 'dark';
}

type Form = 'svg' | 'png' | 'tex';

/** `unet diagram FILE -o net.svg`: draws the network as SVG, PNG or TikZ, depending on how the file name ends. */
export async function diagram(file: string, flags: DiagramFlags): Promise<void> {
  const form = /\.(svg|png|tex)$/i.exec(flags.output)?.[1]?.toLowerCase() as Form | undefined;
  if (form === undefined) {
    throw new UsageError(
      `Unsupported image format: \`${flags.output}\`.`,
      'The output file must end in .svg, .png or .tex (which LaTeX makes a PDF).',
    );
  }
  const { path, model, host } = readOperand(file);
  const compiled = compileSpec(path, { model: oneModel(model, flags.model), set: flags.set, host });
  const base = flags.diff === undefined ? undefined : openBase(compiled, flags.diff);
  const patch = legalPatch(compiled, flags.patch);
  const format = form === 'png' ? 'png' : 'text';
  const rule = { inputs: [...filesOfSpec(compiled.program), ...(base?.files ?? [])], force: flags.force };
  const [place = flags.output] = await prepareOutputs([{ path: flags.output, format }], rule);
  await writeFileAtomic(place, await draw(form, compiled.network, { patch, base: base?.network }, flags));
  const result = { model: compiled.network.name, base: base?.network.name ?? null, patch, written: [flags.output] };
  printResult(flags, result, `${flags.output}\n`);
}

/** Draws a network; only SVG can be for light and dark grounds at once. */
async function draw(
  form: Form,
  network: Network,
  options: FigureOptions,
  { theme, scale }: DiagramFlags,
): Promise<string | Buffer> {
  if (form === 'svg') return markText(await emitDiagram(network, { ...options, theme }), { as: 'xml' });
  const ground = theme === 'auto' ? 'light' : theme;
  if (form === 'tex') return markText(await emitTikz(network, { ...options, theme: ground }), { as: 'tex' });
  return markPng(await png(await emitDiagram(network, { ...options, theme: ground }), scale));
}

/** The network to compare with, and its files other than those of the spec itself. */
interface Base {
  readonly network: Network;
  readonly files: readonly string[];
}

function openBase({ program, declaration, settings }: CompiledSpec, wanted: string | true): Base {
  if (wanted !== true) {
    const { path, model, host } = readOperand(wanted);
    const other = compileSpec(path, { model, host, how: `with --diff ${path}#NAME` });
    return { network: other.network, files: filesOfSpec(other.program) };
  }
  const base = settings.length > 0 ? declaration : variantBase(program, declaration);
  if (base === undefined) {
    throw new UsageError(
      `\`${declaration.name.name}\` is not a variant, so --diff needs a spec to compare it with.`,
      'For example: --diff specs/dalight3d.unet.',
    );
  }
  const bound = bindModel(program, base);
  const network = bound === undefined ? undefined : lower(program, bound).network;
  if (network === undefined)
    throw new FileError(`The base \`${base.name.name}\` has errors; run \`unet check\` to see them.`);
  return { network, files: [] };
}

/** Maximum number of pixels of an image; beyond this, the rasteriser runs out of memory. */
const mostPixels = 2 ** 28;

async function png(svg: string, scale: number): Promise<Uint8Array> {
  const [width = 0, height = 0] = [/ width="(\d+)"/, / height="(\d+)"/].map((size) => Number(size.exec(svg)?.[1]));
  if (width * height * scale ** 2 > mostPixels) {
    const most = Math.sqrt(mostPixels / (width * height)).toFixed(1);
    throw new UsageError(
      `The image would be too large at --scale ${scale}.`,
      `The maximum for this network is ${most}.`,
    );
  }
  await import('@resvg/resvg-js').catch(() => {
    throw new UsageError('PNG output is not supported on this platform.', 'Write an .svg file instead.');
  });
  const { renderPng } = await import('../../text/render-png.js');
  return renderPng(svg, scale);
}
