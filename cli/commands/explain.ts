import { readdirSync, readFileSync } from 'node:fs';
import { didYouMean } from '../../grammar/diagnostics/suggest.js';
import { packageRoot } from '../package-root.js';
import { UsageError } from '../exit.js';
import { jsonText } from '../../text/json.js';
import { isColoured } from '../colours.js';
import { renderMarkdown } from '../render-markdown.js';
import { columnsOf, print } from '../terminal.js';

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

/**
 * `unet explain [CODE...]` prints the pages of diagnostics: on a terminal with styles, otherwise as Markdown. Without a code,
 * it lists every code with its title.
 */
export function explain(wanted: readonly string[], { format }: ExplainFlags): void {
  if (wanted.length === 0) return print(listText(format));
  const pages = wanted.map(pageOf);
  const [only, ...more] = pages;
  if (format === 'json') return print(jsonText(more.length === 0 ? only! : { diagnostics: pages }));
  const columns = columnsOf(process.stdout);
  const isShown = process.stdout.isTTY || columns !== undefined || isColoured(1);
  print(pages.map(({ text }) => (isShown ? renderMarkdown(text, columns ?? 80) : text)).join('\n'));
}

function listText(format: string): string {
  const pages = codes().map(readPage);
  if (format === 'json') return jsonText({ diagnostics: pages.map(({ code, title }) => ({ code, title })) });
  return pages.map(({ code, title }) => `${code}  ${title}\n`).join('');
}

function pageOf(code: string): Page {
  const wanted = /^\d{4}$/.test(code) ? `UNET${code}` : code.toUpperCase();
  const known = codes();
  if (known.includes(wanted)) return readPage(wanted);
  const near = didYouMean(wanted, known);
  const list = 'Run `unet explain` to list all codes.';
  throw new UsageError(`Unknown diagnostic code \`${code}\`.`, near === undefined ? list : `${near} ${list}`);
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
