/**
 * The abstract syntax of a `.unet` file, without its layout. Nodes are immutable and have a span. Parts that are
 * missing in a broken text are `Missing` expressions, or identifiers with an empty name, so that later phases can
 * continue.
 */
import type { SourceFile, Span } from './source.js';

/** A name at the place where it is written; `name` is without backticks, and empty if it is missing. */
export interface Identifier {
  readonly kind: 'Identifier';
  readonly name: string;
  readonly span: Span;
}

/** A comment, kept for the printer. `doc` marks `///`; `text` is as written, including slashes. */
export interface Comment {
  readonly kind: 'Comment';
  readonly doc: boolean;
  readonly text: string;
  readonly span: Span;
}

export interface FileNode {
  readonly kind: 'File';
  readonly statements: readonly Statement[];
  readonly comments: readonly Comment[];
  readonly source: SourceFile;
  readonly span: Span;
}

export type Statement = UseNode | BlockNode | ModelNode | VariantNode | ProtocolNode | StudyNode;

/** `use "lib/dalight.unet"` */
export interface UseNode {
  readonly kind: 'Use';
  readonly path: StringNode | MissingNode;
  readonly span: Span;
}

/** `block name(parameters) { tensors, params, lets, result }` */
export interface BlockNode {
  readonly kind: 'Block';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly parameters: readonly ParameterNode[];
  readonly members: readonly BlockMember[];
  readonly span: Span;
}

/** `out: int = 3` in a block's parameter list. */
export interface ParameterNode {
  readonly kind: 'Parameter';
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly value: Expression | undefined;
  readonly span: Span;
}

/** `int`, `layer(int)`, `list(size)`: a type's name and its arguments. */
export interface TypeNode {
  readonly kind: 'Type';
  readonly name: Identifier;
  readonly arguments: readonly TypeNode[];
  readonly span: Span;
}

export type BlockMember = TensorNode | ParamNode | LetNode | ResultNode;

/** `x: [C, D, H, W]`: a tensor parameter of a block. */
export interface TensorNode {
  readonly kind: 'Tensor';
  readonly name: Identifier;
  readonly axes: ListNode;
  readonly span: Span;
}

/** `param alpha: scalar = 0.5`, `param table: [count, C] = normal(0.02)`: a trainable tensor. */
export interface ParamNode {
  readonly kind: 'Param';
  readonly name: Identifier;
  /** `scalar` as a name, or a list of axes and sizes. */
  readonly shape: Expression;
  readonly value: Expression;
  /** `param default_gamma: [C] = 1 fallback`: may legitimately get no gradient, if the block does not use it. */
  readonly fallback: boolean;
  readonly span: Span;
}

/** `let m = ...`, `let x[i, 0] = ... for i in 0 .. 4` */
export interface LetNode {
  readonly kind: 'Let';
  readonly name: Identifier;
  readonly indices: readonly Expression[];
  readonly value: Expression;
  readonly clauses: readonly ForClause[];
  readonly span: Span;
}

/** `i in 0 .. 4`; the first clause of several is the outermost loop. */
export interface ForClause {
  readonly kind: 'ForClause';
  readonly name: Identifier;
  readonly range: Expression;
  readonly span: Span;
}

/** The expression a block returns. */
export interface ResultNode {
  readonly kind: 'Result';
  readonly value: Expression;
  readonly span: Span;
}

/** `model Name { ... }` */
export interface ModelNode {
  readonly kind: 'Model';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly members: readonly ModelMember[];
  readonly span: Span;
}

/** `model NoCSA = DALight3D { csa = off }`; inputs and outputs replace those of the base with the same name. */
export interface VariantNode {
  readonly kind: 'Variant';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly base: Identifier;
  readonly members: readonly VariantMember[];
  readonly span: Span;
}

export type VariantMember = SettingNode | InputNode | OutputNode;

