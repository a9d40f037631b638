import fc, { type Arbitrary } from 'fast-check';
import type {
  AuxNode,
  BinaryOperator,
  BlockMember,
  ElementNode,
  EntrantNode,
  EntryNode,
  EqualNode,
  Expression,
  FileNode,
  ForClause,
  Identifier,
  InputNode,
  ListNode,
  ModelMember,
  NameNode,
  OutputNode,
  ParameterNode,
  PartNode,
  Statement,
  StringNode,
  StudyEntryNode,
  TypeNode,
  VariantMember,
} from '../../grammar/ast.js';
import { createSource } from '../../grammar/source.js';
import { isPlainName } from '../../grammar/tokens.js';

/** Syntax trees that no text has: every node is at the start of an empty source. */
const source = createSource('made', '');
const span = { source, start: 0, end: 0 };

const words = [
  'a',
  'x1',
  '_z',
  'conv',
  'C',
  'Hidden',
  'input',
  'model',
  'head',
  'aux',
  'penalty',
  'init',
  'block',
  'fallback',
  'unmatched',
  'by',
];
const odd = ['in', 'let', 'off', 'true', 'non-enhancing tumor', '3d', 'größe', '{', '// no comment', ' '];
const nameText = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...words) }, fc.constantFrom(...odd));

const identifier: Arbitrary<Identifier> = nameText.map((name) => ({ kind: 'Identifier', name, span }));
const nameNode: Arbitrary<NameNode> = fc
  .record({ name: nameText, quoted: fc.boolean() })
  .map(({ name, quoted }) => ({ kind: 'Name', name, quoted: quoted || !isPlainName(name), span }));

const numberText = fc.oneof(
  fc.nat(5000).map(String),
  fc.constantFrom('0.5', '5e-5', '1E3', '2.50e+2', '007', '9007199254740991'),
);
const stringValue = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !/\p{Cc}/u.test(value));

const operators: readonly BinaryOperator[] = ['+', '-', '*', '/', '^', '==', '!=', '<', '<=', '>', '>=', 'and', 'or'];
const comparisons: readonly BinaryOperator[] = ['==', '!=', '<', '<=', '>', '>='];

const { expression, element } = fc.letrec<{ expression: Expression; element: ElementNode }>((tie) => {
  const inner = tie('expression');
  const items = fc.array(tie('element'), { maxLength: 3 });
  /** Calls take `x` and `name: x`, indices all forms but that. */
  const isArgument = ({ separator, spread }: ElementNode): boolean => separator !== '=' && !spread;
  const isIndex = ({ separator }: ElementNode): boolean => separator !== ':';
  const given = items.map((all) => all.filter(isArgument));
  const indices = items.map((all) => all.filter(isIndex));
  const leaf: Arbitrary<Expression> = fc.oneof(
    nameNode,
    numberText.map((text): Expression => {
      return { kind: 'Number', value: Number(text), integer: /^\d+$/.test(text), text, span };
    }),
    stringValue.map((value): Expression => ({ kind: 'String', value, span })),
    fc.boolean().map((value): Expression => ({ kind: 'Boolean', value, span })),
    fc.constant<Expression>({ kind: 'Off', span }),
  );
  return {
    expression: fc.oneof(
      { depthSize: 'small', maxDepth: 8, withCrossShrink: true },
      leaf,
      fc.record({ kind: fc.constant('Call' as const), callee: inner, arguments: given, span: fc.constant(span) }),
      fc.record({ kind: fc.constant('Index' as const), target: inner, items: indices, span: fc.constant(span) }),
      fc.record({ kind: fc.constant('Member' as const), target: inner, name: identifier, span: fc.constant(span) }),
      fc.record({ kind: fc.constant('List' as const), items, span: fc.constant(span) }),
      fc.record({
        kind: fc.constant('Comprehension' as const),
        value: inner,
        clauses: fc.array(
          fc.record({
            kind: fc.constant('ForClause' as const),
            name: identifier,
            range: inner,
            span: fc.constant(span),
          }),
          { minLength: 1, maxLength: 2 },
        ),
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant('Tuple' as const),
        items: fc.array(inner, { minLength: 2, maxLength: 3 }),
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant('Unary' as const),
        operator: fc.constantFrom('-' as const, 'not' as const),
        operand: inner,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant('Binary' as const),
        operator: fc.constantFrom(...operators),
        left: inner,
        right: inner,
        span: fc.constant(span),
      }),
      fc.record({ kind: fc.constant('Range' as const), from: inner, to: inner, span: fc.constant(span) }),
      fc.record({
        kind: fc.constant('Conditional' as const),
        condition: inner,
        then: inner,
        otherwise: inner,
        span: fc.constant(span),
      }),
      fc.record({
        kind: fc.constant('Pipe' as const),
        source: inner,
        step: inner,
        when: fc.option(inner, { nil: undefined }),
        as: fc.option(identifier, { nil: undefined }),
        span: fc.constant(span),
      }),
    ),
    element: fc.oneof(
      inner.map((value): ElementNode => elementNode(undefined, undefined, false, value)),
      inner.map((value): ElementNode => elementNode(undefined, undefined, true, value)),
      fc
        .tuple(identifier, fc.constantFrom(':' as const, '=' as const), inner)
        .map(([name, separator, value]): ElementNode => elementNode(name, separator, false, value)),
    ),
  };
});

