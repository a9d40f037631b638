import type { FileNode, Node, Statement } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import type { SourceFile } from '../../grammar/source.js';
import type { LoadedFile } from '../bind/loaded-file.js';
import { silenceCovered } from '../program/covered.js';

/**
 * Removes follow-up errors: those in text that another error covers, other errors in a member that could not be parsed,
 * and unknown names, parts and uses that such a member (or an unreadable file) may have declared.
 */
export function silenceFollowers(
  files: ReadonlyMap<string, LoadedFile>,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const rest = silenceByNames(files, silenceCovered(diagnostics));
  const broken = rest.filter(({ code }) => code.startsWith('UNET1'));
  const unread = rest.filter(({ code }) => code === 'UNET2010' || code === 'UNET2011');
  if (broken.length === 0 && unread.length === 0) return rest;
  const faults = new Map<SourceFile, BrokenText>();
  for (const { node } of files.values()) {
    const starts = broken.filter(({ span }) => span.source === node.source).map(({ span }) => span.start);
    if (starts.length > 0) faults.set(node.source, readBroken(node, starts));
  }
  const lacking = new Set(unread.map(({ span }) => span.source));
  const written = writtenNames(broken);
  return rest.filter((each) => !follows(each, faults.get(each.span.source), lacking, written));
}

/**
 * Suppresses other errors about a name that is declared twice; missing values of outputs that a misspelt line may have
 * been intended to assign; and unused names in a block without a result.
 */
function silenceByNames(
  files: ReadonlyMap<string, LoadedFile>,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const place = ({ span }: Diagnostic): string => `${span.source.path} ${span.start}`;
  const twice = new Set(diagnostics.filter(({ code }) => code === 'UNET2002').map(place));
  const sources = new Map([...files.values()].map(({ node }) => [node.source, node]));
  const statementOf = ({ span }: Diagnostic): Statement | undefined => {
    const file = sources.get(span.source);
    return file === undefined ? undefined : lastBefore(file.statements, span.start);
  };
  const causes = { UNET2017: 'UNET2008', UNET4001: 'UNET2022' } as const;
  const causing = new Map<string, Set<Statement | undefined>>();
  for (const code of Object.values(causes)) {
    causing.set(code, new Set(diagnostics.filter((each) => each.code === code).map(statementOf)));
  }
  return diagnostics.filter((each) => {
    if (each.code !== 'UNET2002' && twice.has(place(each))) return false;
    if (each.code !== 'UNET2017' && each.code !== 'UNET4001') return true;
    const statements = causing.get(causes[each.code]);
    return statements === undefined || statements.size === 0 || !statements.has(statementOf(each));
  });
}

/** The members that contain the syntax errors of a file, and their statements. */
interface BrokenText {
  readonly file: FileNode;
  readonly members: ReadonlySet<Node>;
  readonly statements: ReadonlySet<Node>;
}

/** Diagnostics about missing parts of a statement: unused, missing, without a value. */
const missingParts = new Set([
  'UNET2012',
  'UNET2017',
  'UNET2022',
  'UNET2023',
  'UNET3052',
  'UNET3062',
  'UNET4001',
  'UNET4002',
  'UNET4004',
]);
/** Diagnostics about names that are not declared. */
const unknownNames = new Set(['UNET2001', 'UNET2004', 'UNET2007', 'UNET2008', 'UNET2027']);

function follows(
  diagnostic: Diagnostic,
  broken: BrokenText | undefined,
  lacking: ReadonlySet<SourceFile>,
  written: ReadonlySet<string>,
): boolean {
  const { code, span, help } = diagnostic;
  if (code.startsWith('UNET1') || code === 'UNET2010' || code === 'UNET2011') return false;
  if (unknownNames.has(code)) {
    if (lacking.has(span.source) && help === undefined) return true;
    if (written.has(span.source.text.slice(span.start, span.end).replaceAll('`', ''))) return true;
  }
  if (broken === undefined) return false;
  const { statement, member } = placeOf(broken.file, span.start);
  if (member !== undefined && broken.members.has(member)) return true;
  return missingParts.has(code) && statement !== undefined && broken.statements.has(statement);
}

function readBroken(file: FileNode, offsets: readonly number[]): BrokenText {
  const places = offsets.map((offset) => placeOf(file, offset));
  return {
    file,
    members: new Set(places.flatMap(({ member }) => member ?? [])),
    statements: new Set(places.flatMap(({ statement }) => statement ?? [])),
  };
}

/**
 * Returns the statement and the innermost member that contains `offset`. Each extends to the beginning of the next one,
 * because the end of a broken one is unknown; the header of a statement is a member of its own, with the name of the
 * statement.
 */
function placeOf(file: FileNode, offset: number): { statement: Statement | undefined; member: Node | undefined } {
  const statement = lastBefore(file.statements, offset);
  if (statement === undefined) return { statement, member: undefined };
  const member = lastBefore(membersOf(statement), offset);
  const part = member?.kind === 'Half' ? lastBefore(member.members, offset) : undefined;
  return { statement, member: part ?? member ?? statement };
}

function lastBefore<T extends { readonly span: Node['span'] }>(nodes: readonly T[], offset: number): T | undefined {
  return nodes.findLast((node) => node.span.start <= offset);
}

function membersOf(statement: Statement): readonly Exclude<Node, Statement>[] {
  switch (statement.kind) {
    case 'Use':
      return [];
    case 'Block':
      return [...statement.parameters, ...statement.members];
    case 'Model':
    case 'Variant':
      return statement.members;
    case 'Protocol':
    case 'Study':
      return statement.entries;
  }
}

/** Names that appear in a broken text where declarations do, whether or not they could be parsed. */
function writtenNames(broken: readonly Diagnostic[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const source of new Set(broken.map(({ span }) => span.source))) {
    const declared =
      /\b(?:block|model|protocol|study|knob|let|param|input|output)\s+`?([^\s`:=({[]+)|(?<!\w)([A-Za-z_]\w*)\s*(?::|\bin\b)/g;
    for (const [, keyword, member] of source.text.matchAll(declared)) names.add(keyword ?? member ?? '');
  }
  return names;
}
