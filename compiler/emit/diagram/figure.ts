/** What a diagram shows of a network, before anything has a place: cards with rows of layers, and what flows between. */
import type { LayerKind } from '../layers/label-op.js';

/** What a row, card or layer is in a variant, against its base. */
export type Mark = 'added' | 'removed' | 'replaced' | 'changed';

/** A coloured strip: one layer, or a layer with the norms and activations right behind it. */
export interface Row {
  readonly kind: LayerKind;
  /** `conv 3³ · GN(8) · ReLU` */
  readonly text: string;
  /** Name of the branch, where the row does not go on from the one before. */
  readonly branch: string | undefined;
  readonly ops: readonly string[];
  readonly mark: Mark | undefined;
  /** What it was in the base, where that is another thing. */
  readonly was: string | undefined;
}

/** Rows that follow each other `times` times. */
export interface RowGroup {
  readonly times: number;
  readonly rows: readonly Row[];
}

/** What a card stands for. */
export type Role = 'input' | 'output' | 'stage';

/** A chip is one row without a head: a pool or an upsampling on its arrow, a plain concat. */
export type Form = 'card' | 'chip';

export interface Card {
  readonly id: string;
  readonly stage: string;
  readonly role: Role;
  readonly form: Form;
  readonly title: string;
  /** `96 × 16³` at the diagram's patch, channels first. */
  readonly shape: string;
  /** `16³`; empty where the output's axes are not those of the image. */
  readonly extent: string;
  readonly params: number;
  /** Set where all of it is something else than in the base. */
  readonly mark: Mark | undefined;
  readonly was: string | undefined;
  /** Parameters more than in the base; 0 without one. */
  readonly moreParams: number;
  readonly groups: readonly RowGroup[];
  readonly ops: readonly string[];
  /** Level of resolution: how often each axis of the image was halved, on average; 0 is the full resolution. */
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
  /** Sentences below the figure: identifiers, what a variant removes altogether. */
  readonly notes: readonly string[];
  /** Parameters more than in the base. */
  readonly moreParams: number;
  /** What the base is called, where a variant is compared with one. */
  readonly base: string | undefined;
}
