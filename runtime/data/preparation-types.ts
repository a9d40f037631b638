/** How the cases of a protocol are prepared, as types. */
import type { Normalization, Protocol } from '../../contract/protocol.js';

/** The entries of a protocol that determine the voxels that a network sees. */
export type PreparationEntries = Pick<Protocol, 'orient' | 'spacing' | 'resample' | 'normalize'>;

/** The entries of a protocol that determine the grid that a network sees, with a spacing that is known. */
export interface GridProtocol extends Pick<Protocol, 'orient' | 'resample'> {
  readonly spacing: Exclude<Protocol['spacing'], { readonly kind: 'median' }>;
}

/** Statistics of the foreground of the training cases, each case weighing the same. */
export interface ForegroundStatistics {
  readonly mean: number;
  readonly deviation: number;
  /** The 0.5 and 99.5 % percentiles. */
  readonly low: number;
  readonly high: number;
}

/** The normalisation of one channel, with what is known from the training cases. */
export type ChannelNormalization =
  Exclude<Normalization, { readonly kind: 'ct' }> | ({ readonly kind: 'ct' } & ForegroundStatistics);

/** What determines the voxels that a network sees, with everything that depends on the training cases known. */
export type Preparation = GridProtocol & {
  /** For all channels, or for each channel of the file. */
  readonly normalize: ChannelNormalization | readonly ChannelNormalization[];
};
