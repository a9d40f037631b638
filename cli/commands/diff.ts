import { emitDiagram } from '../../compiler/emit/diagram/diagram.js';
import { buildDiff, type DiffSide, type NetworkDiff } from '../../compiler/emit/diff/diff.js';
import { renderDiffHtml } from '../../compiler/emit/diff/render-html.js';
import { renderDiffJson } from '../../compiler/emit/diff/render-json.js';
import { renderDiffMarkdown } from '../../compiler/emit/diff/render-markdown.js';
import { renderDiffText } from '../../compiler/emit/diff/render-text.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { markText } from '../../runtime/files/marker.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { UsageError } from '../exit.js';
import { filesOfSpec, type OutputFlags } from '../inputs.js';
import { readOperand } from '../operand.js';
import { commonPatch } from '../patch.js';
import { selectProtocol } from '../protocol.js';
import { printWritten } from '../result.js';
import { compileSpec, type CompiledSpec } from '../spec.js';
import { outputColumns, print } from '../terminal.js';

/** Flags of the command. */
export interface DiffFlags extends OutputFlags {
  readonly set: string[];
  readonly patch?: number[];
  readonly at?: string;
  readonly format: 'text' | 'markdown' | 'html' | 'json';
  readonly output?: string;
}

/** `unet diff A B`: compares two networks, and determines whether their scores can be compared. */
export async function diff(before: string, after: string | undefined, flags: DiffFlags): Promise<void> {
  if (after === undefined && flags.set.length === 0) {
    throw new UsageError('`unet diff` needs two specs.', 'Give a second spec, or change a knob with --set.');
  }
  const [left, right] = [open(before, [], flags.at), open(after ?? before, flags.set, flags.at)];
  const patches = commonPatch(left, right, flags.patch);
  const settings = flags.set.length === 0 ? '' : ` with ${flags.set.join(', ')}`;
  const result = buildDiff(
    sideOf(left, flags.at ?? before, patches.before),
    sideOf(right, `${flags.at ?? after ?? before}${settings}`, patches.after),
  );
  const draw = (): Promise<string> =>
    emitDiagram(right.network, { patch: patches.after, base: left.network, theme: 'auto' });
  const { format, output } = flags;
  if (output === undefined) return print(await render(result, format, draw, true));
  const rule = { inputs: [left, right].flatMap(({ program }) => filesOfSpec(program)), force: flags.force };
  const [place = output] = await prepareOutputs(
    [{ path: output, format: format === 'html' ? 'text' : 'unmarked' }],
    rule,
  );
  const text = await render(result, format, draw, false);
  await writeFileAtomic(place, format === 'html' ? markText(text, { as: 'xml' }) : text);
  printWritten(output, format);
}

function open(text: string, set: readonly string[], at: string | undefined): CompiledSpec {
  const { path, model, host } = readOperand(text, at);
  return compileSpec(path, { model, set, host, how: `with ${place(text)}#NAME` });
}

/** Returns an operand without its model. */
function place(text: string): string {
  return text.replace(/#[^#]*$/, '');
}

function sideOf({ network, program }: CompiledSpec, source: string, patch: readonly number[]): DiffSide {
  return { network, protocol: selectProtocol(program, undefined), patch, source };
}

async function render(
  result: NetworkDiff,
  format: DiffFlags['format'],
  draw: () => Promise<string>,
  colours: boolean,
): Promise<string> {
  if (format === 'json') return renderDiffJson(result);
  if (format === 'markdown') return renderDiffMarkdown(result);
  if (format === 'html') return renderDiffHtml(result, await draw());
  return renderDiffText(result, { colours, columns: outputColumns() });
}
