import { readdirSync, readFileSync } from 'node:fs';
import { didYouMean } from '../../grammar/diagnostics/suggest.js';
import { packageRoot } from '../package-root.js';
import { UsageError } from '../exit.js';
import { jsonText } from '../../text/json.js';
import { print } from '../terminal.js';

/** Flags of the command. */
export interface ExplainFlags {
  readonly format: string;
}

/** The page of a diagnostic. */
interface Page {
  readonly code: string;
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

const folder = new URL('docs/diagnostics/', packageRoot);

/** `unet explain [CODE]` prints the page of a diagnostic; without a code, every code with its title. */
export function explain(code: string | undefined, { format }: ExplainFlags): void {
  print(code === undefined ? listText(format) : pageText(code, format));
}

function listText(format: string): string {
  const pages = codes().map(readPage);
  if (format === 'json') return jsonText({ diagnostics: pages.map(({ code, title }) => ({ code, title })) });
  return pages.map(({ code, title }) => `${code}  ${title}\n`).join('');
}

function pageText(code: string, format: string): string {
  const wanted = /^\d{4}$/.test(code) ? `UNET${code}` : code.toUpperCase();
  const known = codes();
  if (!known.includes(wanted)) {
    const near = didYouMean(wanted, known);
    const list = 'Run `unet explain` to list all codes.';
    throw new UsageError(`Unknown diagnostic code \`${code}\`.`, near === undefined ? list : `${near} ${list}.`);
  }
  const page = readPage(wanted);
  return format === 'json' ? jsonText(page) : page.text;
}

function codes(): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^(UNET\d{4})\.md$/.exec(name)?.[1] ?? [])
    .sort();
}

function readPage(code: string): Page {
  const text = readFileSync(new URL(`${code}.md`, folder), 'utf8');
  return { code, title: /^# UNET\d{4}: (.*)$/m.exec(text)?.[1] ?? '', text };
}
