/**
 * Writes the tables of layers and functions in `docs/language.md` from their definitions, between the comments that mark
 * them; with `--check` fails where they differ.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { functionForms, primitives, type Primitive } from '../compiler/bind/builtins.js';
import { generateFile } from './generated-file.js';

const page = 'docs/language.md';

const layers = [...primitives.values()].map(
  (layer) => `| \`${layer.name}\` | ${argumentsOf(layer)} | ${cell(layer.doc)} |`,
);

/** `out`, `kernel`, `stride` (1): each argument with its default. */
function argumentsOf({ parameters }: Primitive): string {
  const texts = parameters.map(({ name, otherwise }) =>
    otherwise === undefined ? `\`${name}\`` : `\`${name}\` (${otherwise})`,
  );
  return texts.length === 0 ? 'none' : texts.join(', ');
}

const functions = Object.entries(functionForms).map(([name, { doc, positional, any, named = [], optional = [] }]) => {
  const parts = [...positional, ...(any === true ? ['...'] : []), ...named.map((each) => `${each}:`)];
  const signature = [...parts, ...optional.map((each) => `${each}?:`)].join(', ');
  return `| \`${name}(${signature})\` | ${cell(doc)} |`;
});

/** A vertical bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function replaceBetween(text: string, mark: string, rows: readonly string[]): string {
  const opening = `<!-- ${mark}: generated -->\n`;
  const start = text.indexOf(opening);
  const end = text.indexOf('<!-- end -->', start);
  if (start < 0 || end < 0) throw new Error(`${page} has no place for the generated ${mark}`);
  return `${text.slice(0, start + opening.length)}\n${rows.join('\n')}\n\n${text.slice(end)}`;
}

const before = readFileSync(fileURLToPath(new URL(`../${page}`, import.meta.url)), 'utf8');
const withLayers = replaceBetween(before, 'layers', [
  '| layer | arguments (defaults) | what it does |',
  '|---|---|---|',
  ...layers,
]);
const after = replaceBetween(withLayers, 'functions', ['| function | what it does |', '|---|---|', ...functions]);
generateFile(page, after, 'generate-language-tables.ts');
