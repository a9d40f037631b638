import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../runtime/run/atomic-file.js';
import { tellResult, type ResultFlags } from '../result.js';
import { compileSpec } from '../spec.js';

/** Its flags. */
export interface CompileFlags extends ResultFlags {
  readonly model?: string;
  readonly set: string[];
  readonly out: string;
}

/** `unet compile FILE -o DIR`: one TypeScript module, named after the model. */
export async function compile(file: string, options: CompileFlags): Promise<void> {
  const { network } = compileSpec(file, options);
  const { emitTfjs } = await import('../../compiler/emit/tfjs/emit-tfjs.js');
  mkdirSync(options.out, { recursive: true });
  const path = join(options.out, `${fileName(network.name)}.ts`);
  await writeFileAtomic(path, emitTfjs(network));
  tellResult(options, { model: network.name, written: [path] }, `${path}\n`);
}

/** A model's name as a file name: letters, digits, `_` and `-` alone, whatever stood in backticks. */
function fileName(model: string): string {
  const plain = model.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 100);
  return plain === '' ? 'model' : plain;
}
