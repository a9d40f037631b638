import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { packageRoot } from '../package-root.js';
import { UsageError } from '../exit.js';

/** `unet explain CODE` prints the page of a diagnostic. */
export function explain(code: string): void {
  const wanted = /^\d{4}$/.test(code) ? `UNET${code}` : code.toUpperCase();
  const pages = new URL('docs/diagnostics/', packageRoot);
  const page = new URL(`${wanted}.md`, pages);
  if (/^UNET\d{4}$/.test(wanted) && existsSync(page)) {
    process.stdout.write(readFileSync(page, 'utf8'));
    return;
  }
  const codes = readdirSync(pages).flatMap((name) => /^(UNET\d{4})\.md$/.exec(name)?.[1] ?? []);
  throw new UsageError(`There is no diagnostic \`${code}\`.`, `there are ${codes.sort().join(', ')}`);
}
