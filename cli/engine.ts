import { selectEngine, type Engine } from '../runtime/engine/engines.js';
import { tellMessage } from './message.js';

/** Flags of every command that uses an engine. */
export interface EngineFlags {
  readonly engine: string;
  readonly threads?: number;
}

let warned = false;

/** Starts the engine that the flags ask for. Warns about settings that the engine does not support. */
export async function startEngine({ engine: name, threads }: EngineFlags): Promise<Engine> {
  const engine = await selectEngine(name, threads === undefined ? {} : { threads });
  if (engine.unsupported.includes('threads') && !warned) {
    warned = true;
    const text = `The number of threads of the engine ${engine.name} cannot be set (${engine.description}).`;
    tellMessage({ severity: 'warning', text });
  }
  return engine;
}
