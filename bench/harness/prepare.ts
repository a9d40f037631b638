/** Builds one network on both sides, with the same weights. */
import { join } from 'node:path';
import { publishedWidth, type BenchmarkNetwork } from '../networks.js';
import { buildReply, oursBuildReply } from './replies.js';
import type { SideCommand } from './side.js';
import { startOurs, startPyTorch, startStock, type NamedSide, type OursEnvironment } from './sides.js';
import { compileNetwork, type CompiledNetwork } from './workspace.js';

export interface Sides {
  readonly ours: NamedSide;
  readonly peer: NamedSide;
  /** What runs our kernels, in words. */
  readonly engine: string;
  /** The engine that was chosen. */
  readonly engineName: string;
}

/** The description of a network from which both sides build it. */
interface Building {
  readonly network: BenchmarkNetwork;
  readonly width: number;
  /** File of the first weights under the peer's names: ours writes it, the peer reads it. */
  readonly weights: string;
  readonly compiled: CompiledNetwork;
  readonly engine: string;
}

/** Whom ours is compared with. */
export interface Peer {
  readonly start: () => Promise<NamedSide>;
  readonly build: (building: Building) => SideCommand;
}

export const pyTorch: Peer = {
  start: startPyTorch,
  build: ({ network, width, weights }) => ({ do: 'build', network: network.name, width, weights }),
};

/** The Standard U-Net in plain tfjs. */
export const stock: Peer = {
  start: startStock,
  build: ({ width, weights }) => ({ do: 'build', width, weights }),
};

/** Our own runtime in other circumstances; its weights come from the same seed. */
export function ourselves(env: OursEnvironment): Peer {
  return {
    start: () => startOurs(env),
    build: ({ engine, compiled, weights }) => ({ do: 'build', engine, ...compiled, weights: `${weights}.again` }),
  };
}

export interface Preparation {
  /** From `makeWorkspace`. */
  readonly folder: string;
  readonly network: BenchmarkNetwork;
  readonly width: number;
  readonly engine: string;
  readonly peer: Peer;
  /** Of our side's process. */
  readonly env?: OursEnvironment;
}

function checkCount(network: BenchmarkNetwork, width: number, ours: number, peer: number): void {
  if (ours !== peer) throw new Error(`${network.name}: ours has ${ours} parameters, the peer's ${peer}`);
  if (width === publishedWidth && ours !== network.parameters) {
    throw new Error(`${network.name} has ${ours} parameters, and the layer tables give ${network.parameters}`);
  }
}

/** Runs `measure` with two fresh processes that hold the network, so that each case's peak of memory is its own. */
export async function withSides<T>(preparation: Preparation, measure: (sides: Sides) => Promise<T>): Promise<T> {
  const { folder, network, width, engine } = preparation;
  const weights = join(folder, `${network.name}-${width}.safetensors`);
  const building = { network, width, weights, engine, compiled: compileNetwork(folder, network, width) };
  const ours = await startOurs(preparation.env);
  try {
    const peer = await preparation.peer.start();
    try {
      const built = await ours.ask({ do: 'build', engine, ...building.compiled, weights }, oursBuildReply);
      const theirs = await peer.ask(preparation.peer.build(building), buildReply);
      checkCount(network, width, built.parameters, theirs.parameters);
      return await measure({ ours, peer, engine: built.engine, engineName: built.engineName });
    } finally {
      await peer.close();
    }
  } finally {
    await ours.close();
  }
}
