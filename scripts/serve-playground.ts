/** Builds the playground and serves it on this machine: `npm run playground [-- PORT]`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { buildPlayground } from './build-playground.js';

const directory = join(fileURLToPath(new URL('..', import.meta.url)), 'editor/playground/dist');
await buildPlayground(directory);
const server = await context({});
const port = Number(process.argv[2] ?? 8000);
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  process.stderr.write(`\`${process.argv[2]}\` is not a port. Give a number from 1 to 65535.\n`);
  process.exit(2);
}
await server.serve({ servedir: directory, host: '127.0.0.1', port });
process.stdout.write(`The playground is at http://127.0.0.1:${port}/ until you press Ctrl-C.\n`);
