/** The engines there are, and the choice of one. */
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

/** What runs the kernels, ready for use. */
export interface Engine {
  readonly name: EngineName;
  /** How tensors lie in memory under it. */
  readonly layout: Layout;
  /** What it is and on what it runs, for people: `TensorFlow.js wasm backend (SIMD, 1 thread)`. */
  readonly description: string;
  /** Versions of the libraries it computes with, beside that of tfjs. */
  readonly versions: Readonly<Record<string, string>>;
  /** Settings that were given and do nothing on it. */
  readonly unheeded: readonly (keyof EngineSettings)[];
}

/** An engine as the list shows it. */
export interface EngineStatus {
  readonly name: EngineName;
  readonly available: boolean;
  /** What it is where it is available; otherwise why it is not. */
  readonly detail: string;
}

/** Every engine and whether it can run here. Loads each, which for some takes a moment. */
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
 * Starts an engine and makes it the one that runs all kernels from now on. `auto` takes the first of the catalogue that
 * runs here.
 * @throws UserError UNET5010 for an unknown name, UNET5011 for an engine that cannot run here.
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

/** With an NVIDIA GPU, first the engines that use it. */
function autoOrder(): readonly EngineEntry[] {
  const choosable = ENGINES.filter(({ auto }) => auto);
  if (!hasNvidiaDriver()) return choosable;
  return [...choosable].sort((a, b) => Number(b.firstOnGpu === true) - Number(a.firstOnGpu === true));
}

async function start({ name, open }: EngineEntry, settings: EngineSettings): Promise<Engine> {
  const { layout, backend, heeds = [], load, versions, recorder } = await open();
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
    unheeded: given.filter((key) => !heeds.includes(key)),
  };
}

async function unknownEngine(name: string): Promise<UserError> {
  const lines = (await listEngines()).map(
    (each) => `${each.name} (${each.available ? '' : 'unavailable: '}${each.detail})`,
  );
  return new UserError('UNET5010', `Unknown engine \`${name}\`.`, `The engines are auto, ${lines.join(', ')}.`);
}