export { expression };
/** Comparison operators, which do not chain. */
export const isComparison = (operator: BinaryOperator): boolean => comparisons.includes(operator);

function elementNode(
  name: Identifier | undefined,
  separator: ':' | '=' | undefined,
  spread: boolean,
  value: Expression,
): ElementNode {
  return { kind: 'Element', name, separator, spread, value, span };
}

const type: Arbitrary<TypeNode> = fc.letrec<{ type: TypeNode }>((tie) => ({
  type: fc
    .record({
      name: identifier,
      inner: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('type'), { maxLength: 2 })),
    })
    .map(({ name, inner }): TypeNode => ({ kind: 'Type', name, arguments: inner, span })),
})).type;

const doc = fc.option(
  fc
    .array(fc.constantFrom('', 'Attention.', '  two blanks first', '/ a slash', '`code`'), {
      minLength: 1,
      maxLength: 3,
    })
    .map((lines) => lines.join('\n')),
  { nil: undefined },
);

const list: Arbitrary<ListNode> = fc
  .array(element, { maxLength: 3 })
  .map((items): ListNode => ({ kind: 'List', items, span }));

const parameter: Arbitrary<ParameterNode> = fc
  .record({ name: identifier, type, value: fc.option(expression, { nil: undefined }) })
  .map((fields): ParameterNode => ({ kind: 'Parameter', ...fields, span }));

const clause: Arbitrary<ForClause> = fc
  .record({ name: identifier, range: expression })
  .map((fields): ForClause => ({ kind: 'ForClause', ...fields, span }));

const letNode = fc
  .record({
    name: identifier,
    indices: fc.array(expression, { maxLength: 2 }),
    value: expression,
    clauses: fc.array(clause, { maxLength: 2 }),
  })
  .map((fields) => ({ kind: 'Let' as const, ...fields, span }));

const blockMember: Arbitrary<BlockMember> = fc.oneof(
  fc.record({ name: identifier, axes: list }).map((fields): BlockMember => ({ kind: 'Tensor', ...fields, span })),
  fc
    .record({ name: identifier, shape: expression, value: expression, fallback: fc.boolean() })
    .map((fields): BlockMember => ({ kind: 'Param', ...fields, span })),
  letNode,
  expression.map((value): BlockMember => ({ kind: 'Result', value, span })),
);

const part: Arbitrary<PartNode> = fc
  .record({ name: identifier, parameters: fc.array(identifier, { maxLength: 2 }), value: expression })
  .map((fields): PartNode => ({ kind: 'Part', ...fields, span }));

const aux = (isPart: boolean): Arbitrary<AuxNode> =>
  fc
    .record({
      output: identifier,
      parameters: isPart ? fc.array(identifier, { maxLength: 2 }) : fc.constant([]),
      when: fc.option(expression, { nil: undefined }),
      value: expression,
      clauses: isPart ? fc.constant([]) : fc.array(clause, { maxLength: 2 }),
    })
    .map((fields): AuxNode => ({ kind: 'Aux', ...fields, span }));

