import type { ModelNode, SettingNode, VariantNode } from '../../grammar/ast.js';
import type { Span } from '../../grammar/source.js';
import type { Network, Op } from '../ir/ir.js';
import type { Protocol } from '../../contract/protocol.js';

/** The definition of a comparison table: networks with one protocol, each trained from every seed on every fold. */
export interface Study {
  readonly name: string;
  readonly protocol: Protocol;
  readonly seeds: readonly number[];
  readonly folds: readonly number[];
  /** The base first, then its variants, then rivals. */
  readonly models: readonly [StudyModel, ...StudyModel[]];
}

export interface StudyModel {
  /** Unique in the study: a model's name, or `without csa`. */
  readonly name: string;
  readonly kind: 'base' | 'variant' | 'rival';
  readonly declaration: ModelNode | VariantNode;
  /** Knobs set in addition to those that the declaration sets. */
  readonly settings: readonly SettingNode[];
  /** The difference between a variant and its base, as written in a spec: `csa = off`. */
  readonly change: string;
  readonly network: Network;
  /** Operations in its text that no output needs; they are not part of the network. */
  readonly unreached: readonly Op[];
  /** Sizes of its training patch along the spatial axes: the protocol's, unless it is unmatched. */
  readonly patch: readonly number[];
  readonly unmatched: { readonly reason: string; readonly differs: readonly string[] } | null;
  readonly equal: EqualCapacity | null;
  /** The span that names it in the study. */
  readonly span: Span;
}

/** A knob solved so that a network has the parameters or MACs of the base. */
export interface EqualCapacity {
  readonly measure: Measure;
  readonly knob: string;
  readonly value: number;
  readonly target: number;
}

export const measures = ['params', 'macs'] as const;
export type Measure = (typeof measures)[number];

/**
 * How variants derive from a base's knobs: each knob at `off` alone, or each alone at its value with all others at
 * `off`.
 */
export const ablationModes = ['leave_one_out', 'add_one_in'] as const;
export type AblationMode = (typeof ablationModes)[number];
