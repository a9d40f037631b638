/** The content of a diagram before layout: cards with rows of layers, and the edges between them. */
import type { LayerKind } from '../layers/label-op.js';

/** How a row, card or layer of a variant differs from the base. */
export type Mark = 'added' | 'removed' | 'replaced' | 'changed';

/** A coloured strip: one layer, or a layer with the norms and activations directly after it. */
export interface Row {
  readonly kind: LayerKind;
  /** `conv 3³ · GN(8) · ReLU` */
  readonly text: string;
  /** The name of the branch, if the row does not continue the one before it. */
  readonly branch: string | undefined;
  readonly ops: readonly string[];
  readonly mark: Mark | undefined;
  /** What it was in the base, if that differs. */
  readonly was: string | undefined;
  /** The names of the identifiers that its layers read. */
  readonly reads: readonly string[];
}

/** Rows that are repeated `times` times. */
export interface RowGroup {
  readonly times: number;
  readonly rows: readonly Row[];
}

/** What a card represents: an image, an identifier, an output, or operations. */
export type Role = 'input' | 'identifier' | 'output' | 'stage';

/** A chip is one row without a heading, such as a pool or an upsampling on its arrow, or a plain concat. */
export type Form = 'card' | 'chip';

export interface Card {
  readonly id: string;
  readonly stage: string;
  readonly role: Role;
  readonly form: Form;
  readonly title: string;
  /** `96 × 16³` at the diagram's patch, channels first. */
  readonly shape: string;
  /** `16³`; empty if the output's axes are not those of the image. */
  readonly extent: string;
  readonly params: number;
  /** Set if all of the card differs from the base. */
  readonly mark: Mark | undefined;
  readonly was: string | undefined;
  /** The increase in parameters over the base; 0 without a base. */
  readonly moreParams: number;
  readonly groups: readonly RowGroup[];
  readonly ops: readonly string[];
  /**
   * Level of resolution: the number of times each axis of the image was halved, on average; 0 is the full resolution.
   */
  readonly level: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Figure {
  readonly title: string;
  readonly params: number;
  /** `D = 64, H = 64, W = 64` */
  readonly patch: string;
  readonly cards: readonly Card[];
  readonly edges: readonly Edge[];
  /** Sentences below the figure: stages that a variant removes. */
  readonly notes: readonly string[];
  /** The increase in parameters over the base. */
  readonly moreParams: number;
  /** The name of the base, if the network is compared with one. */
  readonly base: string | undefined;
}
