/** A set of nnU-Net's published constants: which network is planned, and for which GPU. */
export interface Preset {
  readonly name: string;
  /** The gigabytes of GPU memory that the reference estimates stand for, and the default budget. */
  readonly memory: number;
  /** The estimate (see `memory-estimate.ts`) that fills this memory, for 3-D and 2-D networks. */
  readonly reference: { readonly '3d': number; readonly '2d': number };
  /** A batch holds at most this share of the voxels of the data set. */
  readonly share: number;
  readonly residual: boolean;
}

/** nnU-Net 2's default planner and its residual encoders M and L (Isensee et al. 2024). */
export const presets = {
  default: {
    name: 'default',
    memory: 8,
    reference: { '3d': 560e6, '2d': 85e6 },
    share: 0.05,
    residual: false,
  },
  resenc_m: {
    name: 'resenc_m',
    memory: 8,
    reference: { '3d': 680e6, '2d': 135e6 },
    share: 1,
    residual: true,
  },
  resenc_l: {
    name: 'resenc_l',
    memory: 24,
    reference: { '3d': 2100e6, '2d': 380e6 },
    share: 1,
    residual: true,
  },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

/** The batch that the references are for. */
export const referenceBatch = { '3d': 2, '2d': 12 } as const;

const RESIDUAL_BLOCKS = [1, 3, 4, 6];

/** Convolutions, or residual blocks, of each stage of the encoder. */
export function encoderDepths({ residual }: Preset, stages: number): number[] {
  return Array.from({ length: stages }, (_, stage) => (residual ? (RESIDUAL_BLOCKS[stage] ?? 6) : 2));
}

/** Convolutions of each stage of the decoder. */
export function decoderDepth({ residual }: Preset): number {
  return residual ? 1 : 2;
}

/** Channels of each stage: 32 doubled by stage, at most 320 (3-D) or 512 (2-D). */
export function widths(stages: number, axes: number): number[] {
  return Array.from({ length: stages }, (_, stage) => Math.min(32 * 2 ** stage, axes === 2 ? 512 : 320));
}
