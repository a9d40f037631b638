/** The networks that benchmarks run, on both sides. */
import { fileURLToPath } from 'node:url';

export interface BenchmarkNetwork {
  /** Its name in `bench/peer/networks.py`, and in results. */
  readonly name: string;
  /** Absolute path of its spec. */
  readonly spec: string;
  /** Knobs for a width, as `--set` takes them. */
  readonly knobs: (width: number) => string[];
  /** Absolute path of the map of weight names, which are the peer's. */
  readonly map: string;
  /** Parameters at the published width. */
  readonly parameters: number;
}

export const publishedWidth = 24;

const spec = (file: string): string => fileURLToPath(new URL(`../specs/${file}`, import.meta.url));
const map = (file: string): string => fileURLToPath(new URL(`../specs/maps/${file}`, import.meta.url));
const widthAlone = (width: number): string[] => [`width=${width}`];

export const benchmarkNetworks: readonly BenchmarkNetwork[] = [
  {
    name: 'dalight3d',
    spec: spec('dalight3d.unet'),
    // The bottleneck in the published proportion.
    knobs: (width) => [`width=${width}`, `neck=${18 * width}`],
    map: map('dalight3d.json'),
    parameters: 2_219_074,
  },
  {
    name: 'unet3d',
    spec: spec('unet3d.unet'),
    knobs: widthAlone,
    map: map('unet3d.json'),
    parameters: 3_153_388,
  },
  {
    name: 'attentionunet3d',
    spec: spec('attention-unet3d.unet'),
    knobs: widthAlone,
    map: map('attention-unet3d.json'),
    parameters: 3_165_568,
  },
  {
    name: 'resunet3d',
    spec: spec('residual-unet3d.unet'),
    knobs: widthAlone,
    map: map('residual-unet3d.json'),
    parameters: 3_201_868,
  },
  { name: 'vnet3d', spec: spec('vnet3d.unet'), knobs: widthAlone, map: map('vnet3d.json'), parameters: 4_990_468 },
];

/** @throws Error that lists the names there are */
export function networkNamed(name: string): BenchmarkNetwork {
  const found = benchmarkNetworks.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no network ${name}: there are ${benchmarkNetworks.map((each) => each.name).join(', ')}`);
}
