import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { changeKinds, mangle, pieces } from '../compiler/check/mangle.js';
import { splitFiles } from '../compiler/check/check-text.js';
import { generateSpec } from './generate-spec.js';
import { chooser, type Chooser } from './random.js';
import { splice } from './splice.js';

type Files = ReadonlyMap<string, string | Uint8Array>;

/** A program to be checked, one file of which is mangled. */
export interface FuzzCase {
  readonly seed: number;
  readonly root: string;
  readonly files: Files;
  /** The file that is mangled. */
  readonly mangled: string;
}

/** The repository: commands and tests run there. */
const root = resolve('.');
/** The repository's specs by path, with those they use. */
const specs = textsBelow('specs');
const models = [...specs.keys()].filter((path) => !path.startsWith('specs/lib/'));
const libraries = [...specs.keys()].filter((path) => path.startsWith('specs/lib/'));
/** The checker's fixtures: small, and one for each thing that can be wrong. */
const fixtures = [...textsBelow('test/compiler/check/cases').values(), ...textsBelow('test/grammar/cases').values()]
  .map(splitFiles)
  .filter((files) => files.size === 1);

function textsBelow(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort();
  const own = names.filter((name) => name.endsWith('.unet')).map((name) => join(folder, name));
  return new Map(own.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** The case of a seed: always the same, as long as specs and fixtures are. */
export function caseOf(seed: number): FuzzCase {
  const choose = chooser(seed);
  const { path, mangled, files } = sound(choose);
  const texts: readonly string[] = [...files.values()];
  let text = files.get(mangled) ?? '';
  if (choose.chance(0.5)) {
    const times = 1 + choose.below(3);
    const donor = choose.chance(0.5) ? choose.pick(texts) : choose.pick([...specs.values()]);
    for (let time = 0; time < times; time++) text = splice(text, donor, choose);
    if (choose.chance(0.7)) return { seed, root: path, mangled, files: new Map([...files, [mangled, text]]) };
  }
  const changes = choose.several(1, 8, () => ({
    kind: choose.pick(changeKinds),
    at: choose.fraction(),
    other: choose.fraction(),
    piece: choose.pick(pieces),
  }));
  const bytes = mangle(text, changes);
  const spoilt = choose.chance(0.25) ? spoil(bytes, choose) : bytes;
  return { seed, root: path, mangled, files: new Map<string, string | Uint8Array>([...files, [mangled, spoilt]]) };
}

/** A program before it is mangled, and which of its files is to be. */
function sound(choose: Chooser): { path: string; mangled: string; files: ReadonlyMap<string, string> } {
  const kind = choose.fraction();
  if (kind < 0.05) {
    const path = choose.pick(models);
    return { path, mangled: choose.chance(0.3) ? choose.pick(libraries) : path, files: specs };
  }
  const files = kind < 0.45 ? choose.pick(fixtures) : new Map([['spec.unet', generateSpec(choose)]]);
  const [path = ''] = files.keys();
  return { path, mangled: path, files };
}

/** Noise of bytes: some replaced, a stretch repeated many times, moved or cut off. */
function spoil(bytes: Uint8Array, choose: Chooser): Uint8Array {
  const start = choose.below(bytes.length + 1);
  const stretch = bytes.subarray(start, start + choose.below(64));
  const rest = bytes.subarray(start + stretch.length);
  const parts: Uint8Array[] = choose.pick([
    () => [bytes.subarray(0, start), ...Array.from({ length: 1 + choose.below(200) }, () => stretch), rest],
    () => [bytes.subarray(0, start), Uint8Array.from(choose.several(1, 40, () => choose.below(256))), rest],
    () => [rest, stretch, bytes.subarray(0, start)],
    () => [bytes.subarray(0, start)],
  ])();
  return Buffer.concat(parts);
}
