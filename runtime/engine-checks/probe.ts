/** What can be told of one engine by trying it, in this process. */
import * as tf from '@tensorflow/tfjs';
import { importModule } from '../run/load-module.js';
import type { EngineName } from '../../contract/engines.js';
import { ENGINES } from '../engine/catalogue.js';
import type { EngineDefinition, EngineSettings } from '../engine/engine.js';
import { engineStatus, selectEngine, type EngineStatus } from '../engine/engines.js';
import { reasonOf } from '../engine/reason.js';
import { capabilityOf, type Capability } from './capability.js';
import { OP_CASES } from './cases/all.js';
import { checkOp, type OpCheck } from './check-op.js';
import { CURVE, lossCurve } from './loss-curve.js';
import { caseName, type OpCase } from './op-case.js';
import { registerStandIn } from './stand-in.js';

export interface ProbeRequest {
  readonly name: EngineName;
  readonly settings: EngineSettings;
  /** Present: verifies as well, and trains the network of this generated module (JavaScript). */
  readonly module?: string;
  /** Names of operations; absent: all of them. */
  readonly operations?: readonly string[];
}

export interface EngineProbe extends EngineStatus {
  /** The capabilities are those of a stand-in with the kernels that the engine's package registers: it cannot run here. */
  readonly standIn: boolean;
  readonly capabilities: readonly Capability[];
  /** Absent where it was not to verify, or cannot run. */
  readonly checks?: readonly OpCheck[];
  /** Losses of the short training; likewise. */
  readonly losses?: readonly number[];
  /** What ended the probe before its end. */
  readonly failure?: string;
}

/** Told before each thing that is tried, so that what brings a process down has a name. */
export type OnProgress = (what: string, done: number, of: number) => void;

/** Tries an engine. Faults of single operations are part of the answer. */
export async function probe(request: ProbeRequest, onProgress: OnProgress): Promise<EngineProbe> {
  const { name, settings, module, operations } = request;
  const cases = OP_CASES.filter(({ op }) => operations?.includes(op) ?? true);
  const of = module === undefined ? cases.length : 2 * cases.length + CURVE.steps;
  let done = 0;
  const next = (what: string): void => onProgress(what, done++, of);
  next('starting it');
  const status = await engineStatus(name, settings);
  const definition = await ENGINES.find((each) => each.name === name)!.open();
  if (!status.available) {
    const standIn = await startStandIn(definition);
    return { ...status, standIn, capabilities: standIn ? await capabilities(cases, next) : [] };
  }
  await selectEngine(name, settings);
  definition.doAllItself?.();
  const found = { ...status, standIn: false, capabilities: await capabilities(cases, next) };
  if (module === undefined) return found;
  const checks: OpCheck[] = [];
  for (const each of cases) {
    next(`checking ${caseName(each)}`);
    checks.push(await checkOp(each));
  }
  try {
    next('training');
    const loaded = await importModule(module);
    const losses = await lossCurve(loaded, CURVE.steps, (step) => next(`training, step ${step + 1}`));
    return { ...found, checks, losses };
  } catch (error) {
    return { ...found, checks, failure: `training: ${reasonOf(error)}` };
  }
}

async function capabilities(cases: readonly OpCase[], next: (what: string) => void): Promise<Capability[]> {
  const found: Capability[] = [];
  for (const each of cases) {
    next(`running ${caseName(each)}`);
    found.push(await capabilityOf(each));
  }
  return found;
}

/** @returns false where nothing is known of its kernels */
async function startStandIn({ backend, knownKernels }: EngineDefinition): Promise<boolean> {
  const kernels = await knownKernels?.().catch(() => undefined);
  if (kernels === undefined) return false;
  registerStandIn(backend, kernels);
  return tf.setBackend(backend);
}
