import { applyFile } from '../../runtime/apply/apply.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import type { EngineFlags } from '../engine.js';
import { filesOfRun, type OutputFlags } from '../inputs.js';
import { printResult, type ResultFlags } from '../result.js';
import { openTrainedRun } from '../session.js';
import { tell } from '../terminal.js';

/** Flags of the command. */
export interface ApplyFlags extends EngineFlags, ResultFlags, OutputFlags {
  readonly inputs: string;
  readonly output: string;
  readonly gradients?: boolean;
  readonly steps?: number;
}

/** `unet apply RUN --inputs in.safetensors -o out.safetensors` */
export async function apply(directory: string, flags: ApplyFlags): Promise<void> {
  const rule = { inputs: [...filesOfRun(directory), flags.inputs], force: flags.force };
  const [out = flags.output] = await prepareOutputs([{ path: flags.output, format: 'safetensors' }], rule);
  const { run, network } = await openTrainedRun(directory, flags);
  const options = {
    ...(flags.gradients === true ? { gradients: true } : {}),
    ...(flags.steps === undefined ? {} : { steps: flags.steps }),
  };
  const ignored = await applyFile(network, run.protocol, flags.inputs, out, options);
  if (ignored.length > 0) {
    const names = ignored.map((name) => `\`${name}\``).join(', ');
    tell(`note: ${flags.inputs} also contains ${names}, which \`${run.info.model}\` does not use.\n`);
  }
  printResult(flags, { run: directory, model: run.info.model, written: [flags.output], ignored }, `${flags.output}\n`);
}
