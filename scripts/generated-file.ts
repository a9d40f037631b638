import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Writes a generated file of this repository; with `--check` on the command line fails where it differs instead. */
export function generateFile(path: string, text: string, script: string): void {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
    return;
  }
  if (contentOf(file) === text) return;
  console.error(`${path} is out of date: run \`npx tsx scripts/${script}\`.`);
  process.exitCode = 1;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
