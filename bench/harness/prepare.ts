/** Builds one network on both sides, with the same weights. */
import { join } from 'node:path';
import { publishedWidth, type BenchmarkNetwork } from '../networks.js';
import { buildReply } from './replies.js';
import { startOurs, startPeer, type NamedSide } from './sides.js';
import { compileNetwork } from './workspace.js';

export interface Sides {
  readonly ours: NamedSide;
  readonly peer: NamedSide;
  /** What runs our kernels, in words. */
  readonly engine: string;
}

function checkCount(network: BenchmarkNetwork, width: number, ours: number, peer: number): void {
  if (ours !== peer) throw new Error(`${network.name}: ours has ${ours} parameters, the peer's ${peer}`);
  if (width === publishedWidth && ours !== network.parameters) {
    throw new Error(`${network.name} has ${ours} parameters, and the layer tables give ${network.parameters}`);
  }
}

/**
 * Runs `measure` with two fresh processes that hold the network, so that each network's peak of memory is its own.
 * @param folder from `makeWorkspace`
 */
export async function withSides<T>(
  folder: string,
  network: BenchmarkNetwork,
  { engine, width }: { readonly engine: string; readonly width: number },
  measure: (sides: Sides) => Promise<T>,
): Promise<T> {
  const weights = join(folder, `${network.name}-${width}.safetensors`);
  const compiled = compileNetwork(folder, network, width);
  const ours = await startOurs();
  try {
    const peer = await startPeer();
    try {
      const built = await ours.ask({ do: 'build', engine, ...compiled, weights }, buildReply);
      const theirs = await peer.ask({ do: 'build', network: network.name, width, weights }, buildReply);
      checkCount(network, width, built.parameters, theirs.parameters);
      return await measure({ ours, peer, engine: built.engine ?? engine });
    } finally {
      await peer.close();
    }
  } finally {
    await ours.close();
  }
}
