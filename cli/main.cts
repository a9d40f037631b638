#!/usr/bin/env node
/**
 * Starts the command line: a fast command from its bundle, any other (and where there is no bundle, as in a run from
 * the sources, each) from its modules. CommonJS, because Node starts that sooner.
 */
import bundle = require('./bundle.cjs');
import fastCommands = require('./fast-commands.cjs');
import signals = require('./signals.cjs');

async function start(): Promise<void> {
  const command = process.argv[2] ?? '';
  const isFast = fastCommands.includes(command);
  // Before anything is loaded. A fast command leaves nothing behind, and is ended by the system even while it computes.
  signals.endOnSignals(isFast ? ['SIGUSR1'] : signals.endingSignals);
  const bundled = isFast ? bundle.loadBundle(command) : undefined;
  const { main } = bundled?.front ?? (await import('./front.js'));
  process.exitCode = await main(process.argv);
  bundled?.keepCode();
  // Where all that was written is out, Node need not clear up before it ends.
  if (bundled !== undefined && process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}

void start();
