#!/usr/bin/env node
/**
 * Starts the command line: a fast command from its bundle, any other command (or all of them without a bundle, as when running from
 * the sources, each) from its modules. CommonJS, because Node starts that sooner.
 */
import bundle = require('./bundle.cjs');
import fastCommands = require('./fast-commands.cjs');
import signals = require('./signals.cjs');

async function start(): Promise<void> {
  const command = process.argv[2] ?? '';
  const isFast = fastCommands.includes(command);
  // Before anything is loaded. A fast command needs no clean-up and can be terminated by the system at any time.
  signals.endOnSignals(isFast ? ['SIGUSR1'] : signals.endingSignals);
  const bundled = isFast ? bundle.loadBundle(command) : undefined;
  const { main } = bundled?.front ?? (await import('./front.js'));
  process.exitCode = await main(process.argv);
  bundled?.keepCode();
  // Once all output is flushed, Node.js can exit without clean-up.
  if (bundled !== undefined && process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
}

void start();
