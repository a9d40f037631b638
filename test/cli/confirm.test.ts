import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { confirm } from '../../cli/confirm.js';

/** Asks with `typed` as the person's input, which then ends. */
async function asked(typed: string): Promise<{ agreed: boolean; shown: string }> {
  const input = new PassThrough();
  const output = new PassThrough();
  const agreed = confirm('Run these 75 jobs?', { input, output });
  input.end(typed);
  return { agreed: await agreed, shown: String(output.read()) };
}

it.each(['y\n', 'Yes\n', ' y \n'])('takes %j as agreement', async (typed) => {
  expect(await asked(typed)).toEqual({ agreed: true, shown: 'Run these 75 jobs? [y/N] ' });
});

it.each(['n\n', '\n', 'yesterday\n', ''])('takes %j as no', async (typed) => {
  expect((await asked(typed)).agreed).toBe(false);
});
