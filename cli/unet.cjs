#!/usr/bin/env node
/**
 * The command `unet`. In a clone of the repository it first builds what has changed since the last build; the installed
 * package is built already and has no build scripts.
 */
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const scripts = join(__dirname, '../scripts');
const main = join(__dirname, '../dist/cli/main.cjs');

async function buildIfNeeded() {
  const { isBuilt } = await import(pathToFileURL(join(scripts, 'build-stamp.mjs')).href);
  if (isBuilt()) return;
  // Standard output is the command's own.
  const { status } = spawnSync(process.execPath, [join(scripts, 'build.mjs')], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 130);
}

async function start() {
  if (existsSync(scripts)) await buildIfNeeded();
  // Processes that the command starts run this build, even if the sources change meanwhile.
  process.argv[1] = main;
  require(main);
}

void start();