const entries: Arbitrary<EntryNode[]> = fc.array(
  fc.record({ name: identifier, value: expression }).map((fields): EntryNode => ({ kind: 'Entry', ...fields, span })),
  { maxLength: 3 },
);

const interfaceMember = fc
  .record({ kind: fc.constantFrom('Input' as const, 'Output' as const), doc, name: identifier, type: expression })
  .map((fields): InputNode | OutputNode => ({ ...fields, span }));

const modelMember: Arbitrary<ModelMember> = fc.oneof(
  interfaceMember,
  fc
    .record({ doc, name: identifier, type, value: expression, off: fc.option(expression, { nil: undefined }) })
    .map((fields): ModelMember => ({ kind: 'Knob', ...fields, span })),
  fc
    .record({
      half: fc.constantFrom('encoder' as const, 'decoder' as const),
      members: fc.array(fc.oneof(part, aux(true)), { maxLength: 3 }),
    })
    .map((fields): ModelMember => ({ kind: 'Half', ...fields, span })),
  fc
    .record({ kind: fc.constantFrom('Head' as const, 'Assign' as const), output: identifier, value: expression })
    .map((fields): ModelMember => ({ ...fields, span })),
  aux(false),
  fc
    .record({ doc, name: identifier, when: fc.option(expression, { nil: undefined }), value: expression })
    .map((fields): ModelMember => ({ kind: 'Penalty', ...fields, span })),
  entries.map((each): ModelMember => ({ kind: 'Init', entries: each, span })),
  letNode,
);

const variantMembers: Arbitrary<VariantMember[]> = fc.array(
  fc.oneof(
    interfaceMember,
    fc
      .record({ name: identifier, value: expression })
      .map((fields): VariantMember => ({ kind: 'Setting', ...fields, span })),
  ),
  { maxLength: 3 },
);

const equal: Arbitrary<EqualNode> = fc
  .record({ measure: identifier, knob: identifier })
  .map((fields): EqualNode => ({ kind: 'Equal', ...fields, span }));

const entrant: Arbitrary<EntrantNode> = fc
  .record({
    value: expression,
    unmatched: fc.option(
      stringValue.map((value): StringNode => ({ kind: 'String', value, span })),
      { nil: undefined },
    ),
    equal: fc.option(equal, { nil: undefined }),
  })
  .map((fields): EntrantNode => ({ kind: 'Entrant', ...fields, span }));

const studyEntry: Arbitrary<StudyEntryNode> = fc
  .record({
    name: identifier,
    list: fc.oneof(
      fc.record({ listed: fc.constant(true), values: fc.array(entrant, { maxLength: 3 }) }),
      fc.record({ listed: fc.constant(false), values: entrant.map((value) => [value]) }),
    ),
  })
  .map(({ name, list }): StudyEntryNode => ({ kind: 'StudyEntry', name, ...list, span }));

const statement: Arbitrary<Statement> = fc.oneof(
  stringValue.map((value): Statement => ({ kind: 'Use', path: { kind: 'String', value, span }, span })),
  fc
    .record({
      doc,
      name: identifier,
      parameters: fc.array(parameter, { maxLength: 3 }),
      members: fc.array(blockMember, { maxLength: 4 }),
    })
    .map((fields): Statement => ({ kind: 'Block', ...fields, span })),
  fc
    .record({ doc, name: identifier, members: fc.array(modelMember, { maxLength: 5 }) })
    .map((fields): Statement => ({ kind: 'Model', ...fields, span })),
  fc
    .record({ doc, name: identifier, base: identifier, members: variantMembers })
    .map((fields): Statement => ({ kind: 'Variant', ...fields, span })),
  fc.record({ doc, name: identifier, entries }).map((fields): Statement => ({ kind: 'Protocol', ...fields, span })),
  fc
    .record({ doc, name: identifier, entries: fc.array(studyEntry, { maxLength: 4 }) })
    .map((fields): Statement => ({ kind: 'Study', ...fields, span })),
);

/** Whole files of every construct. */
export const file: Arbitrary<FileNode> = fc
  .array(statement, { maxLength: 4 })
  .map((statements): FileNode => ({ kind: 'File', statements, comments: [], source, span }));
