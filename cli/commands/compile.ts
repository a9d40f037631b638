import { join } from 'node:path';
import { ownModels } from '../../compiler/program/program.js';
import { fileNameOf } from '../../runtime/files/file-name.js';
import { makeFolder, removeEmptyFolders } from '../../runtime/files/make-folder.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { filesOfSpec, type OutputFlags } from '../inputs.js';
import { printResult, type ResultFlags } from '../result.js';
import { compileSpec } from '../spec.js';

/** Flags of the command. */
export interface CompileFlags extends ResultFlags, OutputFlags {
  readonly model?: string;
  readonly set: string[];
  readonly output: string;
}

/** `unet compile FILE -o DIR`: writes a TypeScript module named after the model. */
export async function compile(file: string, options: CompileFlags): Promise<void> {
  const { network, program } = compileSpec(file, options);
  const siblings = ownModels(program).map(({ name }) => name.name);
  const path = join(options.output, `${fileNameOf(network.name, siblings)}.ts`);
  const rule = { inputs: filesOfSpec(program), force: options.force, createsFolders: true };
  const [place = path] = await prepareOutputs([{ path, format: 'code' }], rule);
  const { emitTfjs } = await import('../../compiler/emit/tfjs/emit-tfjs.js');
  const text = emitTfjs(network);
  const created = await makeFolder(options.output);
  try {
    await writeFileAtomic(place, text);
  } catch (error) {
    await removeEmptyFolders(created);
    throw error;
  }
  printResult(options, { model: network.name, written: [path] }, `${path}\n`);
}
