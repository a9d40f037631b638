/** The kinds of arguments that layers take, and the checks on tensors that several layers share. */
import { constantOf, formatSize } from '../../shape/size.js';
import { formatShape } from '../format-shape.js';
import type { Axis, Operand } from '../tensor.js';
import type { LayerCall, Parameter } from './layer.js';

/** The largest whole number that a layer accepts: a width, a kernel, a stride. */
const argumentLimit = 1_000_000;

/** A whole number (UNET3019); sizes that depend on the patch are not allowed (UNET3027). */
export function whole(range: { readonly least: number }): Parameter<number>;
export function whole(range: { readonly least: number; readonly otherwise: number }): Parameter<number>;
export function whole({ least, otherwise }: { least: number; otherwise?: number }): Parameter<number> {
  return {
    ...described('int', otherwise),
    read: (call, name) => {
      const value = call.valueOf(name);
      if (value === undefined && otherwise !== undefined) return otherwise;
      if (value?.kind === 'size') return failBySize(call, name, formatSize(value.size));
      return value?.kind === 'number' ? inRange(call, name, value.value, least) : call.leave();
    },
  };
}

/** The same, but undefined by default; `otherwise` describes the default behaviour. */
export function wholeOr(otherwise: string, { least }: { readonly least: number }): Parameter<number | undefined> {
  const given = whole({ least });
  return {
    type: 'int',
    required: false,
    otherwise,
    read: (call, name) => (call.valueOf(name) === undefined ? undefined : given.read(call, name)),
  };
}

/** A number in a range that `text` describes; `open` excludes `most` itself (UNET3019). */
export function number(range: {
  readonly least: number;
  readonly most: number;
  readonly open?: boolean;
  readonly text: string;
  readonly otherwise?: number;
}): Parameter<number> {
  const { least, most, open = false, text, otherwise } = range;
  return {
    ...described('float', otherwise),
    read: (call, name) => {
      const value = call.valueOf(name);
      if (value === undefined && otherwise !== undefined) return otherwise;
      if (value?.kind !== 'number') return call.leave();
      const inside = value.value >= least && (open ? value.value < most : value.value <= most);
      return inside ? value.value : failByRange(call, name, text, value.value);
    },
  };
}

/** `true` or `false`. */
export function boolean(otherwise: boolean): Parameter<boolean> {
  return {
    ...described('bool', otherwise),
    read: (call, name) => {
      const value = call.valueOf(name);
      if (value === undefined) return otherwise;
      return value.kind === 'boolean' ? value.value : call.leave();
    },
  };
}

/** One integer per spatial axis; a single one applies to all of them (UNET3012, UNET3019, UNET3027). */
export function perAxis(range: { readonly least: number; readonly otherwise?: number }): Parameter<readonly number[]> {
  const { least, otherwise } = range;
  return {
    ...described('size', otherwise),
    read: (call, name) => {
      const rank = spatialOf(call).length;
      const read = readPerAxis(call, name, rank, least);
      if (read !== undefined) return read;
      return otherwise === undefined ? call.leave() : Array.from({ length: rank }, () => otherwise);
    },
  };
}

/** The same, but undefined by default; `otherwise` describes the default behaviour. */
export function perAxisOr(otherwise: string, least: number): Parameter<readonly number[] | undefined> {
  return {
    type: 'size',
    required: false,
    otherwise,
    read: (call, name) => readPerAxis(call, name, spatialOf(call).length, least),
  };
}

/** How the weights start; the evaluator resolves it (see `Start`). */
export const initialiser: Parameter<undefined> = {
  type: 'init',
  required: false,
  otherwise: "the model's `init`",
  read: () => undefined,
};

/** A word; which ones are allowed is checked with its type. */
export function word<W extends string>(type: 'mode' | 'border', otherwise?: W): Parameter<W> {
  return {
    type,
    required: otherwise === undefined,
    otherwise,
    read: (call, name) => {
      const value = call.valueOf(name);
      if (value === undefined && otherwise !== undefined) return otherwise;
      return value?.kind === 'choice' ? (value.name as W) : call.leave();
    },
  };
}

function described(type: Parameter<unknown>['type'], otherwise: number | boolean | undefined) {
  const text = otherwise !== undefined && typeof otherwise === 'number' ? shortNumber(otherwise) : undefined;
  const shown = typeof otherwise === 'boolean' ? String(otherwise) : text;
  return { type, required: otherwise === undefined, otherwise: shown };
}

/** `1e-5` for 0.00001. */
function shortNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace('+', '') : String(value);
}

function readPerAxis(call: LayerCall, name: string, rank: number, least: number): readonly number[] | undefined {
  const value = call.valueOf(name);
  switch (value?.kind) {
    case undefined:
      return undefined;
    case 'number':
      return Array.from({ length: rank }, () => inRange(call, name, value.value, least));
    case 'size':
      return failBySize(call, name, formatSize(value.size));
    case 'list':
      if (value.items.length !== rank) {
        const parts = { what: `\`${name}\``, given: value.items.length, axes: rank };
        return call.fail('UNET3012', parts, call.spanOf(name));
      }
      return value.items.map((item) =>
        item.kind === 'number' ? inRange(call, name, item.value, least) : call.leave(),
      );
    default:
      return call.leave();
  }
}

function inRange(call: LayerCall, name: string, value: number, least: number): number {
  if (value >= least && value <= argumentLimit) return value;
  const range = value > argumentLimit ? `between ${least} and ${argumentLimit}` : `of at least ${least}`;
  return failByRange(call, name, `a whole number ${range}`, value);
}

/** UNET3019: an argument is out of its range. */
export function failByRange(call: LayerCall, name: string, range: string, found: number | string): never {
  return call.fail('UNET3019', { what: `\`${name}\``, range, found: String(found) }, call.spanOf(name));
}

/** UNET3032: an argument is given that has no effect, because of something else that is given. */
export function refuse(call: LayerCall, names: readonly string[], because: string): void {
  for (const name of names) {
    if (call.valueOf(name) === undefined) continue;
    const help = `Omit \`${name}\`.`;
    call.fail('UNET3032', { name, of: call.name, because }, call.spanOf(name), { help });
  }
}

function failBySize(call: LayerCall, name: string, size: string): never {
  return call.fail('UNET3027', { size }, call.spanOf(name));
}

/** The number of channels: the size of the first axis, which must be known (UNET3010, UNET3027). */
export function requireChannels(call: LayerCall): number {
  const [first] = call.tensors[0].shape;
  if (first === undefined) {
    const parts = { what: `\`${call.name}\``, expected: '`[C, ...S]`', found: 'none' };
    return call.fail('UNET3010', parts, call.span);
  }
  const channels = constantOf(first.size);
  return channels ?? call.fail('UNET3027', { size: formatSize(first.size) }, call.span);
}

/** The spatial axes of a tensor, one to three of them (UNET3010). */
export function spatialOf(call: LayerCall, tensor: Operand = call.tensors[0]): readonly Axis[] {
  const spatial = tensor.shape.slice(1);
  if (spatial.length >= 1 && spatial.length <= 3) return spatial;
  const parts = {
    what: `\`${call.name}\``,
    expected: '`[C, ...S]` with one to three spatial axes',
    found: formatShape(tensor.shape),
  };
  return call.fail('UNET3010', parts, call.span);
}
