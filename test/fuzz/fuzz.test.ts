import { expect, test } from 'vitest';
import { caseOf } from './case.js';
import { tryCase } from './try-case.js';

/** The first of the 5,000 cases of `npm run fuzz`, as many as a test has time for. */
const count = 1200;

test(`the first ${count} mangled specs are handled: no throw, no hang, nothing unsound`, () => {
  const faults: string[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const { fault } = tryCase(caseOf(seed));
    if (fault !== undefined) faults.push(`npm run fuzz -- --count 1 --seed ${seed}: ${fault.kind}, ${fault.text}`);
  }
  expect(faults).toEqual([]);
}, 600_000);
