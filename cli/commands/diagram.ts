import { emitDiagram } from '../../compiler/emit/diagram/diagram.js';
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
}

/** `unet diagram FILE -o net.svg`: draws the network; as PNG if the file name ends in .png. */
export async function diagram(file: string, flags: DiagramFlags): Promise<void> {
  const form = /\.(svg|png)$/i.exec(flags.output)?.[1]?.toLowerCase();
  if (form === undefined) {
    throw new UsageError(`Unsupported image format: \`${flags.output}\`.`, 'The output file must end in .svg or .png.');
  }
  const { path, model, host } = readOperand(file);
  const compiled = compileSpec(path, { model: oneModel(model, flags.model), set: flags.set, host });
  const base = flags.diff === undefined ? undefined : openBase(compiled, flags.diff);
  const patch = legalPatch(compiled, flags.patch);
  const format = form === 'svg' ? 'text' : 'png';
  const rule = { inputs: [...filesOfSpec(compiled.program), ...(base?.files ?? [])], force: flags.force };
  const [place = flags.output] = await prepareOutputs([{ path: flags.output, format }], rule);
  const svg = await emitDiagram(compiled.network, { patch, base: base?.network });
  await writeFileAtomic(place, form === 'svg' ? markText(svg, { as: 'xml' }) : markPng(await png(svg, flags.scale)));
  const result = { model: compiled.network.name, base: base?.network.name ?? null, patch, written: [flags.output] };
  printResult(flags, result, `${flags.output}\n`);
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
