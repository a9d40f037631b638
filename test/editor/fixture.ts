import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import type { Position, Range, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { splitFiles } from '../compiler/check/check-text.js';

/** A cursor in a fixture: where it is, and what is written in it (`<|new_name>`). */
export interface Marker {
  readonly uri: string;
  readonly position: Position;
  readonly text: string;
  /** The line with the cursor in it, for the expected text. */
  readonly line: string;
}

/** A fixture on the disk: its documents without cursors, and the cursors in the order of the text. */
export interface Fixture {
  readonly folder: string;
  readonly documents: ReadonlyMap<string, TextDocument>;
  readonly markers: readonly Marker[];
}

/**
 * Writes the files of a fixture into a folder. `<|>` is a cursor, `// file: NAME` begins another file; the line that
 * names a file stays out of it.
 */
export function writeFixture(folder: string, text: string): Fixture {
  const documents = new Map<string, TextDocument>();
  const markers: Marker[] = [];
  for (const [name, content] of splitFiles(text)) {
    const file = path.join(folder, name);
    const uri = pathToFileURL(file).href;
    const plain = content.replace(/^\n+/, '');
    const document = TextDocument.create(uri, 'unet', 1, plain.replace(/<\|([^>]*)>/g, ''));
    documents.set(uri, document);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, document.getText());
    let removed = 0;
    for (const match of plain.matchAll(/<\|([^>]*)>/g)) {
      const position = document.positionAt(match.index - removed);
      removed += match[0].length;
      const line = document.getText().split('\n')[position.line] ?? '';
      const shown = `${line.slice(0, position.character)}<|>${line.slice(position.character)}`.trim();
      markers.push({ uri, position, text: match[1] ?? '', line: shown });
    }
  }
  return { folder, documents, markers };
}

/** `lib.unet:3:5 let x = ...`: a place as people read it, with its text marked. */
export function showPlace(fixture: Fixture, uri: string, range: Range): string {
  const document = fixture.documents.get(uri);
  const name = path.relative(fixture.folder, fileURLToPath(uri)).split(path.sep).join('/');
  const place = `${name.startsWith('..') ? path.basename(name) : name}:${range.start.line + 1}:${range.start.character + 1}`;
  if (document === undefined) return place;
  const line = document.getText().split('\n')[range.start.line] ?? '';
  const end = range.end.line === range.start.line ? range.end.character : line.length;
  const marked = `${line.slice(0, range.start.character)}«${line.slice(range.start.character, end)}»${line.slice(end)}`;
  return `${place}  ${marked.trim()}`;
}

/** The lines that edits change, as they are after them. */
export function showEdits(fixture: Fixture, edit: WorkspaceEdit): string {
  return Object.entries(edit.changes ?? {})
    .map(([uri, edits]) => {
      const document = fixture.documents.get(uri);
      const name = path.relative(fixture.folder, fileURLToPath(uri)).split(path.sep).join('/');
      if (document === undefined) return `${name}: not of this fixture`;
      return `--- ${name}\n${changedLines(document, edits)}`;
    })
    .join('\n');
}

function changedLines(document: TextDocument, edits: readonly TextEdit[]): string {
  const before = document.getText().split('\n');
  const after = TextDocument.applyEdits(document, [...edits]).split('\n');
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return after.slice(start, after.length - end).join('\n');
}
