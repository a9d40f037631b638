import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentHighlight,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver';
import { root, type Client } from './client.js';
import { showEdits, showPlace, type Fixture, type Marker } from './fixture.js';

/** What is asked at a cursor, and the answer as people read it. */
export type AtCursor = (client: Client, fixture: Fixture, marker: Marker) => Promise<string>;
/** What is asked of a whole document. */
export type OfDocument = (client: Client, fixture: Fixture, uri: string) => Promise<string>;

const at = ({ uri, position }: Marker) => ({ textDocument: { uri }, position });

/** Ours are plain texts. */
function messageOf({ message }: Diagnostic): string {
  return typeof message === 'string' ? message : message.value;
}

/** Paths as they are below the fixture's folder or the repository's. */
function withoutFolders({ folder }: Fixture, text: string): string {
  return text.replaceAll(folder, '').replaceAll(root, '');
}

/** How many proposals are written down; the rest is counted. */
const mostProposals = 12;

export const atCursor: Readonly<Record<string, AtCursor>> = {
  hover: async (client, _, marker) => {
    const hover = await client.request<Hover | null>('textDocument/hover', at(marker));
    return hover === null ? 'nothing' : (hover.contents as { value: string }).value;
  },
  completion: async (client, _, marker) => {
    const items = await client.request<CompletionItem[]>('textDocument/completion', at(marker));
    const sorted = [...items].sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
    const lines = sorted.slice(0, mostProposals).map(({ label, detail, textEdit }) => {
      const text = textEdit?.newText === label ? '' : ` as \`${textEdit?.newText ?? ''}\``;
      return `${label}${text}${detail === undefined ? '' : `  (${detail})`}`;
    });
    const rest = sorted.slice(mostProposals).map(({ label }) => label);
    return [...lines, ...(rest.length === 0 ? [] : [`and ${rest.join(' ')}`])].join('\n') || 'nothing';
  },
  definition: async (client, fixture, marker) => {
    const found = await client.request<Location | Location[] | null>('textDocument/definition', at(marker));
    const places = found === null ? [] : [found].flat();
    return places.map(({ uri, range }) => showPlace(fixture, uri, range)).join('\n') || 'nothing';
  },
  references: async (client, fixture, marker) => {
    const context = { includeDeclaration: true };
    const found = await client.request<Location[]>('textDocument/references', { ...at(marker), context });
    const uses = await client.request<Location[]>('textDocument/references', {
      ...at(marker),
      context: { includeDeclaration: false },
    });
    const lines = found.map(({ uri, range }) => showPlace(fixture, uri, range));
    return [...lines, `${uses.length} without the declaration`].join('\n');
  },
  highlight: async (client, fixture, marker) => {
    const found = await client.request<DocumentHighlight[]>('textDocument/documentHighlight', at(marker));
    return found.map(({ range }) => showPlace(fixture, marker.uri, range)).join('\n') || 'nothing';
  },
  rename: async (client, fixture, marker) => {
    try {
      await client.request('textDocument/prepareRename', at(marker));
      const params = { ...at(marker), newName: marker.text };
      const edit = await client.request<WorkspaceEdit>('textDocument/rename', params);
      return `to ${marker.text}\n${showEdits(fixture, edit)}`;
    } catch (error) {
      return `to ${marker.text}: refused: ${withoutFolders(fixture, (error as Error).message)}`;
    }
  },
  fixes: async (client, fixture, marker) => {
    const range = { start: marker.position, end: marker.position };
    const context = { diagnostics: [] };
    const params = { textDocument: { uri: marker.uri }, range, context };
    const actions = await client.request<CodeAction[]>('textDocument/codeAction', params);
    const lines = actions.map(({ title, diagnostics, edit }) => {
      const message = diagnostics?.[0] === undefined ? '' : (messageOf(diagnostics[0]).split('\n')[0] ?? '');
      return `${withoutFolders(fixture, message)}\n=> ${title}\n${showEdits(fixture, edit ?? {})}`;
    });
    return lines.join('\n\n') || 'nothing';
  },
};

export const ofDocument: Readonly<Record<string, OfDocument>> = {
  outline: async (client, _, uri) => {
    const symbols = await client.request<DocumentSymbol[]>('textDocument/documentSymbol', { textDocument: { uri } });
    const show = (symbol: DocumentSymbol, depth: number): string[] => [
      `${'  '.repeat(depth)}${symbol.name}${symbol.detail === '' ? '' : `  (${symbol.detail})`}  ` +
        `${symbol.range.start.line + 1}-${symbol.range.end.line + 1}`,
      ...(symbol.children ?? []).flatMap((child) => show(child, depth + 1)),
    ];
    return symbols.flatMap((symbol) => show(symbol, 0)).join('\n');
  },
  folding: async (client, fixture, uri) => {
    const ranges = await client.request<FoldingRange[]>('textDocument/foldingRange', { textDocument: { uri } });
    const lines = fixture.documents.get(uri)?.getText().split('\n') ?? [];
    return ranges
      .map(({ startLine, endLine, kind }) => {
        return `${startLine + 1}-${endLine + 1}${kind === undefined ? '' : ` ${kind}`}  ${(lines[startLine] ?? '').trim()}`;
      })
      .join('\n');
  },
  formatting: async (client, fixture, uri) => {
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await client.request<TextEdit[]>('textDocument/formatting', { textDocument: { uri }, options });
    return edits.length === 0 ? 'no edit' : showEdits(fixture, { changes: { [uri]: edits } });
  },
  hints: async (client, fixture, uri) => {
    const text = fixture.documents.get(uri)?.getText() ?? '';
    const range = { start: { line: 0, character: 0 }, end: { line: text.split('\n').length, character: 0 } };
    const hints = await client.request<InlayHint[]>('textDocument/inlayHint', { textDocument: { uri }, range });
    const lines = text.split('\n');
    for (const { position, label } of [...hints].reverse()) {
      const line = lines[position.line] ?? '';
      lines[position.line] =
        `${line.slice(0, position.character)} «${label as string}»${line.slice(position.character)}`;
    }
    return lines.join('\n').trim();
  },
  lenses: async (client, fixture, uri) => {
    const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    return lenses
      .map(({ range, command }) => {
        const given = (command?.arguments ?? []) as { uri: string; model?: string; study?: string }[];
        const models = given
          .map((each) => `${each.uri.split('/').at(-1) ?? ''}#${each.model ?? each.study ?? ''}`)
          .join(' ');
        return `${range.start.line + 1}: [${command?.title ?? ''}] ${command?.command ?? ''} ${models}`;
      })
      .join('\n');
  },
  diagnostics: async (client, fixture, uri) => {
    const found = await client.diagnostics(uri);
    return found
      .map((each) => `${showPlace(fixture, uri, each.range)}\n  ${each.code ?? ''} ${messageOf(each)}`)
      .join('\n');
  },
};
