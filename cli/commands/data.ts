import { exitCodes, Finished } from '../exit.js';
import { progressBar } from '../progress.js';
import { printResult, type ResultFlags } from '../result.js';
import { jsonText } from '../../text/json.js';
import { outputColumns, print } from '../terminal.js';

/** Flags of the command. */
export interface DataCheckFlags {
  readonly format: string;
}

/** `unet data check DIR`: exits with 1 if a case cannot be used. */
export async function dataCheck(dir: string, options: DataCheckFlags): Promise<void> {
  const { checkDataset } = await import('../../runtime/data/check.js');
  const { formatCheckReport } = await import('../../runtime/data/check-text.js');
  const bar = progressBar('reading');
  const report = await checkDataset(dir, (done, of, id) => bar.update(done, of, id)).finally(() => bar.stop());
  print(options.format === 'json' ? jsonText(report) : formatCheckReport(report, outputColumns()));
  if (report.problems.some((problem) => problem.severity === 'error')) throw new Finished(exitCodes.diagnostics);
}

/** Flags of the command. */
/** What phantoms are generated from. */
export interface PhantomFlags {
  readonly cases: number;
  /** Voxels along D, H, W. */
  readonly size: number[];
  readonly seed: number;
}

/** Flags of the command. */
export interface DataSynthFlags extends PhantomFlags, ResultFlags {
  readonly output: string;
}

/** `unet data synth -o DIR --cases N` */
export async function dataSynth(options: DataSynthFlags): Promise<void> {
  const { output: dir } = options;
  await makePhantoms(dir, options);
  const { phantomText } = await import('../../runtime/data/synth.js');
  const { cases, size, seed } = options;
  printResult(options, { dir, cases, size, seed }, `${dir}: ${phantomText(cases, size, seed)}\n`);
}

/** Generates the phantoms and shows the progress. */
export async function makePhantoms(dir: string, { cases, size, seed }: PhantomFlags): Promise<void> {
  const { refuseOwnedFolder } = await import('../../runtime/files/output.js');
  await refuseOwnedFolder(dir);
  const { synthesize } = await import('../../runtime/data/synth.js');
  const bar = progressBar('drawing');
  const onCase = (done: number, of: number): void => bar.update(done, of, '');
  await synthesize(dir, { cases, size: size as [number, number, number], seed, onCase }).finally(() => bar.stop());
}
