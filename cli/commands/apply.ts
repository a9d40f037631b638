import { applyFile } from '../../runtime/apply.js';
import type { EngineFlags } from '../engine.js';
import { tellResult, type ResultFlags } from '../result.js';
import { openTrainedRun } from '../session.js';

/** Its flags. */
export interface ApplyFlags extends EngineFlags, ResultFlags {
  readonly inputs: string;
  readonly out: string;
  readonly gradients?: boolean;
  readonly steps?: number;
}

/** `unet apply RUN --inputs in.safetensors -o out.safetensors` */
export async function apply(directory: string, flags: ApplyFlags): Promise<void> {
  const { run, network } = await openTrainedRun(directory, flags);
  const options = {
    ...(flags.gradients === true ? { gradients: true } : {}),
    ...(flags.steps === undefined ? {} : { steps: flags.steps }),
  };
  const ignored = await applyFile(network, run.protocol, flags.inputs, flags.out, options);
  if (ignored.length > 0) {
    const names = ignored.map((name) => `\`${name}\``).join(', ');
    process.stderr.write(`note: ${flags.inputs} also holds ${names}, which \`${run.info.model}\` does not take.\n`);
  }
  tellResult(flags, { run: directory, model: run.info.model, written: [flags.out], ignored }, `${flags.out}\n`);
}
