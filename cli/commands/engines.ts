import { fileURLToPath } from 'node:url';
import type { EngineName } from '../../contract/engines.js';
import { ENGINES } from '../../runtime/engine/catalogue.js';
import { probeInChild } from '../../runtime/engine-checks/probe-in-child.js';
import type { EngineProbe } from '../../runtime/engine-checks/probe.js';
import { autoChoice, renderEngines, type JudgedProbe } from '../engines-text.js';
import { exitCodes, Finished } from '../exit.js';
import { packageRoot } from '../package-root.js';
import { progressBar } from '../progress.js';
import { jsonText } from '../../text/json.js';
import signals from '../signals.cjs';
import { compileSpec } from '../spec.js';
import { outputColumns, print } from '../terminal.js';

/** Flags of the command. */
export interface EnginesFlags {
  readonly ops?: boolean;
  readonly verify?: boolean;
  readonly engine: string;
  readonly threads?: number;
  readonly format: string;
}

/** `unet engines`: lists the engines and the operations they support; exits with 1 if an available engine fails. */
export async function engines(flags: EnginesFlags): Promise<void> {
  const names = ENGINES.map(({ name }) => name).filter((name) => isWanted(name, flags));
  const probes = await probeAll(names, flags);
  const { failuresOf } = await import('../../runtime/engine-checks/verdict.js');
  const judged = probes.map((probe): JudgedProbe => ({ ...probe, faults: failuresOf(probe, probes) }));
  const chosen = flags.engine === 'auto' ? autoChoice(probes) : undefined;
  const shown = { chosen: chosen ?? '', ops: flags.ops === true, columns: outputColumns() };
  const text =
    flags.format === 'json' ? jsonText({ engines: judged, auto: chosen ?? null }) : renderEngines(judged, shown);
  print(text);
  if (judged.some(({ faults }) => faults.length > 0)) throw new Finished(exitCodes.diagnostics);
}

/** Adds cpu to every verification, because the losses of the others are compared with it. */
function isWanted(name: EngineName, { engine, verify }: EnginesFlags): boolean {
  return engine === 'auto' || engine === name || (verify === true && name === 'cpu');
}

/** Probes each engine in its own process, sequentially so that they do not compete for the processor. Ctrl-C ends them. */
async function probeAll(names: readonly EngineName[], flags: EnginesFlags): Promise<EngineProbe[]> {
  const module = flags.verify === true ? await moduleToTrain() : undefined;
  const settings = flags.threads === undefined ? {} : { threads: flags.threads };
  const controller = new AbortController();
  const stopListening = signals.onEndingSignal(() => controller.abort());
  const bar = flags.verify === true ? progressBar('verifying') : undefined;
  const probes: EngineProbe[] = [];
  try {
    for (const name of names) {
      const request = { name, settings, ...(module === undefined ? {} : { module }) };
      const onProgress = (what: string, done: number, of: number): void => bar?.update(done, of, `${name}: ${what}`);
      probes.push(await probeInChild(request, { onProgress, signal: controller.signal }));
    }
  } catch (error) {
    if (controller.signal.aborted) throw new Finished(exitCodes.interrupted);
    throw error;
  } finally {
    bar?.stop();
    stopListening();
  }
  return probes;
}

/** The generated code of the network that every engine trains. */
async function moduleToTrain(): Promise<string> {
  const { emitJavaScript } = await import('../../compiler/emit/tfjs/emit-javascript.js');
  return emitJavaScript(compileSpec(fileURLToPath(new URL('specs/engine-check.unet', packageRoot)), {}).network);
}
