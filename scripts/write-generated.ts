import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig, type BuiltInParserName } from 'prettier';

/** Writes a generated file in the project's format; with `--check` on the command line fails where it differs. */
export async function writeGenerated(
  name: string,
  parser: BuiltInParserName,
  text: string,
  script: string,
): Promise<void> {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const formatted = await format(text, { ...(await resolveConfig(path)), parser });
  if (!process.argv.includes('--check')) return writeFileSync(path, formatted);
  if (readFileSync(path, 'utf8') === formatted) return;
  console.error(`${name} is out of date: run \`npx tsx ${script}\`.`);
  process.exit(1);
}
