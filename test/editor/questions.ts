import type {
  CodeAction,
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentHighlight,
  DocumentLink,
  DocumentSymbol,
  FoldingRange,
  Hover,
  InlayHint,
  Location,
  SelectionRange,
  SemanticTokens,
  SignatureHelp,
  TextEdit,
  WorkspaceEdit,
  WorkspaceSymbol,
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
  signatures: async (client, _, marker) => {
    const help = await client.request<SignatureHelp | null>('textDocument/signatureHelp', at(marker));
    const [signature] = help?.signatures ?? [];
    if (signature === undefined) return 'nothing';
    const active = signature.parameters?.[help?.activeParameter ?? -1];
    const [start, end] = (active?.label ?? [0, 0]) as [number, number];
    const { label } = signature;
    const marked =
      active === undefined ? label : `${label.slice(0, start)}«${label.slice(start, end)}»${label.slice(end)}`;
    const docs = [active?.documentation, signature.documentation].flatMap((each) => {
      return each === undefined ? [] : [typeof each === 'string' ? each : each.value];
    });
    return [marked, ...docs].join('\n');
  },
  selections: async (client, fixture, { uri, position }) => {
    const params = { textDocument: { uri }, positions: [position] };
    const [found] = await client.request<SelectionRange[]>('textDocument/selectionRange', params);
    const lines: string[] = [];
    for (let each = found; each !== undefined; each = each.parent) {
      const text = fixture.documents.get(uri)?.getText(each.range) ?? '';
      const [first = '', ...more] = text.split('\n');
      lines.push(more.length === 0 ? first : `${first} ... ${more.at(-1) ?? ''} (${more.length + 1} lines)`);
    }
    return lines.join('\n');
  },
  'range-formatting': async (client, fixture, { uri, position, text }) => {
    const range = { start: position, end: { line: position.line + Number(text), character: 0 } };
    const params = { textDocument: { uri }, range, options: { tabSize: 2, insertSpaces: true } };
    const edits = await client.request<TextEdit[]>('textDocument/rangeFormatting', params);
    return edits.length === 0 ? 'no edit' : showEdits(fixture, { changes: { [uri]: edits } });
  },
  symbols: async (client, fixture, { text }) => {
    const found = await client.request<WorkspaceSymbol[]>('workspace/symbol', { query: text });
    const lines = found.map(({ name, containerName, location }) => {
      const range = (location as Location).range;
      return `${name} in ${containerName ?? ''}: ${showPlace(fixture, location.uri, range)}`;
    });
    return [`named like "${text}"`, ...lines].join('\n');
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
  links: async (client, fixture, uri) => {
    const links = await client.request<DocumentLink[]>('textDocument/documentLink', { textDocument: { uri } });
    return links
      .map(({ range, target }) => `${showPlace(fixture, uri, range)} to ${withoutFolders(fixture, target ?? '')}`)
      .join('\n');
  },
  tokens: async (client, fixture, uri) => {
    const { data } = await client.request<SemanticTokens>('textDocument/semanticTokens/full', {
      textDocument: { uri },
    });
    const { tokenTypes = [], tokenModifiers = [] } = client.legend ?? {};
    const lines = (fixture.documents.get(uri)?.getText() ?? '').split('\n');
    const shown = new Map<number, string[]>();
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      const [down = 0, right = 0, length = 0, type = 0, bits = 0] = data.slice(i, i + 5);
      character = down === 0 ? character + right : right;
      line += down;
      const modifiers = tokenModifiers.filter((_, bit) => (bits & (1 << bit)) !== 0);
      const word = lines[line]?.slice(character, character + length) ?? '';
      shown.set(line, [...(shown.get(line) ?? []), `  ${word}: ${[tokenTypes[type], ...modifiers].join(' ')}`]);
    }
    return [...shown].map(([at, words]) => [(lines[at] ?? '').trim(), ...words].join('\n')).join('\n');
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
