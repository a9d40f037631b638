/**
 * One side of a benchmark: this project's runtime, driven by lines of JSON on standard input, one answer a line on
 * standard output; the commands are those of `bench/peer/main.py`, save that `build` takes the generated module and
 * writes the weights that the peer reads.
 */
import { serve } from '../harness/serve.js';
import { Session } from './session.js';

const session = new Session();
await serve(`unet-lang on Node ${process.versions.node}`, (command) => session.run(command));
