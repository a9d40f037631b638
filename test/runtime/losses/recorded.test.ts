/** Losses and gradients against values recorded from PyTorch, and from MONAI and nnU-Net if `shared/` is present. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LossTerm } from '../../../contract/protocol.js';
import { selectEngine } from '../../../runtime/engine/engines.js';
import { asFloat32, asInt32, readSafetensors } from '../../../runtime/files/safetensors.js';
import { lossTerms, type LossOptions } from '../../../runtime/losses/loss-terms.js';
import { composed, type LabelKind } from '../../../runtime/losses/loss-volumes.js';
import { toPhysical } from '../../../runtime/ops/layout.js';

type Settings<Kind extends LossTerm['kind']> = Partial<Extract<LossTerm, { kind: Kind }>>;

const common = { classes: 'all', over: 'case', weights: null, smooth: 1e-5 } as const;
const dice = (settings: Settings<'dice'> = {}): LossTerm => ({
  kind: 'dice',
  weight: 1,
  ...common,
  denominator: 'sums',
  ...settings,
});
const tversky = (settings: Settings<'tversky'> = {}): LossTerm => ({
  kind: 'tversky',
  weight: 1,
  ...common,
  alpha: 0.3,
  beta: 0.7,
  ...settings,
});
const generalized = (settings: Settings<'generalized_dice'> = {}): LossTerm => ({
  kind: 'generalized_dice',
  weight: 1,
  ...common,
  volume: 'square',
  ...settings,
});
const entropy = (settings: Settings<'cross_entropy'> = {}): LossTerm => ({
  kind: 'cross_entropy',
  weight: 1,
  weights: null,
  ...settings,
});
const focal = (settings: Settings<'focal'> = {}): LossTerm => ({
  kind: 'focal',
  weight: 1,
  gamma: 2,
  alpha: null,
  weights: null,
  ...settings,
});

/** A loss of a peer in our terms: its value is the weighted sum of the terms minus `less`. */
interface Ours {
  readonly terms: readonly LossTerm[];
  readonly less?: number;
  readonly kind?: LabelKind;
  readonly ignores?: boolean;
}

interface Sample extends Ours {
  /** `[N, C, V]` as the peer orders them; a target of -1 is ignored. */
  readonly shape: readonly number[];
  readonly logits: ArrayLike<number>;
  readonly target: readonly number[];
}

/** The weighted sum of the terms and its gradient, in the order of the peer. */
function compute(
  { terms, less = 0, kind = 'classes', ignores = false, shape, logits, target }: Sample,
  options: LossOptions = {},
) {
  const [n, c, v] = shape as [number, number, number];
  const volume = (values: ArrayLike<number>): tf.Tensor => toPhysical(tf.tensor(Array.from(values), [n, c, 1, 1, v]));
  const weights = tf.tensor1d(terms.map(({ weight }) => weight));
  const t = volume(target);
  const loss = (x: tf.Tensor): tf.Tensor =>
    tf.sum(tf.mul(lossTerms(x, t, kind, terms, { ignores, ...options }), weights));
  const x = volume(logits);
  const gradient = tf.transpose(tf.grad(loss)(x), [0, 4, 1, 2, 3]).dataSync();
  return { value: loss(x).dataSync()[0]! - less, gradient };
}

function expectRecorded(name: string, sample: Sample, value: number, gradient: ArrayLike<number>): void {
  for (const options of [{}, { fused: false }, { volumes: composed }]) {
    const found = compute(sample, options);
    expect(Math.abs(found.value - value), name).toBeLessThan(2e-6);
    const apart = Array.from(gradient, (each, at) => Math.abs(each - found.gradient[at]!));
    expect(Math.max(...apart), name).toBeLessThan(2e-7);
  }
}

beforeAll(() => selectEngine('cpu'));

describe('losses recorded from PyTorch', () => {
  const recorded = JSON.parse(readFileSync(path.join(import.meta.dirname, 'torch-losses.json'), 'utf8')) as {
    readonly shape: [number, number, number];
    readonly logits: number[];
    readonly labels: number[];
    readonly regions: number[];
    readonly ignored: number[];
    readonly weights: number[];
    readonly losses: Readonly<Record<string, { readonly value: number; readonly gradient: readonly number[] }>>;
  };
  const weights = recorded.weights.map((weight) => ({ label: null, weight }));
  const ours: Readonly<Record<string, Ours>> = {
    cross_entropy: { terms: [entropy()] },
    'cross_entropy weights': { terms: [entropy({ weights })] },
    'cross_entropy ignore': { terms: [entropy()], ignores: true },
    'cross_entropy weights ignore': { terms: [entropy({ weights })], ignores: true },
    'focal weights ignore': { terms: [focal({ weights })], ignores: true },
    'dice batch squares ignore': {
      terms: [dice({ over: 'batch', denominator: 'squares', classes: 'foreground', smooth: 1 })],
      ignores: true,
    },
    'tversky ignore': { terms: [tversky({ smooth: 1 })], ignores: true },
    'generalized_dice ignore': { terms: [generalized({ smooth: 1 })], ignores: true },
    'regions cross_entropy weights': { terms: [entropy({ weights })], kind: 'regions' },
    'regions dice ignore': { terms: [dice({ smooth: 1 })], kind: 'regions', ignores: true },
  };

  it.each(Object.entries(recorded.losses))('%s', (name, { value, gradient }) => {
    const own = ours[name]!;
    const [n, c, v] = recorded.shape;
    const target = Array.from({ length: n * c * v }, (_, at) => {
      const voxel = Math.floor(at / (c * v)) * v + (at % v);
      if (own.ignores === true && recorded.ignored[voxel] === 1) return -1;
      return own.kind === 'regions' ? recorded.regions[at]! : Number(recorded.labels[voxel] === Math.floor(at / v) % c);
    });
    expectRecorded(name, { ...own, shape: recorded.shape, logits: recorded.logits, target }, value, gradient);
  });
});

