/**
 * Reports phrases of `english-rules.mjs` in messages, help texts, docs and comments. Comments in the rooms listed in
 * `unfinished` are only counted. `--all` lists their findings too.
 *
 * Considered instead: vale (a Go binary to download), textlint and alex (45 and 200 packages for word lists that do not
 * contain our phrases), write-good (style opinions without British spelling), cspell (a dictionary, not phrases).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { proseOfMarkdown, proseOfScript, proseOfSpec } from './prose.mjs';
import { findPhrases } from './english-rules.mjs';

/** Rooms whose comments are still to be revised. */
const unfinished = /^compiler\/emit\/(?:layers|diagram|report|diff)\//;

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

const listsAll = process.argv.includes('--all');
let errors = 0;
const pending = new Map();
for (const file of files) {
  for (const { kind, line, prose } of passagesOf(file)) {
    for (const { phrase, instead, index } of findPhrases(prose)) {
      const place = `${file}:${line + prose.slice(0, index).split('\n').length - 1}`;
      const isPending = kind === 'comment' && unfinished.test(file);
      if (isPending) {
        const room = file.split('/')[0];
        pending.set(room, (pending.get(room) ?? 0) + 1);
      } else errors += 1;
      if (!isPending || listsAll) console.error(`${place}: "${phrase}" (${kind}): write "${instead}"`);
    }
  }
}
for (const [room, count] of pending) console.error(`${room}/: ${count} phrases in comments, not revised yet`);
if (errors > 0) {
  console.error(`${errors} phrases that read as translated`);
  process.exitCode = 1;
}
