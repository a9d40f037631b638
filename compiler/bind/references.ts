import type {
  BlockNode,
  CallNode,
  Identifier,
  KnobNode,
  ModelNode,
  NameNode,
  Node,
  ParameterNode,
  ProtocolNode,
  Statement,
  StudyNode,
} from '../../grammar/ast.js';
import { interfaceOf, settingsOf, visit } from '../../grammar/nodes.js';
import { findAxes } from './axes.js';
import { isList, modelOf, type FileBinding } from './bind.js';
import { lookUp } from './scope.js';
import type { Symbol } from './symbol.js';

/** A mention of a name and its target: the node that declares it, or the first mention of an axis. */
export interface Reference {
  readonly at: NameNode | Identifier;
  readonly declaration: Node;
  readonly kind: NamedKind;
  /** Whether it is a declaration; a family `x[i, j]` is declared in several places. */
  readonly declares: boolean;
}

export type NamedKind = Exclude<Symbol['kind'], 'builtin' | 'foreign' | 'levels' | 'depth'> | 'axis';

/** The callee of a call. Only blocks have parameters that are written in a file. */
interface Called {
  readonly kind: string;
  readonly block?: BlockNode;
}

/** Returns every reference in a file, in text order; built-in names have no target. */
export function findReferences(
  statements: readonly Statement[],
  binding: FileBinding,
  bindings: ReadonlyMap<string, FileBinding>,
  called: ReadonlyMap<CallNode, Called> = new Map(),
): readonly Reference[] {
  const found = new Map<NameNode | Identifier, Reference>();
  const add = (at: NameNode | Identifier, declaration: Node, kind: NamedKind, declares = false): void => {
    if (at.name !== '') found.set(at, { at, declaration, kind, declares });
  };
  const addSymbol = (at: NameNode | Identifier, symbol: Symbol | undefined, declares = false): void => {
    if (symbol === undefined || !('declaration' in symbol)) return;
    const canonical = binding.declared.get(symbol.declaration) ?? symbol;
    if ('declaration' in canonical) add(at, canonical.declaration, canonical.kind, declares);
  };
  for (const [node, symbol] of binding.declared) {
    if (!('declaration' in symbol)) continue;
    const name = nameOf(node as Node);
    if (name !== undefined) add(name, symbol.declaration, symbol.kind, true);
  }
  for (const [node, symbol] of binding.symbols) addSymbol(node, symbol);
  for (const statement of statements) {
    for (const { at, declaration, declares } of findAxes(statement)) {
      if (!binding.symbols.has(at as NameNode)) add(at, declaration, 'axis', declares);
    }
    visit(statement, {
      enter: (node) => {
        if (node.kind === 'Call') nameArguments(node, binding, called, (at, to) => add(at, to, 'parameter'));
      },
    });
    if (statement.kind === 'Model') nameParts(statement, add);
    if (statement.kind === 'Study') nameSolvedKnobs(statement, binding, bindings, add);
    if (statement.kind !== 'Variant') continue;
    const base = lookUp(binding.scope, statement.base.name);
    if (base?.kind !== 'model') continue;
    add(statement.base, base.declaration, 'model');
    const knobs = knobsOf(base, bindings);
    for (const setting of settingsOf(statement)) {
      const knob = knobs.find((each) => each.name.name === setting.name.name);
      if (knob !== undefined) add(setting.name, knob, 'knob');
    }
    const root = modelOf(base, (file) => bindings.get(file)?.scope);
    for (const member of interfaceOf(statement)) {
      const replaced = root?.members.find((each) => each.kind === member.kind && each.name.name === member.name.name);
      if (replaced !== undefined) add(member.name, replaced, member.kind === 'Input' ? 'input' : 'output');
    }
  }
  return [...found.values()].sort((a, b) => a.at.span.start - b.at.span.start);
}

/** The name that a node declares. */
export function nameOf(node: Node | ProtocolNode): Identifier | undefined {
  if (node.kind === 'Identifier') return node;
  if (node.kind === 'Member') return undefined;
  const { name } = node as { name?: unknown };
  return typeof name === 'object' && name !== null ? (name as Identifier) : undefined;
}

/** Names of outputs in assignments, and names of lists in the parentheses of a part. */
function nameParts(model: ModelNode, add: (at: Identifier, declaration: Node, kind: NamedKind) => void): void {
  const outputs = model.members.filter((member) => member.kind === 'Output');
  const parts = model.members.flatMap((member) => (member.kind === 'Half' ? member.members : []));
  const lists = parts.filter((part) => part.kind === 'Part').filter(isList);
  for (const member of [...model.members, ...parts]) {
    if (member.kind === 'Head' || member.kind === 'Aux' || member.kind === 'Assign') {
      const output = outputs.find((each) => each.name.name === member.output.name);
      if (output !== undefined) add(member.output, output, 'output');
    }
    if (member.kind !== 'Part' && member.kind !== 'Aux') continue;
    for (const parameter of member.parameters) {
      const list = lists.find((each) => each.name.name === parameter.name);
      if (list !== undefined) add(parameter, list, 'list');
    }
  }
}

/**
 * The knobs in `equal params by width`: of the model that is to be equal, or of the base that the variants derive from.
 */
function nameSolvedKnobs(
  study: StudyNode,
  binding: FileBinding,
  bindings: ReadonlyMap<string, FileBinding>,
  add: (at: Identifier, knob: Node, kind: NamedKind) => void,
): void {
  const base = study.entries.find(({ name }) => name.name === 'base')?.values[0]?.value;
  for (const { value, equal } of study.entries.flatMap(({ values }) => values)) {
    if (equal === undefined) continue;
    const knob = knobsOf(symbolAt(binding, value) ?? symbolAt(binding, base), bindings).find(
      ({ name }) => name.name === equal.knob.name,
    );
    if (knob !== undefined) add(equal.knob, knob, 'knob');
  }
}

function symbolAt(binding: FileBinding, value: Node | undefined): Symbol | undefined {
  return value?.kind === 'Name' ? binding.symbols.get(value) : undefined;
}

/** The knobs of a model or variant. */
export function knobsOf(symbol: Symbol | undefined, bindings: ReadonlyMap<string, FileBinding>): readonly KnobNode[] {
  const model = symbol === undefined ? undefined : modelOf(symbol, (file) => bindings.get(file)?.scope);
  return (model?.members ?? []).filter((member) => member.kind === 'Knob');
}

/**
 * `norm:` in `light(c, norm: x)` refers to a parameter of the called block, whether it is called by name or as a value.
 */
function nameArguments(
  call: CallNode,
  binding: FileBinding,
  called: ReadonlyMap<CallNode, Called>,
  add: (at: Identifier, parameter: ParameterNode) => void,
): void {
  const symbol = call.callee.kind === 'Name' ? binding.symbols.get(call.callee) : undefined;
  const recipe = called.get(call);
  const block = symbol?.kind === 'block' ? symbol.declaration : recipe?.block;
  if (block === undefined) return;
  for (const { name } of call.arguments) {
    const parameter = block.parameters.find((each) => each.name.name === name?.name);
    if (name !== undefined && parameter !== undefined) add(name, parameter);
  }
}
