import { type Random, randomStream } from '../random/random-stream.js';
import { type SmoothField, smoothField } from './smooth-field.js';

/** The tissues of a phantom head. The lesion tissues are also labels, see `LABEL_OF`. */
export const TISSUES = ['outside', 'fluid', 'grey', 'white', 'spot', 'vessel', 'edema', 'core', 'enhancing'] as const;

/** One of `TISSUES`. */
export type Tissue = (typeof TISSUES)[number];

/** Label value of each tissue, by its index: 0 background, 1 edema, 2 non-enhancing tumour, 3 enhancing tumour. */
export const LABEL_OF = TISSUES.map((tissue) => Math.max(0, ['', 'edema', 'core', 'enhancing'].indexOf(tissue)));

interface Ball {
  readonly center: readonly [number, number, number];
  readonly radii: readonly [number, number, number];
}

/** Distance from a ball's centre relative to its radii: 1 on its surface. */
function depthIn({ center, radii }: Ball, z: number, y: number, x: number): number {
  return Math.hypot((z - center[0]) / radii[0], (y - center[1]) / radii[1], (x - center[2]) / radii[2]);
}

function between(random: Random, from: number, to: number): number {
  return from + (to - from) * random.uniform();
}

/** A tumour: three concentric balls whose surfaces are each roughened by a random field. */
interface Lesion {
  readonly edema: Ball;
  readonly enhancing: Ball;
  readonly core: Ball;
  /** Whether it takes up contrast agent; otherwise its inside is entirely non-enhancing. */
  readonly enhances: boolean;
  readonly roughness: readonly [SmoothField, SmoothField, SmoothField];
}

function drawCenter(random: Random): [number, number, number] {
  for (;;) {
    const z = between(random, -0.4, 0.45);
    const y = between(random, -0.5, 0.5);
    const x = between(random, -0.45, 0.45);
    if (Math.hypot(z, y, x) < 0.55 && Math.abs(x) > 0.12) return [z, y, x];
  }
}

function drawLesion(random: Random, size: number): Lesion {
  const center = drawCenter(random);
  const radius = size * between(random, 0.32, 0.5);
  const stretch = (): number => radius * between(random, 0.8, 1.2);
  const radii: [number, number, number] = [stretch(), stretch(), stretch()];
  const shrink = (factor: number): Ball => ({
    center,
    radii: [radii[0] * factor, radii[1] * factor, radii[2] * factor],
  });
  const inner = between(random, 0.52, 0.75);
  return {
    edema: { center, radii },
    enhancing: shrink(inner),
    core: shrink(inner * between(random, 0.45, 0.75)),
    enhances: random.uniform() > 0.1,
    roughness: [smoothField(random, 7), smoothField(random, 9), smoothField(random, 9)],
  };
}

/** The lesion's tissue at a point of the undeformed head; undefined outside it. Tissues are nested by construction. */
function lesionAt(lesion: Lesion, z: number, y: number, x: number): Tissue | undefined {
  const [outer, middle, inner] = lesion.roughness;
  const distance = depthIn(lesion.edema, z, y, x);
  if (distance > 2 || distance + 0.28 * outer(z, y, x) > 1) return undefined;
  if (depthIn(lesion.enhancing, z, y, x) + 0.2 * middle(z, y, x) > 1) return 'edema';
  if (!lesion.enhances) return 'core';
  return depthIn(lesion.core, z, y, x) + 0.25 * inner(z, y, x) > 1 ? 'enhancing' : 'core';
}

/** Draws small bright structures other than tumours, so that a threshold is not a segmentation. */
function drawSpots(random: Random, count: number, farthest: number): Ball[] {
  return Array.from({ length: count }, () => {
    const direction = [random.normal(), random.normal(), random.normal()] as const;
    const distance = (farthest * between(random, 0.6, 1)) / (Math.hypot(...direction) || 1);
    const radius = (): number => between(random, 0.04, 0.1);
    return {
      center: [direction[0] * distance * 0.7, direction[1] * distance * 0.85, direction[2] * distance * 0.7],
      radii: [radius(), radius(), radius()],
    };
  });
}

interface Head {
  readonly bend: readonly [SmoothField, SmoothField, SmoothField];
  readonly brain: Ball;
  readonly ventricles: readonly Ball[];
  readonly folds: SmoothField;
  readonly lesions: readonly Lesion[];
  readonly spots: readonly Ball[];
  readonly vessels: readonly Ball[];
}

function drawHead(random: Random): Head {
  const jitter = (size: number): number => size * between(random, 0.92, 1.08);
  const ventricle = (side: number): Ball => ({
    center: [between(random, 0, 0.1), between(random, -0.1, 0.1), side * between(random, 0.1, 0.15)],
    radii: [jitter(0.16), jitter(0.32), jitter(0.08)],
  });
  const bend = (): SmoothField => smoothField(random, 3);
  return {
    bend: [bend(), bend(), bend()],
    brain: { center: [0, 0, 0], radii: [jitter(0.76), jitter(0.88), jitter(0.74)] },
    ventricles: [ventricle(-1), ventricle(1)],
    folds: smoothField(random, 12),
    lesions: [drawLesion(random, 1), ...(random.uniform() < 0.2 ? [drawLesion(random, 0.6)] : [])],
    spots: drawSpots(random, 4 + random.integer(5), 0.6),
    vessels: drawSpots(random, 5 + random.integer(5), 0.95),
  };
}

function within(balls: readonly Ball[], z: number, y: number, x: number): boolean {
  return balls.some((ball) => depthIn(ball, z, y, x) < 1);
}

/** The tissue at a point of the undeformed head. */
function tissueAt(head: Head, z: number, y: number, x: number): Tissue {
  const depth = depthIn(head.brain, z, y, x);
  if (depth > 1) return 'outside';
  for (const lesion of head.lesions) {
    const tissue = depth < 0.97 ? lesionAt(lesion, z, y, x) : undefined;
    if (tissue !== undefined) return tissue;
  }
  if (within(head.vessels, z, y, x)) return 'vessel';
  if (within(head.ventricles, z, y, x)) return 'fluid';
  const fold = head.folds(z, y, x);
  if (depth + 0.04 * fold > 0.95) return 'fluid';
  if (depth + 0.09 * fold > 0.78) return 'grey';
  return within(head.spots, z, y, x) ? 'spot' : 'white';
}

/**
 * Draws a head: a bent ellipsoid of white matter, cortex and fluid with two ventricles, one or two nested tumours,
 * and harmless bright spots and vessels.
 * @param size [D, H, W]
 * @returns [D, H, W], indices into `TISSUES`
 */
export function drawAnatomy(size: readonly [number, number, number], seed: number, index: number): Uint8Array {
  const head = drawHead(randomStream(seed, 'anatomy', index));
  const [depth, height, width] = size;
  const out = new Uint8Array(depth * height * width);
  const unit = (position: number, extent: number): number => (2 * position + 1) / extent - 1;
  let voxel = 0;
  for (let k = 0; k < depth; k++) {
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++, voxel++) {
        const [z, y, x] = [unit(k, depth), unit(j, height), unit(i, width)];
        const [bz, by, bx] = head.bend;
        const bent = [z + 0.06 * bz(z, y, x), y + 0.06 * by(z, y, x), x + 0.06 * bx(z, y, x)] as const;
        out[voxel] = TISSUES.indexOf(tissueAt(head, ...bent));
      }
    }
  }
  return out;
}
