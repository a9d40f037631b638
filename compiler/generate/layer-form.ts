/** The form of a layer expression in a spec, before it is applied or passed as a value. */
import type { BlockNode, Expression } from '../../grammar/ast.js';
import type { Primitive } from '../bind/builtins.js';
import type { Recipe } from '../evaluate/values.js';
import type { Code } from './code.js';

export type LayerCode =
  | {
      readonly kind: 'primitive';
      readonly primitive: Primitive;
      readonly bound: Bound;
      readonly recipes: readonly Recipe[];
    }
  | {
      readonly kind: 'block';
      readonly block: BlockNode;
      readonly bound: Bound;
      readonly recipes: readonly Recipe[];
    }
  /** A constant or a parameter that holds a layer, with the arguments that it was missing. */
  | {
      readonly kind: 'variable';
      readonly text: string;
      readonly given: readonly Expression[];
      readonly node: Expression;
    }
  | { readonly kind: 'steps'; readonly steps: readonly LayerStep[] }
  | {
      readonly kind: 'copies';
      readonly how: 'repeat' | 'chain';
      readonly count: Expression;
      readonly layer: Expression;
    }
  | { readonly kind: 'shared'; readonly layer: Expression }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    };

/** Arguments as written, or as code. */
export type Bound = ReadonlyMap<string, Expression | Code>;

export interface LayerStep {
  readonly node: Expression;
  /** The last part of its id. */
  readonly name: string;
  readonly when: Expression | undefined;
}

/** Layers of one form. */
export type LayerOf<Kind extends LayerCode['kind']> = Extract<LayerCode, { kind: Kind }>;
