/** Probes one engine in this process. */
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
  /** If present, the probe also verifies operations and trains the network of this generated module (JavaScript). */
  readonly module?: string;
  /** Names of operations; defaults to all. */
  readonly operations?: readonly string[];
}

export interface EngineProbe extends EngineStatus {
  /**
   * Whether the capabilities are those of a stand-in with the kernels that the engine's package registers, because the
   * engine cannot run here.
   */
  readonly standIn: boolean;
  readonly capabilities: readonly Capability[];
  /** Absent if verification was not requested, or the engine cannot run. */
  readonly checks?: readonly OpCheck[];
  /** Losses of the short training; absent under the same conditions. */
  readonly losses?: readonly number[];
  /** The error that stopped the probe. */
  readonly failure?: string;
}

/** Called before each item that is tried, so that a crash can be attributed. */
export type OnProgress = (what: string, done: number, of: number) => void;

/** Probes an engine. Errors in single operations are part of the result. */
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

/** @returns false if its kernels are unknown */
async function startStandIn({ backend, knownKernels }: EngineDefinition): Promise<boolean> {
  const kernels = await knownKernels?.().catch(() => undefined);
  if (kernels === undefined) return false;
  registerStandIn(backend, kernels);
  return tf.setBackend(backend);
}
