/** The language's side of an operation: the layers and functions that emit it, their arguments and their checks. */
import type { DiagnosticExtras } from '../../../grammar/diagnostics/diagnostic.js';
import type { DiagnosticCode, PartsOf } from '../../../grammar/diagnostics/registry.js';
import type { Span } from '../../../grammar/source.js';
import type { Size } from '../../shape/size.js';
import type { Initial, Operand } from '../tensor.js';

/** The type of an argument, by its name in the language. */
export type ArgumentType = 'int' | 'float' | 'bool' | 'size' | 'init' | 'mode' | 'border';

/** The value of an argument as evaluated; it has the declared type. */
export type ArgumentValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** An integer that depends on the patch. */
  | { readonly kind: 'size'; readonly size: Size }
  | { readonly kind: 'list'; readonly items: readonly ArgumentValue[] }
  /** A word that represents a choice. */
  | { readonly kind: 'choice'; readonly name: string }
  /** A value that is unknown here. */
  | { readonly kind: 'unknown' };

/** A layer applied to tensors at one place of a spec. */
export interface LayerCall {
  /** The layer's name. */
  readonly name: string;
  readonly tensors: readonly [Operand, ...Operand[]];
  readonly span: Span;
  /** The value of an argument; undefined if it is not given. */
  readonly valueOf: (argument: string) => ArgumentValue | undefined;
  /** Where an argument is given; the whole call if it is not. */
  readonly spanOf: (argument: string) => Span;
  /** Reports an error and leaves the layer. */
  readonly fail: <Code extends DiagnosticCode>(
    code: Code,
    parts: PartsOf<Code>,
    span: Span,
    extras?: DiagnosticExtras,
  ) => never;
  /** Leaves the layer because of an error that has been reported already. */
  readonly leave: () => never;
  /**
   * Requires one size to be at least another. If that depends on the patch, it becomes a constraint; false if no patch
   * satisfies it.
   */
  readonly requireAtLeast: (larger: Size, smaller: Size, reason: string) => boolean;
}

/** An argument of a layer and how it is read; `T` is the type that the layer receives. */
export interface Parameter<T> {
  readonly type: ArgumentType;
  readonly required: boolean;
  /** The default as documentation shows it; undefined for a required argument. */
  readonly otherwise: string | undefined;
  readonly read: (call: LayerCall, name: string) => T;
}

/** A parameter with its name, for editors and messages. */
export interface NamedParameter extends Pick<Parameter<unknown>, 'type' | 'required' | 'otherwise'> {
  readonly name: string;
}

/**
 * The initial values of a layer's weights: its `init`, else the model's rule for the first matching kind in `rules`; or
 * a rule of the layer's own.
 */
export type Start<From = LayerCall> = { readonly rules: readonly string[] } | ((weight: string, from: From) => Initial);

/** A built-in layer that emits an operation with the attributes `A`. */
export interface Layer<A> {
  /** What it does, in a sentence of Markdown. */
  readonly doc: string;
  readonly parameters: readonly NamedParameter[];
  /** The minimum and maximum number of tensors. */
  readonly tensors: readonly [number, number];
  readonly start: Start | undefined;
  /** Checks tensors and arguments; undefined if the first tensor passes through unchanged. */
  readonly attributes: (call: LayerCall) => A | undefined;
}

type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** The values of declared parameters, by name. */
export type Given<P extends Parameters> = {
  readonly [N in keyof P]: P[N] extends Parameter<infer T> ? T : never;
};

interface LayerOptions<A, P extends Parameters> {
  readonly doc: string;
  readonly parameters?: P;
  readonly tensors?: readonly [number, number];
  readonly start?: Start<Given<P>>;
  readonly attributes: (given: Given<P>, call: LayerCall) => A | undefined;
}

/** Declares a layer; its arguments are read and checked in the order of `parameters`. */
export function layer<A, P extends Parameters = Record<never, never>>(options: LayerOptions<A, P>): Layer<A> {
  const { doc, tensors = [1, 1], start } = options;
  const parameters: Parameters = options.parameters ?? {};
  const read = (call: LayerCall): Given<P> =>
    Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, parameter.read(call, name)]),
    ) as Given<P>;
  return {
    doc,
    tensors,
    start: typeof start === 'function' ? (weight, call) => start(weight, read(call)) : start,
    parameters: Object.entries(parameters).map(([name, { type, required, otherwise }]) => {
      return { name, type, required, otherwise };
    }),
    attributes: (call) => options.attributes(read(call), call),
  };
}

/** The parameters of a built-in function and its documentation. */
export interface FunctionForm {
  /** What it does, in a sentence of Markdown. */
  readonly doc: string;
  /** Names for its positional arguments, all required. */
  readonly positional: readonly string[];
  /** Whether any number of further positional arguments may follow. */
  readonly any?: true;
  /** Required arguments that are given by name. */
  readonly named?: readonly string[];
  /** Optional arguments that are given by name. */
  readonly optional?: readonly string[];
}
