/** Sides as processes that keep, break or leave the line protocol. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { startSide } from '../../bench/harness/side.js';

/** A side that says hello and answers each line by an expression of `command`, or ends for `undefined`. */
function fake(answer: string) {
  const script = `
    console.log(JSON.stringify({ name: 'fake' }));
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const command = JSON.parse(line);
      const text = ${answer};
      if (text === undefined) process.exit(3);
      console.log(text);
    });`;
  return startSide(
    { name: 'fake', command: process.execPath, arguments: ['-e', script] },
    z.object({ name: z.string() }),
  );
}

const reply = z.object({ twice: z.number() });

it('answers commands in turn and ends with its input', async () => {
  const side = await fake('JSON.stringify({ twice: 2 * command.value })');
  expect(side.hello).toEqual({ name: 'fake' });
  expect(await side.ask({ do: 'double', value: 2 }, reply)).toEqual({ twice: 4 });
  expect(await side.ask({ do: 'double', value: 5 }, reply)).toEqual({ twice: 10 });
  await side.close();
});

it.each([
  ['an error', 'JSON.stringify({ error: "no network is built" })', 'fake: no network is built'],
  ['no JSON', '"Segmentation fault"', 'fake answered no JSON: Segmentation fault'],
  ['its end', 'undefined', 'fake gave no answer: it ended with code 3'],
])('%s for an answer is told with the side’s name', async (_, answer, message) => {
  const side = await fake(answer);
  await expect(side.ask({ do: 'double', value: 1 }, reply)).rejects.toThrow(message);
  await side.close();
});

it('an answer of another form is refused', async () => {
  const side = await fake('JSON.stringify({ thrice: 3 })');
  await expect(side.ask({ do: 'double' }, reply)).rejects.toThrow('twice');
  await side.close();
});

it('a program that is not there is told', async () => {
  const start = startSide({ name: 'peer', command: '/nowhere/python3', arguments: [] }, z.object({}));
  await expect(start).rejects.toThrow('peer gave no answer: spawn /nowhere/python3 ENOENT');
});