/** `csa = off` */
export interface SettingNode {
  readonly kind: 'Setting';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

export type ModelMember =
  InputNode | OutputNode | KnobNode | HalfNode | HeadNode | AuxNode | PenaltyNode | InitNode | LetNode | AssignNode;

/** `input scan: image(FLAIR, T1w)[D, H, W]`, `input site: identifier(8)` */
export interface InputNode {
  readonly kind: 'Input';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly type: Expression;
  readonly span: Span;
}

/** `output mask: classes(background, edema)` */
export interface OutputNode {
  readonly kind: 'Output';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly type: Expression;
  readonly span: Span;
}

/** `knob csa: bool = true off false` */
export interface KnobNode {
  readonly kind: 'Knob';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly value: Expression;
  readonly off: Expression | undefined;
  readonly span: Span;
}

/** `encoder { ... }` or `decoder { ... }` */
export interface HalfNode {
  readonly kind: 'Half';
  readonly half: 'encoder' | 'decoder';
  readonly members: readonly (PartNode | AuxNode)[];
  readonly span: Span;
}

/** `level(i, c): light(c, convolution, norm)`, `widths: [24, 48]` */
export interface PartNode {
  readonly kind: 'Part';
  readonly name: Identifier;
  readonly parameters: readonly Identifier[];
  readonly value: Expression;
  readonly span: Span;
}

/** `head mask: conv(64, 3) -> ...` */
export interface HeadNode {
  readonly kind: 'Head';
  readonly output: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** In a decoder `aux mask(i) when deep and i > 0: layer`; in a model `aux mask = tensor for j in 1 .. 3`. */
export interface AuxNode {
  readonly kind: 'Aux';
  readonly output: Identifier;
  readonly parameters: readonly Identifier[];
  readonly when: Expression | undefined;
  readonly value: Expression;
  readonly clauses: readonly ForClause[];
  readonly span: Span;
}

/** `penalty reconstruction when autoencoder = 0.1 * (scan - image) ^ 2` */
export interface PenaltyNode {
  readonly kind: 'Penalty';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly when: Expression | undefined;
  readonly value: Expression;
  readonly span: Span;
}

/** `init { conv: kaiming_normal(fan_out), linear: truncated_normal(0.02) }` */
export interface InitNode {
  readonly kind: 'Init';
  readonly entries: readonly EntryNode[];
  readonly span: Span;
}

/** `name: expression` in `init` and `protocol`. */
export interface EntryNode {
  readonly kind: 'Entry';
  readonly name: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `mask = x[0, 4] -> conv(4, 1)`: the value of a model's output. */
export interface AssignNode {
  readonly kind: 'Assign';
  readonly output: Identifier;
  readonly value: Expression;
  readonly span: Span;
}

/** `protocol Matched50 { data: msd("..."), epochs: 50 }` */
export interface ProtocolNode {
  readonly kind: 'Protocol';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly entries: readonly EntryNode[];
  readonly span: Span;
}

/** `study Components { protocol: Matched50, base: DALight3D, variants: leave_one_out }` */
export interface StudyNode {
  readonly kind: 'Study';
  readonly doc: string | undefined;
  readonly name: Identifier;
  readonly entries: readonly StudyEntryNode[];
  readonly span: Span;
}

/** `rivals: [UNet3D, VNet3D]`, `seeds: 1 .. 5`: one value, or a list of them in brackets. */
export interface StudyEntryNode {
  readonly kind: 'StudyEntry';
  readonly name: Identifier;
  /** Whether the values are in brackets; otherwise there is exactly one. */
  readonly listed: boolean;
  readonly values: readonly EntrantNode[];
  readonly span: Span;
}

/** A value of a study's entry: `UNet3D`, `UNETR unmatched "reason"`, `NoCSA equal params by width`. */
export interface EntrantNode {
  readonly kind: 'Entrant';
  readonly value: Expression;
  /** The reason why it need not follow the study's protocol. */
  readonly unmatched: StringNode | MissingNode | undefined;
  readonly equal: EqualNode | undefined;
  readonly span: Span;
}

/** `equal params by width`: the knob is solved so that the measure equals that of the base. */
export interface EqualNode {
  readonly kind: 'Equal';
  readonly measure: Identifier;
  readonly knob: Identifier;
  readonly span: Span;
}

export type Expression =
  | NumberNode
  | StringNode
  | BooleanNode
  | OffNode
  | NameNode
  | CallNode
  | IndexNode
  | MemberNode
  | ListNode
  | ComprehensionNode
  | TupleNode
  | UnaryNode
  | BinaryNode
  | RangeNode
  | ConditionalNode
  | PipeNode
  | MissingNode;

/** `24`, `5e-5`; `integer` when written without point or exponent. `text` is as written. */
export interface NumberNode {
  readonly kind: 'Number';
  readonly value: number;
  readonly integer: boolean;
  readonly text: string;
  readonly span: Span;
}

/** `"Task01_BrainTumour"`; `value` is without quotes and escapes. */
export interface StringNode {
  readonly kind: 'String';
  readonly value: string;
  readonly span: Span;
}

export interface BooleanNode {
  readonly kind: 'Boolean';
  readonly value: boolean;
  readonly span: Span;
}

/** `off`, the value a knob declares for its removal. */
export interface OffNode {
  readonly kind: 'Off';
  readonly span: Span;
}

/** A reference: a value where it begins in lower case, an axis, model or label otherwise; `quoted` if in backticks. */
export interface NameNode {
  readonly kind: 'Name';
  readonly name: string;
  readonly quoted: boolean;
  readonly span: Span;
}

/** `conv(24, kernel: 3)` */
export interface CallNode {
  readonly kind: 'Call';
  readonly callee: Expression;
  readonly arguments: readonly ElementNode[];
  readonly span: Span;
}

/** `widths[i]`, `x[i, 0 .. j - 1]`, `k[C, E]`, `image(T1w)[D = 96, H, W]` */
export interface IndexNode {
  readonly kind: 'Index';
  readonly target: Expression;
  readonly items: readonly ElementNode[];
  readonly span: Span;
}

/** `mask.classes` */
export interface MemberNode {
  readonly kind: 'Member';
  readonly target: Expression;
  readonly name: Identifier;
  readonly span: Span;
}

/** An item of a call, list or index: `3`, `kernel: 3`, `H = heads`, `...S`. */
export interface ElementNode {
  readonly kind: 'Element';
  readonly name: Identifier | undefined;
  /** `:` names an argument, `=` gives an axis its size; `undefined` exactly where `name` is. */
  readonly separator: ':' | '=' | undefined;
  readonly spread: boolean;
  readonly value: Expression;
  readonly span: Span;
}

export interface ListNode {
  readonly kind: 'List';
  readonly items: readonly ElementNode[];
  readonly span: Span;
}

/** `[2 * i for i in 0 .. 4]`; the first clause of several is the outermost loop. */
export interface ComprehensionNode {
  readonly kind: 'Comprehension';
  readonly value: Expression;
  readonly clauses: readonly ForClause[];
  readonly span: Span;
}

/** `(a, b)`, two or more; a single expression in parentheses is that expression. */
export interface TupleNode {
  readonly kind: 'Tuple';
  readonly items: readonly Expression[];
  readonly span: Span;
}

export interface UnaryNode {
  readonly kind: 'Unary';
  readonly operator: '-' | 'not';
  readonly operand: Expression;
  readonly span: Span;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'and' | 'or';

export interface BinaryNode {
  readonly kind: 'Binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

/** `0 .. 4`, both ends included. */
export interface RangeNode {
  readonly kind: 'Range';
  readonly from: Expression;
  readonly to: Expression;
  readonly span: Span;
}

/** `if condition then a else b` */
export interface ConditionalNode {
  readonly kind: 'Conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  readonly span: Span;
}

/** `source -> step when condition as name`; pipes associate to the left. */
export interface PipeNode {
  readonly kind: 'Pipe';
  readonly source: Expression;
  readonly step: Expression;
  readonly when: Expression | undefined;
  readonly as: Identifier | undefined;
  readonly span: Span;
}

/** A placeholder for a missing expression, which the parser has already reported. */
export interface MissingNode {
  readonly kind: 'Missing';
  readonly span: Span;
}

export type Node =
  | Identifier
  | Comment
  | FileNode
  | Statement
  | ParameterNode
  | TypeNode
  | BlockMember
  | VariantMember
  | ForClause
  | ModelMember
  | PartNode
  | EntryNode
  | StudyEntryNode
  | EntrantNode
  | EqualNode
  | Expression
  | ElementNode;