/** What MONAI's and nnU-Net's losses are in our terms, for `classes` classes. Not ours: Jaccard, and mixtures of a
 * softmax and a sigmoid. */
function peerLosses(classes: number): Readonly<Record<string, Ours>> {
  const foreground = { classes: 'foreground' } as const;
  const batch = { over: 'batch' } as const;
  const regions = { kind: 'regions' } as const;
  const nnUNet = (settings: Settings<'dice'>): Ours => ({ terms: [entropy(), dice(settings)], less: 1 });
  return {
    monai_dice: { terms: [dice()] },
    monai_dice_no_bg: { terms: [dice(foreground)] },
    monai_dice_squared: { terms: [dice({ denominator: 'squares' })] },
    monai_dice_batch: { terms: [dice(batch)] },
    monai_dice_smooth1_no_bg_batch: { terms: [dice({ ...foreground, ...batch, smooth: 1 })] },
    monai_gdl_square: { terms: [generalized()] },
    monai_gdl_simple: { terms: [generalized({ volume: 'simple' })] },
    monai_gdl_uniform: { terms: [generalized({ volume: 'uniform' })] },
    monai_gdl_square_batch: { terms: [generalized(batch)] },
    monai_gdl_square_no_bg: { terms: [generalized(foreground)] },
    monai_focal_sigmoid_g2: { terms: [focal()], ...regions },
    'monai_focal_sigmoid_g2_alpha.25': { terms: [focal({ alpha: 0.25 })], ...regions },
    monai_focal_softmax_g2: { terms: [focal({ weight: 1 / classes })] },
    'monai_focal_softmax_g1.5_alpha.25': { terms: [focal({ weight: 1 / classes, gamma: 1.5, alpha: 0.25 })] },
    'monai_tversky_.3_.7': { terms: [tversky()] },
    'monai_tversky_.7_.3_no_bg_batch': { terms: [tversky({ alpha: 0.7, beta: 0.3, ...foreground, ...batch })] },
    monai_dice_ce: { terms: [dice(), entropy()] },
    'monai_dice_ce_no_bg_l.5_2': { terms: [dice({ ...foreground, weight: 0.5 }), entropy({ weight: 2 })] },
    nnunet_dc_ce: nnUNet(foreground),
    nnunet_dc_ce_batch: nnUNet({ ...foreground, ...batch }),
    nnunet_dc_ce_softdice_bg: nnUNet({ smooth: 1 }),
    nnunet_dc_ce_batch_ignore: { ...nnUNet({ ...foreground, ...batch }), ignores: true },
    monai_dice_sigmoid: { terms: [dice()], ...regions },
    monai_gdl_sigmoid: { terms: [generalized()], ...regions },
    monai_focal_multilabel: { terms: [focal()], ...regions },
    monai_tversky_sigmoid: { terms: [tversky()], ...regions },
    nnunet_dc_bce: { ...nnUNet({}), ...regions },
    nnunet_dc_bce_batch: { ...nnUNet(batch), ...regions },
  };
}

const measures = path.resolve(import.meta.dirname, '../../../../shared/measures');

interface RecordedCase {
  readonly id: string;
  readonly mode: 'softmax' | 'sigmoid';
  readonly shape: readonly number[];
  readonly losses: Readonly<Record<string, { readonly value: number }>>;
}

describe.skipIf(!existsSync(measures))('losses recorded from MONAI and nnU-Net', () => {
  const cases = existsSync(measures)
    ? (JSON.parse(readFileSync(path.join(measures, 'losses.json'), 'utf8')) as { readonly cases: RecordedCase[] }).cases
    : [];

  it.each(cases)('$id', async ({ id, mode, shape, losses }) => {
    const { tensors } = await readSafetensors(path.join(measures, 'losses.safetensors'));
    const [n, c] = shape as [number, number];
    const v = shape.slice(2).reduce((size, extent) => size * extent, 1);
    const logits = asFloat32(tensors.get(`${id}.logits`)!);
    const given = asInt32(tensors.get(`${id}.target`)!);
    const peers = peerLosses(c);
    const named = Object.entries(losses).filter(([name]) => peers[name] !== undefined);
    expect(named.length).toBeGreaterThan(mode === 'sigmoid' ? 5 : 20);
    for (const [name, { value }] of named) {
      const own = peers[name]!;
      // nnU-Net's network has no channel for the label to ignore, which is the last one.
      const used = own.ignores === true ? c - 1 : c;
      const places = Array.from({ length: n * used * v }, (_, at) => {
        const [row, channel, voxel] = [Math.floor(at / (used * v)), Math.floor(at / v) % used, at % v];
        return { channel, from: (row * c + channel) * v + voxel, label: given[row * v + voxel]! };
      });
      const target = places.map(({ channel, from, label }) => {
        if (mode === 'sigmoid') return given[from]!;
        return own.ignores === true && label === c - 1 ? -1 : Number(label === channel);
      });
      const gradient = asFloat32(tensors.get(`${id}.grad.${name}`)!);
      const sample = { ...own, shape: [n, used, v], logits: places.map(({ from }) => logits[from]!), target };
      expectRecorded(
        name,
        sample,
        value,
        gradient.length === places.length ? gradient : places.map(({ from }) => gradient[from]!),
      );
    }
  });
});
