/**
 * Reports phrases of `english-rules.mjs` in messages, help texts, docs and comments.
 *
 * Considered instead: vale (a Go binary to download), textlint and alex (45 and 200 packages for word lists that do not
 * contain our phrases), write-good (style opinions without British spelling), cspell (a dictionary, not phrases).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { proseOfMarkdown, proseOfScript, proseOfSpec } from './prose.mjs';
import { findPhrases } from './english-rules.mjs';

const excluded =
  /^(?:docs\/licenses\/|docs\/commands\.md$|CHANGELOG\.md$|scripts\/english-rules\.mjs$|scripts\/lint-english\.mjs$)|\.generated\.ts$/;

const rooms = [
  'README.md',
  'docs',
  'cli',
  'grammar',
  'text',
  'editor',
  'compiler',
  'runtime',
  'contract',
  'onnx',
  'scripts',
  'bench',
  'specs',
];
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...rooms], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !excluded.test(file));

function passagesOf(file) {
  const text = () => readFileSync(file, 'utf8');
  if (file.endsWith('.md')) return proseOfMarkdown(text());
  if (file.endsWith('.unet')) return proseOfSpec(text());
  if (/\.[cm]?[jt]s$/.test(file)) return proseOfScript(text(), file);
  return [];
}

let errors = 0;
for (const file of files) {
  for (const { kind, line, prose } of passagesOf(file)) {
    for (const { phrase, instead, index } of findPhrases(prose)) {
      const place = `${file}:${line + prose.slice(0, index).split('\n').length - 1}`;
      console.error(`${place}: "${phrase}" (${kind}): write "${instead}"`);
      errors += 1;
    }
  }
}
if (errors > 0) {
  console.error(`${errors} phrases that read as translated`);
  process.exitCode = 1;
}
