import { afterEach, describe, expect, it, vi } from 'vitest';
import { jobsDisplay } from '../../cli/study/jobs-display.js';
import { statusLine, type TerminalStream } from '../../cli/status-line.js';
import { screenLines } from './screen.js';

const size = { columns: 60, rows: 8 };

/** A stream that remembers what is written to it, as a terminal's does: a line feed also returns the carriage. */
function recorder(isTTY = true): TerminalStream & { readonly written: () => string } {
  const texts: string[] = [];
  const write = (text: string): boolean => texts.push(text.replaceAll('\n', isTTY ? '\r\n' : '\n')) > 0;
  return { write: write, isTTY, columns: size.columns, written: () => texts.join('') };
}

afterEach(() => vi.unstubAllEnvs());

describe('a status line', () => {
  it('stays below the lines printed meanwhile, and above those printed afterwards', async () => {
    const stream = recorder();
    stream.write('before\n');
    const status = statusLine(stream);
    // More lines than the screen has, so that it scrolls.
    for (let index = 1; index <= 12; index++) {
      status.show(`at ${index}`);
      status.print(`line ${index}`);
    }
    status.show('at the end');
    status.stop();
    stream.write('after\n');
    const lines = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);
    expect(await screenLines(stream.written(), size)).toEqual(['before', ...lines, 'at the end', 'after']);
  });

  it('never takes more than a line, whatever its text holds', async () => {
    const stream = recorder();
    const status = statusLine(stream);
    status.show(`${'网络'.repeat(40)} long`);
    status.print('one');
    status.show('\u001b[2J\u001b[H\nsecond');
    status.stop();
    stream.write('after\n');
    const lines = await screenLines(stream.written(), size);
    expect([lines.length, lines[0], lines[2]]).toEqual([3, 'one', 'after']);
    expect(lines[1]).toContain('second');
  });

  it('leaves no mode of the terminal changed, so that a kill at any moment does no harm', () => {
    const stream = recorder();
    const status = statusLine(stream);
    status.show('at work');
    status.print('line');
    status.stop();
    expect(
      stream
        .written()
        .match(/\u001b[^K]*./g)
        ?.filter((sequence) => sequence !== '\u001b[K'),
    ).toEqual([]);
  });
});

describe('the jobs of a study', () => {
  const jobs = Array.from({ length: 10 }, (_, fold) => ({ variant: 'Tiny', seed: 1, fold, run: `runs/${fold}` }));

  function runAll(stream: TerminalStream): void {
    const display = jobsDisplay(11, 1, 2, stream);
    for (const job of jobs) {
      display.started(job);
      if (job.fold === 3) display.failed(job, 'The process was killed.\n    the last words');
      else display.done(job, 0.5);
    }
    display.stop();
    for (let row = 0; row < 5; row++) stream.write(`table ${row}\n`);
  }

  it('are each shown in a line that nothing overwrites, with the table below', async () => {
    const stream = recorder();
    runAll(stream);
    const lines = await screenLines(stream.written(), size);
    expect(lines.filter((line) => line.startsWith('done '))).toHaveLength(9);
    expect(lines[0]).toBe('1 of 11 jobs were already done');
    expect(lines).toHaveLength(1 + 9 + 2 + 1 + 5);
    expect(lines.at(-6)).toMatch(/^jobs #+\.* 10\/11 {2}0 running/);
    expect(lines.slice(-5)).toEqual([0, 1, 2, 3, 4].map((row) => `table ${row}`));
  });

  it.each(['a log', 'a dumb terminal'])('are plain lines in %s', (where) => {
    if (where === 'a dumb terminal') vi.stubEnv('TERM', 'dumb');
    const stream = recorder(where === 'a dumb terminal');
    runAll(stream);
    expect(stream.written()).not.toMatch(/[\u001b]|\r(?!\n)/);
    expect(stream.written().match(/^started Tiny/gm)).toHaveLength(10);
    expect(stream.written().match(/^done \d+\/11/gm)).toHaveLength(9);
  });
});
