import { resolve } from 'node:path';
import { z } from 'zod';
import { readSafetensors, type HostTensor } from '../../runtime/files/safetensors.js';
import { drawBits, drawUniform } from './draw.js';

const whole = z.int();
const weightsSchema = z.record(z.string(), z.object({ shape: z.array(whole), centre: z.number(), spread: z.number() }));
const casesSchema = z.record(
  z.string(),
  z.object({ sizes: z.array(whole), identifiers: z.array(whole), trained: z.boolean() }),
);
const trainingSchema = z.object({ lr: z.number(), weight_decay: z.number(), clip_norm: z.number() });

/** What `record/record.py` wrote of a network, and what it drew for it. */
export interface Recorded {
  /** By the reference's names, in their order of use. */
  readonly weights: ReadonlyMap<string, HostTensor>;
  readonly cases: Readonly<Record<string, z.infer<typeof casesSchema>[string]>>;
  readonly training: z.infer<typeof trainingSchema>;
  /** A recorded tensor, `<case>.<what>`. */
  readonly answer: (name: string) => Float32Array | Float64Array;
  /** A case's `scan`, `target` and, where some case of the batch has one, `site`. */
  readonly inputs: (name: string) => Map<string, HostTensor>;
  /** A gradient as `answer` summarises it: the values kept of it, and sums over all of it with random signs. */
  readonly summarize: (name: string, weight: string, gradient: Float32Array) => GradientSummary;
}

export interface GradientSummary {
  readonly entries: number[];
  readonly sums: number[];
}

/** As in `record.py`. */
const samples = 96;
const sumCount = 4;

function summarize(key: string, weight: string, gradient: Float32Array): GradientSummary {
  const size = gradient.length;
  const places =
    size <= samples ? gradient.keys() : drawBits(`${key}/places/${weight}`, samples).map((at) => at % size);
  const sums = Array.from({ length: sumCount }, (_, index) => {
    const bits = drawBits(`${key}/signs${index}/${weight}`, size);
    return gradient.reduce((sum, value, at) => sum + (bits[at]! >>> 31 === 1 ? -value : value), 0);
  });
  return { entries: Array.from(places, (at) => gradient[at]!), sums };
}

function inputsOf(network: string, name: string, one: Recorded['cases'][string]): Map<string, HostTensor> {
  const { sizes, identifiers } = one;
  const cases = identifiers.length;
  const voxels = cases * sizes.reduce((product, size) => product * size, 1);
  const scan = drawUniform(`${network}/${name}/scan`, 4 * voxels, 0.2, 1.8);
  const target = Int32Array.from(drawBits(`${network}/${name}/target`, voxels), (bits) => bits >>> 30);
  const given = new Map<string, HostTensor>([
    ['scan', { shape: [cases, 4, ...sizes], data: scan }],
    ['target', { shape: [cases, ...sizes], data: target }],
  ]);
  if (identifiers.some((value) => value >= 0))
    given.set('site', { shape: [cases], data: Int32Array.from(identifiers) });
  return given;
}

/** Reads `recorded/<network>.safetensors`. */
export async function readRecorded(network: string): Promise<Recorded> {
  const file = resolve(import.meta.dirname, 'recorded', `${network}.safetensors`);
  const { tensors, metadata } = await readSafetensors(file);
  const drawn = Object.entries(weightsSchema.parse(JSON.parse(metadata['weights']!)));
  const cases = casesSchema.parse(JSON.parse(metadata['cases']!));
  return {
    cases,
    training: trainingSchema.parse(JSON.parse(metadata['training']!)),
    weights: new Map(
      drawn.map(([name, { shape, centre, spread }]) => {
        const count = shape.reduce((product, size) => product * size, 1);
        return [name, { shape, data: drawUniform(`${network}/${name}`, count, centre, spread) }];
      }),
    ),
    answer: (name) => {
      const { data } = tensors.get(name)!;
      if (data instanceof Float32Array || data instanceof Float64Array) return data;
      throw new Error(`${name} is not recorded as numbers with a fraction`);
    },
    inputs: (name) => inputsOf(network, name, cases[name]!),
    summarize: (name, weight, gradient) => summarize(`${network}/${name}`, weight, gradient),
  };
}
