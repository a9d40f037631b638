/**
 * The sides compute the same: our runtime, the networks of `bench/peer/` in PyTorch (skipped where it is missing), and
 * the Standard U-Net in plain tfjs.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertSame } from '../../bench/harness/compare.js';
import { buildReply, predictReply, stepReply } from '../../bench/harness/replies.js';
import { pyTorchIsMissing, startPyTorch, startStock, type NamedSide } from '../../bench/harness/sides.js';
import { channels, compileNetwork, writeBatch, writeVolume } from '../../bench/harness/workspace.js';
import { benchmarkNetworks, networkNamed, type BenchmarkNetwork } from '../../bench/networks.js';
import { Session } from '../../bench/ours/session.js';

const width = 8;
const patch = 8;
const extents = [8, 11, 13];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unet-bench-test-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function floats(file: string): Float32Array {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Our side in this process, with the file of its first weights. */
async function ours(network: BenchmarkNetwork): Promise<{ session: Session; weights: string }> {
  const weights = join(folder, `${network.name}.safetensors`);
  const session = new Session();
  await session.run({ do: 'build', engine: 'wasm', ...compileNetwork(folder, network, width), weights });
  return { session, weights };
}

/** Losses of two steps on both sides. */
async function compareSteps(session: Session, peer: NamedSide): Promise<number> {
  const batch = { do: 'batch', file: writeBatch(folder, patch) };
  await session.run(batch);
  await peer.ask(batch, stepReply.partial());
  const step = { do: 'step', count: 2 };
  const mine = stepReply.parse(await session.run(step));
  const theirs = await peer.ask(step, stepReply);
  return assertSame('losses', mine.losses, theirs.losses, 1);
}

describe.skipIf(pyTorchIsMissing() !== undefined)('PyTorch', () => {
  let peer: NamedSide;
  beforeAll(async () => {
    peer = await startPyTorch();
  });
  afterAll(async () => {
    await peer.close();
  });

  it.each(benchmarkNetworks.map((network) => [network.name, network] as const))(
    '%s: losses of steps, and a volume by sliding window',
    async (name, network) => {
      const { session, weights } = await ours(network);
      await peer.ask({ do: 'build', network: name, width, weights }, buildReply);
      expect(await compareSteps(session, peer)).toBeLessThan(1e-5);
      const predict = { do: 'predict', volume: writeVolume(folder, extents), shape: [channels, ...extents], patch };
      const mine = predictReply.parse(await session.run({ ...predict, overlap: 0.5, out: join(folder, 'mine.raw') }));
      const theirs = await peer.ask({ ...predict, overlap: 0.5, out: join(folder, 'theirs.raw') }, predictReply);
      expect(mine.windows).toBe(2 * 3);
      expect(theirs.windows).toBe(mine.windows);
      const [found, expected] = [floats(join(folder, 'mine.raw')), floats(join(folder, 'theirs.raw'))];
      expect(assertSame('probabilities', found, expected, 1)).toBeLessThan(1e-4);
    },
  );

  it('refuses weights of another width', async () => {
    const { weights } = await ours(networkNamed('unet3d'));
    const build = peer.ask({ do: 'build', network: 'unet3d', width: 16, weights }, buildReply);
    await expect(build).rejects.toThrow('enc1.0.weight is [8, 4, 3, 3, 3], and the network takes [16, 4, 3, 3, 3]');
  });
});

it('stock tfjs: losses of steps', async () => {
  const stock = await startStock();
  const { session, weights } = await ours(networkNamed('unet3d'));
  await stock.ask({ do: 'build', width, weights }, buildReply);
  expect(await compareSteps(session, stock)).toBeLessThan(1e-5);
  await stock.close();
});
