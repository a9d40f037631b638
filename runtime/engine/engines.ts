/** The engines there are, and the choice of one. */
import * as tf from '@tensorflow/tfjs';
import { UserError } from '../errors.js';
import { setLayout } from '../layout.js';
import { cpu } from './cpu.js';
import type { Engine, EngineDefinition, EngineName, EngineStatus } from './engine.js';
import { silenceBanner } from './quiet.js';
import { onnx } from './onnx.js';
import { reasonOf, tensorflow } from './tensorflow.js';
import { wasm } from './wasm.js';

/** In the order in which `auto` tries them. */
const ENGINES: readonly EngineDefinition[] = [onnx, tensorflow, wasm, cpu];

/** Every engine and whether it can run here. Loads each, which for `tensorflow` takes a moment. */
export async function listEngines(): Promise<EngineStatus[]> {
  silenceBanner();
  const statuses: EngineStatus[] = [];
  for (const engine of ENGINES) statuses.push(await statusOf(engine));
  return statuses;
}

async function statusOf({ name, load }: EngineDefinition): Promise<EngineStatus> {
  try {
    return { name, available: true, detail: await load() };
  } catch (error) {
    return { name, available: false, detail: reasonOf(error) };
  }
}

/**
 * Starts an engine and makes it the one that runs all kernels from now on. `auto` takes the first of tensorflow, wasm
 * and cpu that runs here.
 * @throws UserError UNET5010 for an unknown name, UNET5011 for an engine that cannot run here.
 */
export async function selectEngine(name: string): Promise<Engine> {
  silenceBanner();
  if (name === 'auto') return firstThatStarts(ENGINES);
  const engine = ENGINES.find((each) => each.name === name);
  if (engine === undefined) throw await unknownEngine(name);
  try {
    return await start(engine);
  } catch (error) {
    const message = `The engine \`${name}\` cannot run here: ${reasonOf(error)}.`;
    throw new UserError('UNET5011', message, 'Leave the engine out to take the fastest one that runs here.');
  }
}

async function firstThatStarts(engines: readonly EngineDefinition[]): Promise<Engine> {
  const reasons: string[] = [];
  for (const engine of engines) {
    try {
      return await start(engine);
    } catch (error) {
      reasons.push(`${engine.name}: ${reasonOf(error)}`);
    }
  }
  throw new UserError('UNET5011', `No engine can run here (${reasons.join('; ')}).`);
}

async function start({ name, layout, backend, load }: EngineDefinition): Promise<Engine> {
  const description = await load();
  if (!(await tf.setBackend(backend))) throw new Error(`its tfjs backend \`${backend}\` does not start`);
  await tf.ready();
  setLayout(layout);
  return { name, layout, description };
}

async function unknownEngine(name: string): Promise<UserError> {
  const lines = (await listEngines()).map(
    (each) => `${each.name} (${each.available ? '' : 'not here: '}${each.detail})`,
  );
  return new UserError('UNET5010', `There is no engine \`${name}\`.`, `The engines are auto, ${lines.join(', ')}.`);
}

/** Names that `selectEngine` takes. */
export const ENGINE_NAMES: readonly ('auto' | EngineName)[] = ['auto', ...ENGINES.map(({ name }) => name)];
