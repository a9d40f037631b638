import { describe, expect, test } from 'vitest';
import { primitives, type Primitive } from '../../../compiler/bind/builtins.js';
import { checkText, lowerText, tinyModel } from '../spec-text.js';

/**
 * An argument is never ignored: whichever arguments a layer is given, in each of its forms, the network changes with every
 * one of them, or there is an error.
 */

/** A value of each argument that is not its default; those of the same type differ from each other. */
const valueOf: Readonly<Record<string, string>> = {
  ...{ out: '4', kernel: '3', stride: '2', dilation: '3', pad: '2', output_pad: '1', groups: '2', rate: '0.3' },
  ...{ affine: 'false', epsilon: '0.01', momentum: '0.3', frozen: 'true', slope: '0.5', shared: 'true' },
  ...{ mode: 'replicate', scale: '3', align_corners: 'true', amount: '1', before: '2', after: '3' },
  ...{ multiple_of: '5', channels: '9', init: 'normal(0.5)' },
};
/** The defaults of required arguments, and of booleans that would leave others without weights to start. */
const ownValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  resize: { mode: 'linear' },
  linear: { bias: 'false' },
};

function textOfArgument(layer: string, name: string): string {
  return `${name}: ${ownValues[layer]?.[name] ?? valueOf[name] ?? 'true'}`;
}

/** One to `most` of the items. */
function subsets<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  return items.flatMap((item, index) => [
    [item],
    ...(most > 1 ? subsets(items.slice(index + 1), most - 1).map((rest) => [item, ...rest]) : []),
  ]);
}

/** The network of a layer's use as text, or its errors. `a` is larger than `b`, and neither axis of both is the same. */
function use(layer: string, form: string, given: readonly string[]): { text: string } | { errors: readonly string[] } {
  const callee = given.length === 0 ? layer : `${layer}(${given.join(', ')})`;
  const spec = tinyModel(`let a = scan -> conv(8, 1)
  let b = a -> max_pool(2)
  let y = ${form} -> ${callee}
  mask = resize(y, scan, nearest) -> conv(2, 1)`);
  const errors = checkText(spec).filter((line) => !/ UNET4\d{3} /.test(line));
  return errors.length > 0 ? { errors } : { text: JSON.stringify(lowerText(spec).ops, withoutPlaces) };
}

function withoutPlaces(key: string, value: unknown): unknown {
  return key === 'span' ? undefined : value;
}

const forms = { pad: ['a', '(b, a)'], crop: ['a', '(a, b)'], resize: ['a', '(b, a)'] } as const;

const rows = [...primitives.values()]
  .filter(({ parameters }) => parameters.length > 0)
  .flatMap((primitive) =>
    ((forms as Readonly<Record<string, readonly string[]>>)[primitive.name] ?? ['a']).map(
      (form) => [`${form} -> ${primitive.name}`, primitive, form] as const,
    ),
  );

/** The optional arguments that have an effect in some combination. */
function effective({ name: layer, parameters }: Primitive, form: string): ReadonlySet<string> {
  const required = parameters.filter((each) => each.required).map(({ name }) => textOfArgument(layer, name));
  const optional = parameters.filter((each) => !each.required).map(({ name }) => name);
  const made = new Map<string, ReturnType<typeof use>>();
  const usedWith = (names: readonly string[]): ReturnType<typeof use> => {
    const key = names.join();
    const known = made.get(key) ?? use(layer, form, [...required, ...names.map((name) => textOfArgument(layer, name))]);
    made.set(key, known);
    return known;
  };
  const found = new Set<string>();
  for (const names of subsets(optional, 3)) {
    const whole = usedWith(names);
    if ('errors' in whole) continue;
    for (const name of names) {
      const without = usedWith(names.filter((each) => each !== name));
      if ('text' in without && without.text === whole.text) {
        throw new Error(`${name} has no effect in ${form} -> ${layer}(${[...required, ...names].join(', ')})`);
      }
      found.add(name);
    }
  }
  return found;
}

describe('an argument has an effect or is an error', () => {
  test.each(rows)('%s', (_, primitive, form) => {
    const found = effective(primitive, form);
    const optional = primitive.parameters.filter(({ required }) => !required).map(({ name }) => name);
    // What a second tensor, which gives the sizes, makes superfluous.
    const superfluous = form === 'a' ? [] : ['amount', 'after', 'multiple_of', 'scale'];
    expect([...found].sort()).toEqual(optional.filter((name) => !superfluous.includes(name)).sort());
  });

  test('the error says why, and where', () => {
    const lines = checkText(
      tinyModel(`let a = scan -> conv(8, 1)
  let _b = pad(a, scan, 1)
  let _c = crop(a, scan, after: 2)
  let _d = crop(a, 3, before: 1, after: 2)
  let _e = resize(a, scan, linear, scale: 2)
  let _f = a -> pad(channels: 9, mode: reflect)
  let _g = a -> batch_norm(momentum: 0.2, frozen: true)
  mask = a -> conv(2, 1)`),
    );
    expect(lines).toMatchInlineSnapshot(`
      [
        "6:25 UNET3032 The argument \`amount\` of \`pad\` has no effect, because the second tensor gives the sizes.",
        "7:33 UNET3032 The argument \`after\` of \`crop\` has no effect, because the second tensor gives the sizes.",
        "8:20 UNET3032 The argument \`amount\` of \`crop\` has no effect, because \`before\` and \`after\` determine the border.",
        "9:43 UNET3032 The argument \`scale\` of \`resize\` has no effect, because the second tensor gives the sizes.",
        "10:40 UNET3032 The argument \`mode\` of \`pad\` has no effect, because no border is added.",
        "11:38 UNET3032 The argument \`momentum\` of \`batch_norm\` has no effect, because \`frozen\` leaves the statistics unchanged.",
      ]
    `);
  });

  test('momentum may stand next to a knob for `frozen`', () => {
    const text = tinyModel(`knob frozen: bool = true
  mask = scan -> batch_norm(momentum: 0.2, frozen: frozen) -> conv(2, 1)`);
    expect(checkText(text)).toEqual([]);
  });
});
