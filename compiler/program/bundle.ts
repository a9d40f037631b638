import type { Identifier, ModelNode, NameNode, SettingNode, Statement, VariantNode } from '../../grammar/ast.js';
import { writtenName } from '../../grammar/diagnostics/suggest.js';
import { format } from '../../grammar/print.js';
import { createSource, textOf, type Span } from '../../grammar/source.js';
import type { Symbol } from '../bind/symbol.js';
import { baseOf, bindModel, settingSymbols, type Program } from './program.js';

/** A statement that a model can depend on. */
type Part = Extract<Symbol, { kind: 'block' | 'model' }>['declaration'];

/** The input of a bundle: its parts in order, the meanings of names, and the new name of each part. */
interface Contents {
  readonly program: Program;
  readonly symbols: ReadonlyMap<NameNode, Symbol>;
  readonly names: ReadonlyMap<Statement, string>;
}

/**
 * Returns one source text that contains a model and everything it needs: the blocks that it and its settings use, the
 * models that a variant is based on, and, if settings were given from outside, a variant with these settings (the last
 * of each knob). Checking it yields the same network. If two files declare the same name, the later one is renamed, and
 * with it the ids of the steps named after it.
 */
export function bundle(
  program: Program,
  declaration: ModelNode | VariantNode,
  settings: readonly SettingNode[],
): string {
  const model = bindModel(program, declaration, settings);
  const outside = model === undefined ? new Map<NameNode, Symbol>() : settingSymbols(program, model).symbols;
  const symbols = new Map([...program.symbols, ...outside]);
  const parts = reachedParts(program, symbols, declaration, settings);
  const contents: Contents = { program, symbols, names: namesOf(parts) };
  const texts = parts.map((part) => partText(contents, part));
  const name = contents.names.get(declaration) ?? '';
  if (settings.length > 0) {
    const last = [...new Map(settings.map((each) => [each.name.name, each])).values()];
    const values = last.map((each) => `${writtenName(each.name.name)} = ${renamed(contents, each.value.span)}`);
    const own = writtenName(freeName(`${plain(name)}AsRun`, new Set(contents.names.values())));
    texts.push(`model ${own} = ${writtenName(name)} { ${values.join(', ')} }`);
  }
  return format(createSource('spec.unet', `${texts.join('\n\n')}\n`)).text;
}

/** The statements that a model depends on, those of imported files first. */
function reachedParts(
  program: Program,
  symbols: ReadonlyMap<NameNode, Symbol>,
  root: ModelNode | VariantNode,
  settings: readonly SettingNode[],
): readonly Part[] {
  const reached = new Set<Statement>();
  const open: Part[] = [root, ...settings.flatMap((setting) => partsNamed(symbols, setting.value.span))];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (reached.has(part)) continue;
    reached.add(part);
    const base = part.kind === 'Variant' ? baseOf(program.bindings, part) : undefined;
    open.push(...(base === undefined ? [] : [base]), ...partsNamed(symbols, part.span));
  }
  const all = [...program.files.values()].flatMap((file) => file.node.statements);
  return all.filter((statement): statement is Part => reached.has(statement));
}

function partsNamed(symbols: ReadonlyMap<NameNode, Symbol>, span: Span): Part[] {
  return [...symbols].flatMap(([node, symbol]) =>
    isPart(symbol) && isInside(node.span, span) ? [symbol.declaration] : [],
  );
}

function isPart(symbol: Symbol): symbol is Extract<Symbol, { kind: 'block' | 'model' }> {
  return symbol.kind === 'block' || symbol.kind === 'model';
}

function isInside(inner: Span, outer: Span): boolean {
  return inner.source === outer.source && outer.start <= inner.start && inner.end <= outer.end;
}

function namesOf(parts: readonly Part[]): ReadonlyMap<Statement, string> {
  const taken = new Set<string>();
  return new Map(parts.map((part) => [part, freeName(part.name.name, taken)]));
}

/** Returns `name`, or `name` with a number if it is taken, and reserves the result. */
function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let use = 2; taken.has(free); use++) free = `${name}_${use}`;
  taken.add(free);
  return free;
}

function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_');
}

/** A statement as its file contains it, with its comments and documentation. */
function partText(contents: Contents, part: Part): string {
  const doc = part.doc === undefined ? [] : part.doc.split('\n').map((line) => `/// ${line}`.trimEnd());
  return [...doc, renamed(contents, part.span, part)].join('\n');
}

/** The text of a span with every part renamed to its name in the bundle. */
function renamed({ program, symbols, names }: Contents, span: Span, part?: Part): string {
  const edits: { readonly at: NameNode | Identifier; readonly name: string }[] = [];
  const edit = (at: NameNode | Identifier, declaration: Part | undefined): void => {
    const name = declaration === undefined ? undefined : names.get(declaration);
    if (name !== undefined && name !== at.name) edits.push({ at, name });
  };
  for (const [node, symbol] of symbols) if (isPart(symbol) && isInside(node.span, span)) edit(node, symbol.declaration);
  if (part !== undefined) edit(part.name, part);
  if (part?.kind === 'Variant') edit(part.base, baseOf(program.bindings, part));
  edits.sort((a, b) => a.at.span.start - b.at.span.start);
  let text = '';
  let from = span.start;
  for (const { at, name } of edits) {
    text += textOf({ ...span, start: from, end: at.span.start }) + writtenName(name);
    from = at.span.end;
  }
  return text + textOf({ ...span, start: from });
}
