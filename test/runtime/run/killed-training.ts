/** A training as a process of its own, to be killed: `node --import tsx killed-training.ts DIRECTORY`. A line a step. */
import * as tf from '@tensorflow/tfjs';
import { lockRun } from '../../../runtime/run/lock.js';
import { train } from '../../../runtime/training/train.js';
import { tinyLoader, tinyNetwork, tinyProtocol } from '../training/tiny-network.js';

await tf.setBackend('cpu');
const [directory = ''] = process.argv.slice(2);
const lock = await lockRun(directory);
await train({
  network: tinyNetwork(),
  protocol: tinyProtocol({ length: { kind: 'epochs', epochs: 20 } }),
  loader: tinyLoader(2),
  seed: 7,
  directory,
  resume: true,
  checkpointMinutes: 0,
  onEvent: (event) => {
    if (event.kind === 'step') process.stdout.write('.');
  },
});
lock.release();
