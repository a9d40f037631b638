/**
 * Texts with one long run of a character, in each place where regular expressions look at texts. The lint rule of
 * `eslint.config.js` proves each expression linear by itself; this holds what is built of them to the same.
 */
import { describe, expect, test } from 'vitest';
import { emitTfjs } from '../../../compiler/emit/tfjs/emit-tfjs.js';
import { contextAt } from '../../../editor/completion/context.js';
import { renderDiagnostics } from '../../../grammar/diagnostics/render.js';
import { format } from '../../../grammar/print.js';
import { createSource } from '../../../grammar/source.js';
import { lowerText } from '../spec-text.js';
import { checkText } from './check-text.js';

function secondsOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Four times as much text takes at most eight times as long; a quadratic time would take sixteen. */
function expectLinear(work: (count: number) => unknown): void {
  secondsOf(() => work(1000));
  const small = secondsOf(() => work(15_000));
  const large = secondsOf(() => work(60_000));
  expect(large).toBeLessThan(8 * small + 0.1);
}

function model(members: string): string {
  return `model M {\n  input scan: image(T1w)[D, H, W]\n  output mask: classes(a, b)\n${members}\n}\n`;
}

function checkAndFormat(text: string): void {
  renderDiagnostics(checkText(text), { colours: false });
  format(createSource('spec.unet', text));
}

const characters = ['a', '7', ' ', '\t', '\n', '`', '\\"', '/'];

describe.each(characters.map((character) => [JSON.stringify(character), character]))('a run of %s', (_, character) => {
  test.each<[string, (run: string) => string]>([
    ['after a syntax error', (run) => model(`  mask = ) scan\n  b${run} x`)],
    ['in a name', (run) => model(`  let b${run}x = relu\n  mask = scan -> (tanh -> b${run}x) -> conv(2, 1)`)],
    ['in a comment', (run) => model(`  // b${run}x\n  mask = scan -> conv(2, 1) // b${run}x`)],
    ['in a string', (run) => `protocol P { data: msd("b${run}x") }\n${model('  mask = scan -> conv(2, 1)')}`],
    [
      'before what can be fixed',
      (run) => model(`  let x = ${run}y\n  knob y${run}: int = 1\n  mask = scan -> conv(2, 1)`),
    ],
  ])('%s', (_, text) => expectLinear((count) => checkAndFormat(text(character.repeat(count / character.length)))));

  test('before the place of a completion', () =>
    expectLinear((count) => {
      const text = `model M { mask = ${character.repeat(count / character.length)} `;
      contextAt(text, text.length);
    }));
});

test('blanks in a documentation comment of generated code', () =>
  expectLinear((count) => emitTfjs(lowerText(`/// a${' '.repeat(count)}b\n${model('  mask = scan -> conv(2, 1)')}`))));
