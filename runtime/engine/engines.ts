/** Lists the engines and selects one. */
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../errors/user-error.js';
import { setLayout, type Layout } from '../ops/layout.js';
import type { EngineName } from '../../contract/engines.js';
import { ENGINES } from './catalogue.js';
import { useRecorder } from './computation.js';
import type { EngineEntry, EngineSettings } from './engine.js';
import { hasNvidiaDriver } from './nvidia.js';
import { silenceBanner } from './quiet.js';
import { reasonOf } from './reason.js';

/** A running engine. */
export interface Engine {
  readonly name: EngineName;
  /** The memory layout of its tensors. */
  readonly layout: Layout;
  /** What it is and what it runs on, for people: `TensorFlow.js wasm backend (SIMD, 1 thread)`. */
  readonly description: string;
  /** Versions of its libraries, in addition to that of tfjs. */
  readonly versions: Readonly<Record<string, string>>;
  /** Settings that were given but that it does not support. */
  readonly unsupported: readonly (keyof EngineSettings)[];
}

/** An engine as listed by `unet engines`. */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  /** Its description if it is available, otherwise the reason why not. */
  readonly detail: string;
}

/** Lists every engine and whether it can run here. Loads each one, which takes a moment for some. */
export async function listEngines(settings: EngineSettings = {}): Promise<EngineStatus[]> {
  const statuses: EngineStatus[] = [];
  for (const { name } of ENGINES) statuses.push(await engineStatus(name, settings));
  return statuses;
}

/** One engine, and whether it can run here. */
export async function engineStatus(name: EngineName, settings: EngineSettings = {}): Promise<EngineStatus> {
  silenceBanner();
  const entry = ENGINES.find((each) => each.name === name)!;
  try {
    const { load } = await entry.open();
    return { name, available: true, detail: await load(settings) };
  } catch (error) {
    return { name, available: false, detail: reasonOf(error) };
  }
}

/**
 * Starts an engine, which then runs all kernels. `auto` takes the first one of the catalogue that runs here.
 * @throws UserError UNET5010 for an unknown name, UNET5011 for an engine that cannot run here
 */
export async function selectEngine(name: string, settings: EngineSettings = {}): Promise<Engine> {
  silenceBanner();
  if (name === 'auto') return firstThatStarts(settings);
  const entry = ENGINES.find((each) => each.name === name);
  if (entry === undefined) throw await unknownEngine(name);
  try {
    return await start(entry, settings);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const message = `The engine \`${name}\` is not available on this machine: ${reasonOf(error)}.`;
    throw new UserError('UNET5011', message, 'Omit `--engine` to use the fastest available engine.');
  }
}

async function firstThatStarts(settings: EngineSettings): Promise<Engine> {
  const reasons: string[] = [];
  for (const entry of autoOrder()) {
    try {
      return await start(entry, settings);
    } catch (error) {
      if (error instanceof UserError) throw error;
      reasons.push(`${entry.name}: ${reasonOf(error)}`);
    }
  }
  throw new UserError('UNET5011', `No engine is available on this machine (${reasons.join('; ')}).`);
}

/** The order for `auto`: with an NVIDIA GPU, engines that use it come first. */
function autoOrder(): readonly EngineEntry[] {
  const choosable = ENGINES.filter(({ auto }) => auto);
  if (!hasNvidiaDriver()) return choosable;
  return [...choosable].sort((a, b) => Number(b.firstOnGpu === true) - Number(a.firstOnGpu === true));
}

async function start({ name, open }: EngineEntry, settings: EngineSettings): Promise<Engine> {
  const { layout, backend, supports = [], load, versions, recorder } = await open();
  const description = await load(settings);
  if (!(await tf.setBackend(backend))) throw new Error(`the tfjs backend \`${backend}\` does not start`);
  await tf.ready();
  setLayout(layout);
  useRecorder(recorder);
  const given = (Object.keys(settings) as (keyof EngineSettings)[]).filter((key) => settings[key] !== undefined);
  return {
    name,
    layout,
    description,
    versions: versions?.() ?? {},
    unsupported: given.filter((key) => !supports.includes(key)),
  };
}

async function unknownEngine(name: string): Promise<UserError> {
  const lines = (await listEngines()).map(
    (each) => `${each.name} (${each.available ? '' : 'unavailable: '}${each.detail})`,
  );
  return new UserError('UNET5010', `Unknown engine \`${name}\`.`, `The engines are auto, ${lines.join(', ')}.`);
}
