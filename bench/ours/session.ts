import * as tf from '@tensorflow/tfjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { selectEngine } from '../../runtime/engine/engines.js';
import { modelPredictor } from '../../runtime/inference/model-predictor.js';
import { slidingWindow } from '../../runtime/inference/sliding-window.js';
import { importedProtocol } from '../../runtime/run/imported-protocol.js';
import { importModule } from '../../runtime/run/load-module.js';
import { asFloat32, asInt32, encodeSafetensors, readSafetensors, sizeOf } from '../../runtime/files/safetensors.js';
import { readWeights } from '../../runtime/training/checkpoint.js';
import { trainableNetwork, type TrainableNetwork } from '../../runtime/network/trainable-network.js';
import { createOptimizer, type Optimizer } from '../../runtime/training/optimizer.js';
import { trainStep, type StepBatch } from '../../runtime/training/step.js';
import { ownPeakRss } from '../harness/serve.js';
import { commandSchema, type CommandOf } from './commands.js';

/** Loss, optimiser and clip of the DALight-3D release at a constant rate: the peer's. */
const protocol = importedProtocol([64, 64, 64], ['D', 'H', 'W']);

/** Every case comes from the first scanner, for networks that ask. */
const site = 0;

const now = (): number => performance.now() / 1000;

/** Of all threads together: what other work on the machine takes is not in it. */
function processorNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The network and the batch that commands work on. */
export class Session {
  private threadCount: number | undefined;
  private network: TrainableNetwork | undefined;
  private readonly optimizer: Optimizer = createOptimizer(protocol.optimizer);
  private given: StepBatch | undefined;

  async run(json: unknown): Promise<object> {
    const command = commandSchema.parse(json);
    switch (command.do) {
      case 'threads':
        return this.threads(command);
      case 'build':
        return this.build(command);
      case 'batch':
        return this.batch(command);
      case 'step':
        return this.step(command);
      case 'predict':
        return this.predict(command);
      case 'rss':
        return { bytes: ownPeakRss() };
      case 'memory':
        return { resident: process.memoryUsage().rss, tensors: tf.memory().numTensors };
    }
  }

  /** For the engine that `build` starts. */
  private threads({ count }: CommandOf<'threads'>): object {
    this.threadCount = count;
    return { threads: count };
  }

  private async build({ engine: name, module, weights, names }: CommandOf<'build'>): Promise<object> {
    const threads = this.threadCount;
    const engine = await selectEngine(name, threads === undefined ? {} : { threads });
    const { build, description } = await importModule(readFileSync(module, 'utf8'));
    const network = trainableNetwork(build({ seed: 1 }), description);
    const first = await readWeights(network);
    writeFileSync(weights, encodeSafetensors(new Map([...first].map(([id, tensor]) => [names[id]!, tensor]))));
    this.network = network;
    const parameters = network.weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { parameters, engine: engine.description, engineName: engine.name };
  }

  private async batch({ file }: CommandOf<'batch'>): Promise<object> {
    const { tensors } = await readSafetensors(file);
    const [scan, target] = [tensors.get('scan')!, tensors.get('target')!];
    this.given = {
      inputs: { scan: { shape: scan.shape, data: asFloat32(scan) } },
      identifiers: { site: new Int32Array(scan.shape[0]!).fill(site) },
      target: { shape: target.shape, data: Uint8Array.from(asInt32(target)) },
    };
    return {};
  }

  private async step({ count }: CommandOf<'step'>): Promise<object> {
    const network = this.built();
    if (this.given === undefined) throw new Error('there is no batch');
    const seconds: number[] = [];
    const processorSeconds: number[] = [];
    const losses: number[] = [];
    for (let i = 0; i < count; i++) {
      const [start, processorStart] = [now(), processorNow()];
      const { loss, updated } = await trainStep(network, this.optimizer, this.given, protocol, protocol.optimizer.lr);
      seconds.push(now() - start);
      processorSeconds.push(processorNow() - processorStart);
      losses.push(loss);
      if (!updated) throw new Error(`the step has a loss or gradient that is not finite (loss ${loss})`);
    }
    return { seconds, processorSeconds, losses };
  }

  private async predict({ volume, shape, patch, overlap, out }: CommandOf<'predict'>): Promise<object> {
    const { model, description } = this.built();
    const file = readFileSync(volume);
    const data = new Float32Array(file.buffer, file.byteOffset, file.byteLength / 4);
    const cube = [patch, patch, patch];
    const [start, processorStart] = [now(), processorNow()];
    let windows = 0;
    const [probabilities] = await slidingWindow({
      ...modelPredictor(model, description, cube),
      inputs: { scan: { data, shape } },
      identifiers: Object.fromEntries(identifiersOf(this.built()).map((name) => [name, site])),
      patch: cube,
      overlap,
      blend: 'gaussian',
      onProgress: (done) => {
        windows = done;
      },
    });
    const seconds = now() - start;
    const processorSeconds = processorNow() - processorStart;
    if (out !== undefined) writeFileSync(out, probabilities!.data);
    return { seconds, processorSeconds, windows };
  }

  private built(): TrainableNetwork {
    if (this.network === undefined) throw new Error('no network is built');
    return this.network;
  }
}

function identifiersOf({ description }: TrainableNetwork): string[] {
  return description.inputs.filter(({ kind }) => kind === 'identifier').map(({ name }) => name);
}
