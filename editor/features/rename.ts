import type { Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { writtenName } from '../../grammar/diagnostics/suggest.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import type { SourceFile } from '../../grammar/source.js';
import { builtinNames } from '../../compiler/bind/builtins.js';
import type { NamedKind, Reference } from '../../compiler/bind/references.js';
import { openProgram, visibleProtocols } from '../../compiler/program/program.js';
import type { Identifier } from '../../grammar/ast.js';
import { Analysis } from '../analysis.js';
import { identifiersOf, identifyItems, isIdentifier, modelsOf } from '../identifiers.js';
import { referenceAt, type Place } from '../place.js';
import { uriOf } from '../text/paths.js';
import { toRange } from '../text/positions.js';
import type { Workspace } from '../workspace.js';
import { findUses } from './references.js';

/** The reason why a rename is refused, in a sentence for the user. */
export class RenameRefused extends Error {
  override readonly name = 'RenameRefused';
}

/** The name that would be renamed; throws if it cannot be renamed. */
export function prepareRename(place: Place): { range: Range; placeholder: string } {
  const reference = renamedAt(place);
  return { range: toRange(reference.at.span), placeholder: reference.at.name };
}

/**
 * The edits that rename the name at a place wherever it is used. Refused if the new name is invalid, taken, or would
 * change a meaning: the files are bound again with the edits applied, and must have the same references and no new
 * errors. A protocol that provides an input's values is updated as well.
 */
export function rename(workspace: Workspace, place: Place, name: string): WorkspaceEdit {
  const reference = renamedAt(place);
  const plain = name.trim().replace(/^`(.*)`$/, '$1');
  refuseIllegal(plain, reference.kind);
  if (plain === reference.at.name) return { changes: {} };
  const uses = findUses(workspace, place);
  const sources = sourcesOf(workspace, reference, plain);
  const edits = new Map<SourceFile, TextEdit[]>();
  for (const at of [...uses.map((use) => use.at), ...sources]) {
    const others = edits.get(at.span.source) ?? [];
    edits.set(at.span.source, [...others, { range: toRange(at.span), newText: writtenName(plain) }]);
  }
  refuseOtherMeaning(workspace, reference, uses, plain);
  return { changes: Object.fromEntries([...edits].map(([source, list]) => [uriOf(source.path), list])) };
}

/** The reference whose name would be changed; throws if there is none, or its name is fixed. */
function renamedAt(place: Place): Reference {
  const reference = referenceAt(place);
  if (reference === undefined) throw new RenameRefused('Nothing at this position can be renamed.');
  refuseFixed(reference);
  return reference;
}

const fusionTensors = ['skip', 'up', 'below', 'bottleneck'];

/** Refuses to rename built-in names. */
function refuseFixed({ kind, at }: Reference): void {
  if (kind === 'list' && at.name === 'widths')
    throw new RenameRefused('`widths` is a fixed name: the list of widths by level.');
  if (kind === 'tensor' && fusionTensors.includes(at.name)) {
    throw new RenameRefused(`A fusion receives its tensor under the name \`${at.name}\`.`);
  }
}

const capitals: ReadonlySet<NamedKind> = new Set(['model', 'protocol', 'study', 'axis']);

function refuseIllegal(name: string, kind: NamedKind): void {
  if (name === '') throw new RenameRefused('A name cannot be empty.');
  if (/[`\u0000-\u001F\u007F]/.test(name)) throw new RenameRefused('A name cannot contain backticks or line breaks.');
  if (capitals.has(kind) && !/^[A-Z]/.test(name)) {
    throw new RenameRefused(`\`${name}\` is ${withArticle(kind)}, so it must begin with a capital letter.`);
  }
  if (!capitals.has(kind) && /^[A-Z]/.test(name)) {
    throw new RenameRefused(`\`${name}\` is ${withArticle(kind)}, so it must begin with a lower-case letter.`);
  }
  if (builtinNames.has(name)) throw new RenameRefused(`\`${name}\` is a built-in layer or function.`);
  if (kind === 'tensor' && fusionTensors.includes(name)) {
    throw new RenameRefused(`The name \`${name}\` would turn the block into a fusion.`);
  }
}

function withArticle(kind: NamedKind): string {
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

/**
 * The places where protocols name an identifier input, to be renamed too. Refused if that would affect another model,
 * or the file cannot be edited, because training would fail with the old name in the protocol.
 */
function sourcesOf(workspace: Workspace, { at, declaration }: Reference, name: string): readonly Identifier[] {
  if (declaration.kind !== 'Input' || !isIdentifier(declaration)) return [];
  const { path } = declaration.span.source;
  const programs = workspace.dependents(path).map(({ program }) => program);
  const own = new Set(workspace.paths());
  const found: Identifier[] = [];
  for (const protocol of new Set(programs.flatMap(visibleProtocols))) {
    const named = identifyItems(protocol).flatMap((item) => item.name ?? []);
    const items = named.filter((each) => each.name === at.name);
    if (items.length === 0) continue;
    const home = protocol.span.source.path;
    const use = `The protocol \`${protocol.name.name}\` of \`${home}\` uses \`${at.name}\` in \`identify\``;
    if (named.some((each) => each.name === name)) throw new RenameRefused(`${use}, and it also uses \`${name}\`.`);
    if (!own.has(home)) throw new RenameRefused(`${use}, but it is outside the open folders and cannot be updated.`);
    const models = workspace.dependents(home).flatMap(({ program }) => modelsOf(program));
    const other = models.find((model) =>
      identifiersOf(model).some((input) => input !== declaration && input.name.name === at.name),
    );
    if (other !== undefined) {
      throw new RenameRefused(`${use}, also for an input of \`${other.name.name}\`: rename them manually.`);
    }
    found.push(...items);
  }
  return found;
}

/** Binds every file with the edits applied: there must be no new errors. */
function refuseOtherMeaning(
  workspace: Workspace,
  { declaration, kind }: Reference,
  uses: readonly Reference[],
  name: string,
): void {
  const home = declaration.span.source;
  if (kind === 'axis') {
    const analysis = workspace.analysis(home.path);
    const taken = analysis
      ?.referencesIn(home.path, false)
      .find((each) => each.kind === 'axis' && each.at.name === name && sameStatement(analysis, each, uses));
    if (taken !== undefined) throw new RenameRefused(`\`${name}\` is already an axis here.`);
  }
  const texts = new Map<string, Uint8Array>();
  for (const source of new Set(uses.map(({ at }) => at.span.source))) {
    texts.set(source.path, new TextEncoder().encode(renamedText(source, uses, name)));
  }
  const cache = workspace.forkCache();
  for (const before of workspace.dependents(home.path)) {
    const host = workspace.hostWith(texts);
    const program = openProgram(host, before.root, cache);
    if (program === undefined) continue;
    const fault = newError(before.program.diagnostics, program.diagnostics);
    if (fault !== undefined) throw new RenameRefused(`\`${name}\` is not a valid name here. ${fault.message}`);
    const after = new Analysis(program);
    for (const path of new Set([before.root, home.path])) {
      if (countOf(after, path, name, kind) !== countOf(before, path, name, kind) + usesIn(uses, path)) {
        throw new RenameRefused(`\`${name}\` would refer to something else in \`${path}\`.`);
      }
    }
  }
}

function sameStatement(analysis: Analysis, other: Reference, uses: readonly Reference[]): boolean {
  const file = analysis.fileOf(other.at.span.source.path);
  const around = file?.statements.find(
    ({ span }) => span.start <= other.at.span.start && other.at.span.end <= span.end,
  );
  return (
    around !== undefined && uses.some(({ at }) => around.span.start <= at.span.start && at.span.end <= around.span.end)
  );
}

function usesIn(uses: readonly Reference[], path: string): number {
  return uses.filter(({ at }) => at.span.source.path === path).length;
}

/** The number of references to each kind of name. */
function countOf(analysis: Analysis, path: string, name: string, kind: NamedKind): number {
  return analysis.referencesIn(path, kind === 'parameter').filter((each) => each.at.name === name && each.kind === kind)
    .length;
}

function newError(before: readonly Diagnostic[], after: readonly Diagnostic[]): Diagnostic | undefined {
  const count = (all: readonly Diagnostic[], code: string): number => all.filter((each) => each.code === code).length;
  return after.find(({ code }) => count(after, code) > count(before, code));
}

function renamedText(source: SourceFile, uses: readonly Reference[], name: string): string {
  const spans = uses
    .flatMap(({ at }) => (at.span.source === source ? [at.span] : []))
    .sort((a, b) => a.start - b.start);
  let text = '';
  let from = 0;
  for (const { start, end } of spans) {
    text += source.text.slice(from, start) + writtenName(name);
    from = end;
  }
  return text + source.text.slice(from);
}
