import type {
  AuxNode,
  BlockNode,
  CallNode,
  ComprehensionNode,
  ElementNode,
  Expression,
  FileNode,
  ForClause,
  HalfNode,
  Identifier,
  LetNode,
  ModelNode,
  NameNode,
  PartNode,
  SettingNode,
  StudyNode,
  VariantMember,
  VariantNode,
} from '../../grammar/ast.js';
import type { Diagnostic, Fix } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { replacement, suggestionFor, suggest, writtenName } from '../../grammar/diagnostics/suggest.js';
import type { Span } from '../../grammar/source.js';
import { builtinNames, choiceNames } from './builtins.js';
import { blockParameters, builtinParameters, calleeOf, dottedPath, foreignHelp, type OwnParameter } from './foreign.js';
import { addUse, type Importable } from './importable.js';
import { addUsedKnob } from './knob-fix.js';
import type { LoadedFile } from './loaded-file.js';
import { createScope, lookUp, visibleNames, type Scope } from './scope.js';
import { declarationOf, type Symbol } from './symbol.js';

/** The meanings of the names in a file, as side tables of the tree; no node is changed. */
export interface FileBinding {
  readonly path: string;
  /** The file's own statements and those of its imports. */
  readonly scope: Scope;
  /** Statements the file itself declares, by name. */
  readonly own: ReadonlyMap<string, Symbol>;
  readonly symbols: ReadonlyMap<NameNode, Symbol>;
  /** Symbols of declarations, from the declaring node. */
  readonly declared: ReadonlyMap<object, Symbol>;
  /** The names visible in each part of the text, enclosing parts before those inside them. */
  readonly scopes: readonly ScopeOfText[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A part of the text and the names visible in it. */
export interface ScopeOfText {
  readonly span: Span;
  readonly scope: Scope;
}

/** The scope of built-in names, which is outside every file. */
const builtinScope: Scope = createScope();
for (const name of builtinNames) builtinScope.names.set(name, { kind: 'builtin', name });

/** Describes a symbol in a message. */
function describe(symbol: Symbol): string {
  switch (symbol.kind) {
    case 'builtin':
      return 'a built-in layer or function';
    case 'foreign':
      return 'a word of another library';
    case 'levels':
      return `the levels of the ${symbol.name}`;
    case 'depth':
      return 'the number of levels';
    case 'loop':
      return 'a loop variable';
    case 'list':
      return 'a list of this half';
    case 'let':
      return 'a `let`';
    case 'param':
      return 'a `param`';
    case 'input':
      return 'an input';
    case 'output':
      return 'an output';
    case 'parameter':
      return 'a parameter';
    case 'tensor':
      return 'a tensor of this block';
    case 'block':
    case 'model':
    case 'protocol':
    case 'study':
    case 'knob':
      return `a ${symbol.kind}`;
  }
}

/**
 * Resolves the names of one file; `bound` contains the files bound before it, its imports among them, and `importable`
 * returns what it could import, for suggestions. Axes (capitalised names) and the words of `input` and `output` types are
 * resolved by the evaluator instead.
 */
export function bindFile(
  file: LoadedFile,
  bound: ReadonlyMap<string, FileBinding>,
  importable: () => readonly Importable[],
): FileBinding {
  return new Binder(file, bound, importable).bind();
}

/** Resolves the expression of a setting from outside (`--set`) as if it were written in a variant of `model`. */
export function bindSetting(
  setting: SettingNode,
  model: ModelNode,
  binding: FileBinding,
  home: FileBinding | undefined,
): { symbols: ReadonlyMap<NameNode, Symbol>; diagnostics: readonly Diagnostic[] } {
  const binder = new Binder({ path: binding.path, node: emptyFile(setting), uses: [] }, new Map(), () => []);
  const scope = createScope(binding.scope);
  binder.declareForSettings(model, scope, home?.scope);
  binder.expression(setting.value, scope);
  return { symbols: binder.symbols, diagnostics: binder.diagnostics };
}

function emptyFile(node: SettingNode): FileNode {
  return { kind: 'File', statements: [], comments: [], source: node.span.source, span: node.span };
}

const partHelp =
  'The parameters of a part are `i` (its level), `c` (its width), `n` (the number of levels) and the lists of its half.';
const fusionHelp =
  'Declare the tensors in a block, `block join { skip: [C, ...S], up: [U, ...S] ... }`, and write `fuse: join`.';

/**
 * The maximum number of names and members that are compared for suggestions in one file; only a file with thousands of
 * errors reaches it.
 */
const comparisonLimit = 50_000;

/** The maximum number of further names shown for one missing `use`. */
const labelLimit = 8;

/** Binds one file in a single pass. The class is long because all scope rules read and write the same state. */
class Binder {
  readonly symbols = new Map<NameNode, Symbol>();
  readonly declared = new Map<object, Symbol>();
  readonly scopes: ScopeOfText[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly used = new Set<Symbol>();
  /** Symbols whose declaration has not been reached yet in the current scope. */
  private readonly pending = new Set<Symbol>();
  /** The model being bound. */
  private openModel: ModelNode | undefined;
  /** The number of comparisons with unknown names so far. */
  private comparisons = 0;
  /** The index of the diagnostic that reports each missing `use`. */
  private readonly missingUses = new Map<string, number>();
  /** What the file could import, once listed. */
  private listed: readonly Importable[] | undefined;

  constructor(
    private readonly file: LoadedFile,
    private readonly bound: ReadonlyMap<string, FileBinding>,
    private readonly listImportable: () => readonly Importable[],
  ) {}

  bind(): FileBinding {
    const imported = this.file.uses.flatMap(({ path }) => this.bound.get(path) ?? []);
    const scope = createScope(builtinScope);
    const own = this.declareStatements(scope);
    this.importNames(imported, scope);
    for (const statement of this.file.node.statements) {
      if (statement.kind === 'Block') this.block(statement, scope);
      else if (statement.kind === 'Model') this.model(statement, scope);
      else if (statement.kind === 'Variant') this.variant(statement, scope);
      else if (statement.kind === 'Study') this.study(statement, scope);
    }
    return {
      path: this.file.path,
      scope,
      own,
      symbols: this.symbols,
      declared: this.declared,
      scopes: this.scopes,
      diagnostics: this.diagnostics,
    };
  }

  /** Opens a scope for a part of the text. */
  private openScope(parent: Scope, { span }: { readonly span: Span }): Scope {
    const scope = createScope(parent);
    this.scopes.push({ span, scope });
    return scope;
  }

  private declareStatements(scope: Scope): Map<string, Symbol> {
    for (const statement of this.file.node.statements) {
      const file = this.file.path;
      const name = statement.kind === 'Use' ? '' : statement.name.name;
      if (statement.kind === 'Block') {
        this.wantLower(statement.name, 'block');
        this.declare(scope, statement.name, { kind: 'block', name, declaration: statement, file }, statement);
      } else if (statement.kind === 'Model' || statement.kind === 'Variant') {
        this.wantUpper(statement.name, 'model');
        this.declare(scope, statement.name, { kind: 'model', name, declaration: statement, file }, statement);
      } else if (statement.kind === 'Protocol') {
        this.wantUpper(statement.name, 'protocol');
        this.declare(scope, statement.name, { kind: 'protocol', name, declaration: statement, file }, statement);
      } else if (statement.kind === 'Study') {
        this.wantUpper(statement.name, 'study');
        this.declare(scope, statement.name, { kind: 'study', name, declaration: statement, file }, statement);
      }
    }
    return new Map(scope.names);
  }

  /** Imports the statements that a file declares itself; imports are not transitive. */
  private importNames(imported: readonly FileBinding[], scope: Scope): void {
    const from = new Map<string, { symbol: Symbol; file: string }>();
    for (const binding of imported) {
      for (const [name, symbol] of binding.own) {
        const other = from.get(name);
        const own = scope.names.get(name);
        const declared = own === undefined ? undefined : declarationOf(own);
        if (declared !== undefined && other === undefined) {
          this.diagnostics.push(
            report('UNET2003', { name, by: `${describe(symbol)} of \`${binding.path}\`` }, declared.span),
          );
        } else if (other !== undefined && other.symbol !== symbol) {
          const use = this.file.uses.find((each) => each.path === binding.path);
          const files = `\`${other.file}\` and \`${binding.path}\``;
          if (use !== undefined) this.diagnostics.push(report('UNET2024', { name, files }, use.node.span));
        } else {
          from.set(name, { symbol, file: binding.path });
        }
      }
    }
    for (const [name, { symbol }] of from) if (!scope.names.has(name)) scope.names.set(name, symbol);
  }

  /** UNET2002, UNET2003: a name must not be declared twice in a scope, nor shadow another. */
  private declare(scope: Scope, name: Identifier, symbol: Symbol, node: object): Symbol {
    this.declared.set(node, symbol);
    if (name.name === '') return symbol;
    const here = scope.names.get(name.name);
    const outer = here ?? lookUp(scope, name.name);
    const first = outer === undefined ? undefined : declarationOf(outer);
    const labels = first === undefined ? [] : [{ span: first.span, text: 'first declared here' }];
    if (here !== undefined) {
      this.diagnostics.push(report('UNET2002', { name: name.name }, name.span, { labels }));
      // It is unclear which of the two a use refers to, so neither is reported as unused.
      this.used.add(symbol).add(here);
      return symbol;
    }
    if (outer !== undefined) {
      const visible = first?.span.source === name.span.source ? labels : [];
      this.diagnostics.push(
        report('UNET2003', { name: name.name, by: describe(outer) }, name.span, { labels: visible }),
      );
    }
    scope.names.set(name.name, symbol);
    return symbol;
  }

  /** UNET2005: values begin with a lower-case letter, models and protocols with a capital. */
  private wantLower(name: Identifier, what: string): void {
    if (/^[A-Z]/.test(name.name)) {
      this.diagnostics.push(
        report(
          'UNET2005',
          { name: name.name, should: `is a ${what}, so it must begin with a lower-case letter` },
          name.span,
        ),
      );
    }
  }

  private wantUpper(name: Identifier, what: string): void {
    if (/^[a-z_]/.test(name.name)) {
      this.diagnostics.push(
        report(
          'UNET2005',
          { name: name.name, should: `is a ${what}, so it must begin with a capital letter` },
          name.span,
        ),
      );
    }
  }

  /** UNET4001: every declaration should be used. */
  private warnUnused(symbol: Symbol, what: string): void {
    const name = declarationOf(symbol);
    if (name === undefined || name.name === '' || this.used.has(symbol) || name.name.startsWith('_')) return;
    const fixes = [
      { title: `Mark it as unused: \`_${name.name}\``, span: name.span, text: writtenName(`_${name.name}`) },
    ];
    this.diagnostics.push(report('UNET4001', { what, name: name.name }, name.span, { fixes }));
  }

  private block(block: BlockNode, outer: Scope): void {
    const scope = this.openScope(outer, block);
    const own: { symbol: Symbol; what: string }[] = [];
    const families = new Map<string, Symbol>();
    const add = (name: Identifier, symbol: Symbol, node: object, what: string): void => {
      this.wantLower(name, what);
      own.push({ symbol: this.declare(scope, name, symbol, node), what });
    };
    for (const parameter of block.parameters) {
      if (parameter.value !== undefined) this.expression(parameter.value, scope);
      const symbol: Symbol = { kind: 'parameter', name: parameter.name.name, declaration: parameter };
      add(parameter.name, symbol, parameter, 'parameter');
    }
    for (const member of block.members) {
      if (member.kind === 'Tensor') {
        add(member.name, { kind: 'tensor', name: member.name.name, declaration: member }, member, 'tensor');
      } else if (member.kind === 'Param') {
        add(member.name, { kind: 'param', name: member.name.name, declaration: member }, member, 'param');
      } else if (member.kind === 'Let') {
        const family = member.indices.length > 0 ? families.get(member.name.name) : undefined;
        if (family !== undefined) {
          this.declared.set(member, family);
          continue;
        }
        const symbol: Symbol = { kind: 'let', name: member.name.name, declaration: member };
        add(member.name, symbol, member, 'let');
        if (member.indices.length > 0) families.set(member.name.name, symbol);
        else this.pending.add(symbol);
      }
    }
    for (const member of block.members) {
      if (member.kind === 'Param') {
        if (member.shape.kind !== 'Name') this.expression(member.shape, scope);
        this.expression(member.value, scope);
      } else if (member.kind === 'Let') {
        this.letValue(member, scope);
        const symbol = this.declared.get(member);
        if (symbol !== undefined) this.pending.delete(symbol);
      } else if (member.kind === 'Result') {
        this.expression(member.value, scope);
      }
    }
    for (const { symbol, what } of own) this.warnUnused(symbol, what);
  }

  private model(model: ModelNode, outer: Scope): void {
    const scope = this.openScope(outer, model);
    const own = this.declareModel(model, scope);
    const lists = createScope(scope);
    const again = this.declareOnce(model);
    for (const member of model.members) {
      if (member.kind === 'Half' && !again.has(member)) own.push(...this.declareLists(member, lists));
    }
    this.openModel = model;
    for (const member of model.members) {
      if (member.kind === 'Half' || member.kind === 'Head') this.scopes.push({ span: member.span, scope: lists });
      this.modelMember(member, scope, lists);
    }
    this.openModel = undefined;
    for (const { symbol, what } of own) this.warnUnused(symbol, what);
  }

  private declareModel(model: ModelNode, scope: Scope): { symbol: Symbol; what: string }[] {
    const own: { symbol: Symbol; what: string }[] = [];
    const families = new Map<string, Symbol>();
    for (const member of model.members) {
      if (member.kind === 'Input') {
        this.wantLower(member.name, 'input');
        this.declare(scope, member.name, { kind: 'input', name: member.name.name, declaration: member }, member);
      } else if (member.kind === 'Output') {
        this.wantLower(member.name, 'output');
        this.declare(scope, member.name, { kind: 'output', name: member.name.name, declaration: member }, member);
      } else if (member.kind === 'Knob') {
        this.wantLower(member.name, 'knob');
        const symbol: Symbol = { kind: 'knob', name: member.name.name, declaration: member };
        own.push({ symbol: this.declare(scope, member.name, symbol, member), what: 'knob' });
        this.pending.add(symbol);
      } else if (member.kind === 'Let') {
        const family = member.indices.length > 0 ? families.get(member.name.name) : undefined;
        if (family !== undefined) {
          this.declared.set(member, family);
          continue;
        }
        this.wantLower(member.name, 'let');
        const symbol: Symbol = { kind: 'let', name: member.name.name, declaration: member };
        this.declare(scope, member.name, symbol, member);
        own.push({ symbol, what: 'let' });
        if (member.indices.length > 0) families.set(member.name.name, symbol);
        else this.pending.add(symbol);
      } else if (member.kind === 'Half') {
        this.bring(scope, { kind: 'levels', name: member.half }, member);
      }
    }
    return own;
  }

  /** UNET2002: a model has at most one encoder, one decoder, one `init` and one penalty of a name. Returns the surplus ones. */
  private declareOnce(model: ModelNode): ReadonlySet<object> {
    const again = new Set<object>();
    const first = new Map<string, Span>();
    for (const member of model.members) {
      if (member.kind !== 'Half' && member.kind !== 'Init' && member.kind !== 'Penalty') continue;
      if (member.kind === 'Penalty') this.wantLower(member.name, 'penalty');
      const name = member.kind === 'Half' ? member.half : member.kind === 'Init' ? 'init' : member.name.name;
      const isNamed = member.kind === 'Penalty';
      const span = isNamed ? member.name.span : { ...member.span, end: member.span.start + name.length };
      const key = isNamed ? `penalty ${name}` : name;
      const known = first.get(key);
      if (known === undefined) {
        first.set(key, span);
      } else {
        const labels = [{ span: known, text: 'first declared here' }];
        this.diagnostics.push(report('UNET2002', { name }, span, { labels }));
        again.add(member);
      }
    }
    return again;
  }

  private declareLists(half: HalfNode, scope: Scope): { symbol: Symbol; what: string }[] {
    const own: { symbol: Symbol; what: string }[] = [];
    if (!scope.names.has('n')) this.bring(scope, { kind: 'depth', name: 'n' }, half);
    for (const part of half.members) {
      if (part.kind !== 'Part' || !isList(part)) continue;
      const { name, span } = part.name;
      if (name === 'i' || name === 'c') {
        const by = name === 'i' ? 'the level of a part' : 'the width of a part';
        this.diagnostics.push(report('UNET2003', { name, by }, span));
        continue;
      }
      const knob = this.ownKnob(part, scope);
      if (knob !== undefined) {
        this.declared.set(part, knob);
        continue;
      }
      const symbol: Symbol = { kind: 'list', name: part.name.name, declaration: part };
      this.declare(scope, part.name, symbol, part);
      // The wiring itself uses `widths`; anything other than a list has another error.
      if (part.name.name !== 'widths' && part.value.kind === 'List') own.push({ symbol, what: 'list' });
    }
    return own;
  }

  /** The knob of a list `widths: widths`, which is the knob itself. */
  private ownKnob({ name, value }: PartNode, scope: Scope): Symbol | undefined {
    if (value.kind !== 'Name' || value.name !== name.name) return undefined;
    const symbol = lookUp(scope, name.name);
    return symbol?.kind === 'knob' ? symbol : undefined;
  }

  /**
   * UNET2003: names that a half introduces must be unique. The other declaration is reported, because the half cannot
   * choose its names.
   */
  private bring(scope: Scope, symbol: Extract<Symbol, { kind: 'levels' | 'depth' }>, half: HalfNode): void {
    const other = lookUp(scope, symbol.name);
    const name = other === undefined || other.kind === symbol.kind ? undefined : declarationOf(other);
    if (other !== undefined && name !== undefined) {
      const span =
        name.span.source === half.span.source ? name.span : { ...half.span, end: half.span.start + half.half.length };
      this.diagnostics.push(report('UNET2003', { name: symbol.name, by: describe(symbol) }, span));
      this.used.add(other);
    } else {
      scope.names.set(symbol.name, symbol);
    }
  }

  private modelMember(member: ModelNode['members'][number], scope: Scope, lists: Scope): void {
    switch (member.kind) {
      case 'Input':
        this.typeExpression(member.type, scope);
        return;
      case 'Output':
        this.typeExpression(member.type, scope);
        return;
      case 'Knob': {
        this.expression(member.value, scope);
        if (member.off !== undefined) this.expression(member.off, scope);
        const symbol = this.declared.get(member);
        if (symbol !== undefined) this.pending.delete(symbol);
        return;
      }
      case 'Half':
        for (const part of member.members) this.part(part, lists);
        return;
      case 'Head':
        this.output(member.output, scope);
        this.logits(member.value);
        this.expression(member.value, lists);
        return;
      case 'Aux':
        this.aux(member, scope);
        return;
      case 'Penalty':
        if (member.when !== undefined) this.expression(member.when, scope);
        this.expression(member.value, scope);
        return;
      case 'Init':
        for (const entry of member.entries) this.expression(entry.value, scope);
        return;
      case 'Let': {
        this.letValue(member, scope);
        const symbol = this.declared.get(member);
        if (symbol !== undefined) this.pending.delete(symbol);
        return;
      }
      case 'Assign':
        this.output(member.output, scope);
        this.logits(member.value);
        this.expression(member.value, scope);
        return;
    }
  }

  /** UNET2008: heads, `aux` and assignments must name an output. */
  private output(name: Identifier, scope: Scope): void {
    if (name.name === '') return;
    const symbol = lookUp(scope, name.name);
    if (symbol?.kind === 'output') return;
    const outputs = visibleNames(scope).filter((each) => lookUp(scope, each)?.kind === 'output');
    this.diagnostics.push(
      report('UNET2008', { name: name.name }, name.span, suggestionFor(name.name, outputs, name.span)),
    );
  }

  private part(part: PartNode | AuxNode, lists: Scope): void {
    if (part.kind === 'Aux') return this.aux(part, lists);
    if (isList(part)) return this.expression(part.value, lists);
    const scope = this.partScope(part.parameters, lists, part, part.name.name);
    if (part.name.name === 'fuse' && this.fusion(part)) return;
    this.expression(part.value, scope);
  }

  /** Whether a knob is a list of a half of the model. */
  private isListed(knob: Symbol): boolean {
    const halves = this.openModel?.members.filter((member) => member.kind === 'Half') ?? [];
    return halves.some(({ members }) => members.some((part) => this.declared.get(part) === knob));
  }

  private partScope(parameters: readonly Identifier[], lists: Scope, node: PartNode | AuxNode, part: string): Scope {
    const scope = this.openScope(lists, node);
    for (const parameter of parameters) {
      const outer = lookUp(lists, parameter.name);
      if (outer?.kind === 'list' || outer?.kind === 'depth' || (outer?.kind === 'knob' && this.isListed(outer))) {
        this.used.add(outer);
      } else if (parameter.name === 'i' || parameter.name === 'c') {
        this.declare(scope, parameter, { kind: 'loop', name: parameter.name, declaration: parameter }, parameter);
      } else if (parameter.name !== '') {
        const help =
          part === 'fuse' && ['skip', 'up', 'below', 'bottleneck'].includes(parameter.name) ? fusionHelp : partHelp;
        this.diagnostics.push(report('UNET2001', { name: parameter.name }, parameter.span, { help }));
        // Uses of it are no longer unknown.
        scope.names.set(parameter.name, { kind: 'loop', name: parameter.name, declaration: parameter });
      }
    }
    return scope;
  }

  private aux(aux: AuxNode, outer: Scope): void {
    this.output(aux.output, outer);
    const scope = this.clauses(aux.clauses, this.partScope(aux.parameters, outer, aux, 'aux'), aux);
    if (aux.when !== undefined) this.expression(aux.when, scope);
    this.logits(aux.value);
    this.expression(aux.value, scope);
  }

  /** UNET3001: outputs are logits, so a softmax at their end is not needed. */
  private logits(value: Expression): void {
    if (value.kind !== 'Pipe') return;
    const path = dottedPath(calleeOf(value.step));
    if (path === undefined || !/^(?:log_?)?softmax(?:\dd)?$/i.test(path.words.at(-1) ?? '')) return;
    this.symbols.set(path.root, { kind: 'foreign', name: path.root.name });
    const parts = { what: 'An output', expected: 'assigned its logits', found: `\`${path.words.join('.')}\`` };
    const help =
      'Remove this step: the loss and the prediction apply the softmax themselves (for `regions`, the sigmoid).';
    const span = { ...value.span, start: value.source.span.end };
    const fixes = [{ title: 'Remove this step', span, text: '' }];
    this.diagnostics.push(report('UNET3001', parts, value.step.span, { help, fixes, covers: value.step.span }));
  }

  /** UNET3001: `concat` is a function, and a fusion is a block. */
  private fusion({ parameters, value }: PartNode): boolean {
    const callee = calleeOf(value);
    // Tensors among the parameters of the part have been reported.
    if (parameters.some(({ name }) => name === 'skip' || name === 'up')) return false;
    if (callee.kind !== 'Name' || callee.name !== 'concat') return false;
    this.symbols.set(callee, { kind: 'foreign', name: callee.name });
    const [first] = value.kind === 'Call' ? value.arguments : [];
    const isUpFirst = first?.value.kind === 'Name' && first.value.name === 'up';
    const blocks = isUpFirst ? ['concat_up_skip', 'concat_skip_up'] : ['concat_skip_up', 'concat_up_skip'];
    const parts = {
      what: '`fuse`',
      expected: 'a block with the tensors `skip` and `up`',
      found: 'the function `concat`',
    };
    const help = 'The blocks `concat_skip_up` and `concat_up_skip` of `unet:lib/unet.unet` concatenate in this order.';
    const fixes = blocks.map((block) => replacement(value.span, block));
    this.diagnostics.push(report('UNET3001', parts, value.span, { help, fixes, covers: value.span }));
    return true;
  }

  /** UNET2029: a `for` needs an index for the values it defines. */
  private checkLoops(node: LetNode): void {
    const name = node.name.name;
    const [clause] = node.clauses;
    if (clause !== undefined && node.indices.length === 0) {
      const index = `[${node.clauses.map((each) => writtenName(each.name.name)).join(', ')}]`;
      const at = { ...node.name.span, start: node.name.span.end };
      const fixes = [{ title: `Add the index \`${index}\``, span: at, text: index }];
      const help = `Write \`let ${writtenName(name)}${index} = ...\`: each iteration defines one member.`;
      this.diagnostics.push(
        report('UNET2029', { name, problem: 'has a `for` but no index' }, clause.span, { help, fixes }),
      );
    }
  }

  private letValue(node: LetNode, outer: Scope): void {
    this.checkLoops(node);
    const scope = this.clauses(node.clauses, outer, node);
    for (const index of node.indices) this.expression(index, scope);
    this.expression(node.value, scope);
  }

  private clauses(clauses: readonly ForClause[], outer: Scope, node: LetNode | AuxNode | ComprehensionNode): Scope {
    let scope = outer;
    for (const clause of clauses) {
      this.expression(clause.range, scope);
      scope = this.openScope(scope, node);
      this.declare(scope, clause.name, { kind: 'loop', name: clause.name.name, declaration: clause }, clause);
    }
    return scope;
  }

  private variant(variant: VariantNode, outer: Scope): void {
    const base = lookUp(outer, variant.base.name);
    if (base?.kind !== 'model') {
      if (variant.base.name === '') return;
      this.reportUnknown('UNET2004', variant.base, this.suggestStatement(variant.base, 'model', outer));
      return;
    }
    const scope = this.openScope(outer, variant);
    const root = modelOf(base, (file) => (file === this.file.path ? outer : this.bound.get(file)?.scope));
    const home = root === undefined ? undefined : this.bound.get(root.span.source.path);
    if (root !== undefined) this.declareForSettings(root, scope, home?.scope);
    const seen = new Map<string, VariantMember>();
    for (const member of variant.members) {
      const first = seen.get(member.name.name);
      if (first !== undefined && member.name.name !== '') {
        const labels = [{ span: first.name.span, text: 'first assigned here' }];
        this.diagnostics.push(report('UNET2002', { name: member.name.name }, member.name.span, { labels }));
      }
      seen.set(member.name.name, member);
      if (member.kind === 'Setting') this.expression(member.value, scope);
      else this.typeExpression(member.type, scope);
    }
  }

  /** UNET2004, UNET2027: names in a study must refer to its protocol and to models. */
  private study(study: StudyNode, scope: Scope): void {
    for (const entry of study.entries) {
      const kind = studyNames[entry.name.name];
      // `leave_one_out` and the like are keywords, not names.
      if (kind === undefined || (entry.name.name === 'variants' && !entry.listed)) continue;
      for (const { value } of entry.values) if (value.kind === 'Name') this.studyName(value, kind, scope);
    }
  }

  private studyName(node: NameNode, kind: 'model' | 'protocol', scope: Scope): void {
    const symbol = lookUp(scope, node.name);
    if (symbol?.kind === kind) {
      this.symbols.set(node, symbol);
    } else if (node.name !== '') {
      const code = kind === 'model' ? 'UNET2004' : 'UNET2027';
      this.reportUnknown(code, node, this.suggestStatement(node, kind, scope));
    }
  }

  /**
   * Settings see the names in their own file, the names that the base's file sees, and the base's inputs and outputs,
   * so that a variant in a file of two statements can name the blocks that its base uses.
   */
  declareForSettings(model: ModelNode, scope: Scope, home: Scope | undefined): void {
    for (const [name, symbol] of home?.names ?? []) {
      if (lookUp(scope, name) === undefined) scope.names.set(name, symbol);
    }
    for (const member of model.members) {
      if (member.kind === 'Input') {
        scope.names.set(member.name.name, { kind: 'input', name: member.name.name, declaration: member });
      } else if (member.kind === 'Output') {
        scope.names.set(member.name.name, { kind: 'output', name: member.name.name, declaration: member });
      }
    }
  }

  /** In `image(...)` and `classes(...)` names refer to the data set; numbers in other types may be computed. */
  private typeExpression(expression: Expression, scope: Scope): void {
    if (expression.kind === 'Index') {
      for (const item of expression.items) if (item.separator === '=') this.expression(item.value, scope);
      this.typeExpression(expression.target, scope);
    } else if (expression.kind === 'Call' && expression.callee.kind === 'Name') {
      if (expression.callee.name === 'identifier') this.elements(expression.arguments, scope);
      if (expression.callee.name === 'regions')
        for (const each of expression.arguments) this.expression(each.value, scope);
    }
  }

  private elements(elements: readonly ElementNode[], scope: Scope): void {
    for (const element of elements) this.expression(element.value, scope);
  }

  /** Resolves every name in an expression. */
  expression(expression: Expression, scope: Scope): void {
    switch (expression.kind) {
      case 'Name':
        return this.name(expression, scope);
      case 'Call':
        if (!this.isForeign(expression, scope)) this.callee(expression.callee, scope);
        else for (const call of callsOf(expression.callee)) this.elements(call.arguments, scope);
        return this.elements(expression.arguments, scope);
      case 'Index':
        this.expression(expression.target, scope);
        return this.elements(expression.items, scope);
      case 'Member':
        if (!this.isForeign(expression, scope)) this.expression(expression.target, scope);
        return;
      case 'List':
        return this.elements(expression.items, scope);
      case 'Comprehension':
        return this.expression(expression.value, this.clauses(expression.clauses, scope, expression));
      case 'Tuple':
        for (const item of expression.items) this.expression(item, scope);
        return;
      case 'Unary':
        return this.expression(expression.operand, scope);
      case 'Binary':
        this.expression(expression.left, scope);
        return this.expression(expression.right, scope);
      case 'Range':
        this.expression(expression.from, scope);
        return this.expression(expression.to, scope);
      case 'Conditional':
        this.expression(expression.condition, scope);
        this.expression(expression.then, scope);
        return this.expression(expression.otherwise, scope);
      case 'Pipe':
        this.expression(expression.source, scope);
        this.callee(expression.step, scope);
        if (expression.when !== undefined) this.expression(expression.when, scope);
        return;
      case 'Number':
      case 'String':
      case 'Boolean':
      case 'Off':
      case 'Missing':
        return;
    }
  }

  /** UNET2001, UNET2026: a name must be declared, and defined before it is used. */
  private name(node: NameNode, scope: Scope): void {
    const symbol = lookUp(scope, node.name);
    if (symbol !== undefined) {
      this.symbols.set(node, symbol);
      this.used.add(symbol);
      const declared = declarationOf(symbol);
      if (this.pending.has(symbol) && declared !== undefined) {
        const labels = [{ span: declared.span, text: 'defined here' }];
        this.diagnostics.push(report('UNET2026', { name: node.name }, node.span, { labels }));
      }
      return;
    }
    if (choiceNames.has(node.name) || node.name === '' || this.isForeign(node, scope)) return;
    if (/^[A-Z]/.test(node.name)) return;
    this.reportUnknown('UNET2001', node, this.suggestionFor(node, scope));
  }

  /** Reports an unknown name; names that the same missing `use` explains are one error. */
  private reportUnknown(
    code: 'UNET2001' | 'UNET2004' | 'UNET2027',
    node: NameNode | Identifier,
    extras: Suggestion,
  ): void {
    const { use } = extras;
    const earlier = use === undefined ? undefined : this.missingUses.get(use);
    if (use === undefined || earlier === undefined) {
      if (use !== undefined) this.missingUses.set(use, this.diagnostics.length);
      this.diagnostics.push(report(code, { name: node.name }, node.span, extras));
      return;
    }
    const first = this.diagnostics[earlier];
    if (first === undefined || first.labels.length >= labelLimit) return;
    const label = { span: node.span, text: 'declared there too' };
    this.diagnostics[earlier] = { ...first, labels: [...first.labels, label] };
  }

  /** UNET2001: what is called, and the step of a pipe, is a layer, so a capital letter does not make it an axis. */
  private callee(node: Expression, scope: Scope): void {
    this.expression(node, scope);
    if (node.kind !== 'Name' || !/^[A-Z]/.test(node.name) || lookUp(scope, node.name) !== undefined) return;
    if (!this.symbols.has(node)) this.unknownLayer(node, scope);
  }

  private unknownLayer(node: NameNode, scope: Scope): void {
    this.symbols.set(node, { kind: 'foreign', name: node.name });
    this.reportUnknown('UNET2001', node, this.suggestionFor(node, scope));
  }

  /** UNET2001: reports a call, a member or a name whose first word is unknown here and known in another library. */
  private isForeign(expression: Expression, scope: Scope): boolean {
    const path = dottedPath(calleeOf(expression));
    if (path === undefined || path.root.name === '' || lookUp(scope, path.root.name) !== undefined) return false;
    if (this.comparisons > comparisonLimit) return false;
    if (path.words.length === 1 && this.mayBeOwn(path.root.name, scope)) return false;
    const foreign = foreignHelp(expression, (name) => this.parametersOf(name, scope));
    if (foreign === undefined) return false;
    const { help, fixes, covers } = foreign;
    this.symbols.set(path.root, { kind: 'foreign', name: path.root.name });
    this.diagnostics.push(report('UNET2001', { name: foreign.word }, foreign.span, { help, fixes, covers }));
    return true;
  }

  /** Whether a word is declared in another file, or, unless it is a foreign word by its capital, resembles a visible name. */
  private mayBeOwn(word: string, scope: Scope): boolean {
    if (this.declaredElsewhere(word, ['block']) !== undefined) return true;
    return /^[a-z_]/.test(word) && suggest(word, visibleNames(scope)).length > 0;
  }

  /** The parameters of a built-in layer or function, or of a block that is visible or could be imported. */
  private parametersOf(name: string, scope: Scope): readonly OwnParameter[] | undefined {
    if (builtinNames.has(name)) return builtinParameters(name);
    const symbol = lookUp(scope, name);
    const imported = symbol === undefined ? this.importable(['block']).find((each) => each.name === name) : undefined;
    const block = symbol?.kind === 'block' ? symbol.declaration : imported?.declaration;
    return block?.kind === 'Block' ? blockParameters(block) : undefined;
  }

  /** The knob of a model that an unknown name may be intended for. */
  private addKnob(node: NameNode): readonly Fix[] {
    if (this.openModel === undefined || this.comparisons > comparisonLimit) return [];
    this.comparisons += this.openModel.members.length;
    return addUsedKnob(this.openModel, node, (name) => this.symbols.get(name));
  }

  /**
   * Returns help for an unknown name: the file that declares it, similar names, or a knob to add. Similar names count as
   * used, because they may be what was intended.
   */
  private suggestionFor(node: NameNode, scope: Scope): Suggestion {
    const { name, span } = node;
    const declared = this.declaredElsewhere(name, ['block']);
    if (declared !== undefined) return declared;
    if (this.comparisons > comparisonLimit) return {};
    const candidates = [...visibleNames(scope), ...choiceNames];
    this.comparisons += candidates.length;
    for (const each of suggest(name, candidates)) {
      const symbol = lookUp(scope, each);
      if (symbol !== undefined) this.used.add(symbol);
    }
    const visible = suggestionFor(name, candidates, span);
    const { help, fixes = [] } = visible.help === undefined ? this.suggestImportable(node, ['block']) : visible;
    return { help, fixes: [...fixes, ...this.addKnob(node)] };
  }

  /** The same for the name of a model or protocol. */
  private suggestStatement(node: NameNode | Identifier, kind: 'model' | 'protocol', scope: Scope): Suggestion {
    const kinds = kind === 'model' ? (['model', 'variant'] as const) : (['protocol'] as const);
    const declared = this.declaredElsewhere(node.name, kinds);
    if (declared !== undefined) return declared;
    const known = visibleNames(scope).filter((each) => lookUp(scope, each)?.kind === kind);
    const visible = suggestionFor(node.name, known, node.span);
    return visible.help === undefined ? this.suggestImportable(node, kinds) : visible;
  }

  /** The files that declare a name and could be imported, each with a fix that imports it. */
  private declaredElsewhere(name: string, kinds: readonly ImportableKind[]): Suggestion | undefined {
    const found = this.importable(kinds).filter((each) => each.name === name);
    const [first] = found;
    if (first === undefined) return undefined;
    const uses = [...new Set(found.map(({ use }) => use))];
    const files = uses.map((use) => `\`${use}\``).join(' and ');
    const help =
      uses.length === 1
        ? `The ${kindOf(first)} \`${name}\` is declared in ${files}: add \`use "${first.use}"\`.`
        : `The name is declared in ${files}: add \`use\` for one of them.`;
    const fixes = uses.map((use) => addUse(this.file.node, use));
    return { help, fixes, use: uses.length === 1 ? first.use : undefined };
  }

  /** Similar names that could be imported. */
  private suggestImportable(node: NameNode | Identifier, kinds: readonly ImportableKind[]): Suggestion {
    const candidates = this.importable(kinds);
    this.comparisons += candidates.length;
    return suggestionFor(
      node.name,
      candidates.map(({ name }) => name),
      node.span,
    );
  }

  /** Whether an import could not be read: it may declare the unknown names. */
  private lacksImports(): boolean {
    return this.file.uses.length < this.file.node.statements.filter(({ kind }) => kind === 'Use').length;
  }

  /** What this file could import. */
  private importable(kinds: readonly ImportableKind[]): readonly Importable[] {
    if (this.comparisons > comparisonLimit || this.lacksImports()) return [];
    this.listed ??= this.listImportable();
    return this.listed.filter((each) => kinds.includes(kindOf(each)));
  }
}

/** The calls that a callee consists of: `Conv3D(8, 3)` in `Conv3D(8, 3)(x)`. */
function callsOf(callee: Expression): readonly CallNode[] {
  return callee.kind === 'Call' ? [callee, ...callsOf(callee.callee)] : [];
}

/** Help for an unknown name. */
interface Suggestion {
  readonly help?: string | undefined;
  readonly fixes?: readonly Fix[];
  /** The missing `use` that explains it. */
  readonly use?: string | undefined;
}

type ImportableKind = 'block' | 'model' | 'variant' | 'protocol' | 'study';

function kindOf({ declaration }: Importable): ImportableKind {
  return declaration.kind.toLowerCase() as ImportableKind;
}

/** Entries of a study whose values are names, and what they refer to. */
const studyNames: Readonly<Record<string, 'model' | 'protocol'>> = {
  protocol: 'protocol',
  base: 'model',
  variants: 'model',
  rivals: 'model',
};

/** The parts that the U knows; any other part of a half without parameters is a list. */
const wiredParts = new Set(['stem', 'level', 'down', 'up', 'fit', 'fuse']);

/** Whether a part is a list of the half, such as `widths` or `kernels`. */
export function isList(part: PartNode): boolean {
  return !wiredParts.has(part.name.name) && part.parameters.length === 0;
}

/**
 * The model that a symbol refers to, followed through variants; undefined if a variant is based on itself or does not
 * have a base.
 */
export function modelOf(symbol: Symbol, scopeOf: (file: string) => Scope | undefined): ModelNode | undefined {
  let current: Symbol | undefined = symbol;
  const seen = new Set<Symbol>();
  while (current?.kind === 'model' && !seen.has(current)) {
    seen.add(current);
    const declaration: ModelNode | VariantNode = current.declaration;
    if (declaration.kind === 'Model') return declaration;
    const scope: Scope | undefined = scopeOf(current.file);
    current = scope === undefined ? undefined : lookUp(scope, declaration.base.name);
  }
  return undefined;
}
